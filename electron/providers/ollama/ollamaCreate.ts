import type { CreateRequest } from '../../../shared/contract/modelCare.ts'
import { AppError } from '../../lib/appError.ts'
import type { ReportTransfer } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { uploadBlobs } from './ollamaBlobs.ts'
import { listedName, parseNewName } from './ollamaNames.ts'
import { checkParameters } from './ollamaParameters.ts'
import { closeAll, openSource } from './ollamaSource.ts'
import { followTransfer } from './ollamaTransfer.ts'

export interface CreateLimits {
  /** without a word of the conversion */
  readonly quietMs: number
  /** of an upload, without a byte taken */
  readonly stalledMs: number
}

type NewModel = Omit<CreateRequest, 'model'> & { readonly key: string }

/** @returns the name under which it is listed then */
export const createWithOllama = async (
  api: OllamaApi,
  { key, source, quantization, parameters, ...form }: NewModel,
  { quietMs, stalledMs }: CreateLimits,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<string> => {
  const model = listedName(parseNewName(key))
  const checked = parameters === undefined ? {} : { parameters: checkParameters(parameters) }
  await refuseExisting(api, model, signal)
  const made = await madeOf(api, source, stalledMs, report, signal)
  const body = { model, ...made, ...form, ...checked, ...(quantization !== undefined && { quantize: quantization }) }
  await followTransfer(api, { path: '/api/create', body, quietMs }, report, signal).catch(saidPlainly)
  return api.nameOfNew(model, signal)
}

/** What a broken file means to Ollama's reader. */
const saidPlainly = (error: unknown): never => {
  if (error instanceof AppError && error.details?.providerMessage === 'unexpected EOF')
    throw new AppError('FILE_INVALID', 'Ollama cannot use this: the file ends too early.', { cause: error })
  throw error
}

const madeOf = async (
  api: OllamaApi,
  source: CreateRequest['source'],
  stalledMs: number,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<{ from: string } | { files: Record<string, string> }> => {
  if (source.from === 'model') {
    // in another spelling, or when it is not there, Ollama would download it
    const base = await api.listed(source.key, signal)
    if (base === null) throw new AppError('MODEL_NOT_FOUND', `Ollama has no model ${source.key} to begin with.`)
    return { from: base.name }
  }
  const files = await openSource(source)
  try {
    return { files: await uploadBlobs(api, files, stalledMs, report, signal) }
  } finally {
    await closeAll(files)
  }
}

/** A second name for a model; its files are there once. @returns the name under which it is listed then */
export const copyWithOllama = async (api: OllamaApi, key: string, to: string, signal: AbortSignal): Promise<string> => {
  const destination = listedName(parseNewName(to))
  await refuseExisting(api, destination, signal)
  await api.order({ path: '/api/copy', body: { source: key, destination } }, signal)
  return api.nameOfNew(destination, signal)
}

/** Ollama would write over it. */
const refuseExisting = async (api: OllamaApi, name: string, signal: AbortSignal): Promise<void> => {
  const other = await api.listed(name, signal)
  if (other !== null) throw new AppError('MODEL_EXISTS', `Ollama already has a model ${other.name}.`)
}
