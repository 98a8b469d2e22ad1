import { parentPort } from 'node:worker_threads'
import type { ErrorCode } from '../../shared/contract/errors.ts'
import { AppError, type ErrorDetails, messageOf } from '../lib/appError.ts'
import { openFileSource } from './formats/byteSource.ts'
import { FormatError, type ModelFileFormat, toAppError } from './formats/format.ts'
import { ggufFormat } from './formats/gguf/ggufFormat.ts'
import type { MetadataRow, ModelFileSummary } from './formats/modelFile.ts'

/** Paths have their links resolved; of a set the first shard comes first. */
export interface FileQuestion {
  readonly type: 'recognize' | 'summarize' | 'inspect'
  readonly paths: readonly string[]
}

export type FileValue =
  | { readonly type: 'recognize'; readonly recognized: readonly boolean[] }
  | { readonly type: 'summarize'; readonly summary: ModelFileSummary }
  | { readonly type: 'inspect'; readonly summary: ModelFileSummary; readonly metadata: readonly MetadataRow[] }

export type FileAnswer =
  | { readonly error: null; readonly value: FileValue }
  | {
      readonly error: {
        readonly code: ErrorCode
        readonly message: string
        readonly advice: string
        readonly details: ErrorDetails | undefined
      }
    }

const format: ModelFileFormat = ggufFormat
const recognizedBytes = 64

const withSource = async <T>(path: string, use: (source: Awaited<ReturnType<typeof openFileSource>>) => Promise<T>) => {
  const source = await openFileSource(path)
  try {
    return await use(source)
  } finally {
    await source.close()
  }
}

const recognize = (path: string): Promise<boolean> =>
  withSource(path, async (source) =>
    format.recognizes(await source.read(0, Math.min(recognizedBytes, source.sizeBytes))),
  ).catch((error: unknown) => {
    if (error instanceof FormatError) return false
    throw error
  })

const keptText = 500

/** The list is kept in memory as a whole: no single file may make it large. Its details are read anew. */
const forList = (summary: ModelFileSummary): ModelFileSummary => {
  const cut = (_key: string, value: unknown) =>
    typeof value === 'string' && value.length > keptText ? `${value.slice(0, keptText)}…` : value
  return JSON.parse(JSON.stringify({ ...summary, chatTemplate: null }, cut))
}

const value = async ({ type, paths }: FileQuestion): Promise<FileValue> => {
  if (type === 'recognize') return { type, recognized: await Promise.all(paths.map(recognize)) }
  const [first, ...rest] = paths
  if (first === undefined) throw new Error('a question without a file')
  const others = () => Promise.all(rest.map((path) => withSource(path, (source) => format.summarize(source))))
  if (type === 'summarize') {
    const summary = await withSource(first, (source) => format.summarize(source))
    return { type, summary: forList(merged(summary, await others())) }
  }
  const { summary, metadata } = await withSource(first, (source) => format.inspect(source))
  return { type, summary: merged(summary, await others()), metadata }
}

const merged = (first: ModelFileSummary, others: readonly ModelFileSummary[]): ModelFileSummary =>
  others.length === 0 ? first : first

const answer = async (question: FileQuestion): Promise<FileAnswer> => {
  try {
    return { error: null, value: await value(question) }
  } catch (error) {
    const known =
      error instanceof FormatError
        ? toAppError(error)
        : new AppError('FILE_INVALID', `The reader failed on this file: ${messageOf(error)}`, {
            details: { fault: 'READER_FAILED' },
          })
    const { code, message, advice, details } = known
    return { error: { code, message, advice, details } }
  }
}

const port = parentPort
if (!port) throw new Error('fileWorker runs as a worker thread')
port.on('message', (question: FileQuestion) => void answer(question).then((result) => port.postMessage(result)))
port.postMessage('ready')
