import { AppError } from '../../lib/appError.ts'
import type { PullRequest, ReportTransfer } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { comparable, hasNamespace, listedName, parseOllamaName } from './ollamaNames.ts'
import { followTransfer } from './ollamaTransfer.ts'

/**
 * Lets Ollama download a model; it goes on by itself where an earlier one was cut.
 * @param quietMs without a word: a large file is checked in silence
 * @returns the name under which it is listed then
 */
export const pullWithOllama = async (
  api: OllamaApi,
  { name, quantization, insecure = false }: PullRequest,
  quietMs: number,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<string> => {
  const model = wanted(name, quantization)
  await followTransfer(api, { path: '/api/pull', body: { model, insecure }, quietMs }, report, signal)
  return api.nameOfNew(model, signal)
}

/** On Ollama a quantisation is a tag: `hf.co/user/model:Q4_K_M`. */
const wanted = (name: string, quantization: string | undefined): string => {
  const parsed = parseOllamaName(name)
  if (quantization === undefined) return listedName(parsed)
  if (parsed.tag !== null && parsed.tag.toLowerCase() !== quantization.toLowerCase())
    throw new AppError(
      'NAME_INVALID',
      `The name ${name} has a tag already, so the quantisation ${quantization} cannot be chosen.`,
      { advice: 'Leave one of them out: on Ollama a quantisation is a tag.' },
    )
  return listedName(parseOllamaName(listedName({ ...parsed, tag: quantization })))
}

/** Uploads a model to the registry that its name says. */
export const pushWithOllama = async (
  api: OllamaApi,
  { key, insecure }: { readonly key: string; readonly insecure: boolean },
  quietMs: number,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<void> => {
  parseOllamaName(key)
  if (!hasNamespace(key))
    throw new AppError('NAME_INVALID', `The registry wants a namespace, and ${comparable(key)} has none.`, {
      advice: 'Copy the model to your-name/model and upload that one.',
    })
  if ((await api.listed(key, signal)) === null) throw new AppError('MODEL_NOT_FOUND', `Ollama has no model ${key}.`)
  await followTransfer(api, { path: '/api/push', body: { model: key, insecure }, quietMs }, report, signal)
}
