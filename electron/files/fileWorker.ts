import { parentPort } from 'node:worker_threads'
import type { ErrorCode } from '../../shared/contract/errors.ts'
import type { Comparison } from '../../shared/contract/files.ts'
import { AppError, type ErrorDetails, messageOf } from '../lib/appError.ts'
import { type FileSource, openFileSource } from './formats/byteSource.ts'
import type { ModelFileFormat } from './formats/format.ts'
import { FormatError, toAppError } from './formats/formatError.ts'
import { ggufFormat } from './formats/gguf/ggufFormat.ts'
import { type GgufPart, inspectGguf } from './formats/gguf/inspectGguf.ts'
import { readGguf, readGgufSummary } from './formats/gguf/readGguf.ts'
import { mergeShards, type Shard, type ShardSet } from './formats/gguf/shards.ts'
import type { Inspection, ModelFileSummary } from './formats/modelFile.ts'
import type { Examination, RungEvent } from './validation/examination.ts'
import type { TensorPage, TensorQuery } from './validation/tensors.ts'
import type { MetadataChanges } from './validation/writeCopy.ts'

export interface ModelFile {
  /** as it was found */
  readonly name: string
  /** its links resolved */
  readonly path: string
  /** device and inode it had when it was found; null: whatever is there */
  readonly identity: string | null
}

/** One model: a file, or every shard of a set. */
export interface ModelFiles {
  /** first shard first */
  readonly files: readonly ModelFile[]
  readonly set: ShardSet | null
}

export type FileQuestion =
  | { readonly type: 'recognize'; readonly paths: readonly string[] }
  | ({ readonly type: 'summarize' } & ModelFiles)
  | ({ readonly type: 'inspect' } & ModelFiles)
  | { readonly type: 'examine'; readonly path: string }
  | ({ readonly type: 'tensors'; readonly path: string } & TensorQuery)
  | { readonly type: 'compare'; readonly left: string; readonly right: string }
  | { readonly type: 'write'; readonly path: string; readonly target: string; readonly changes: MetadataChanges }

/** A question, or the wish that the one under way ends. */
export type FileOrder = FileQuestion | { readonly type: 'cancel' }

export type FileValue =
  | { readonly type: 'recognize'; readonly recognized: readonly boolean[] }
  | { readonly type: 'summarize'; readonly summary: ModelFileSummary }
  | { readonly type: 'inspect'; readonly inspection: Inspection }
  | { readonly type: 'examine'; readonly examination: Examination | null }
  | ({ readonly type: 'tensors' } & TensorPage)
  | { readonly type: 'compare'; readonly comparison: Comparison }
  | { readonly type: 'write' }

/** What is found on the way to an answer. */
export type FileEvent = RungEvent | { readonly fraction: number }

export type FileAnswer =
  | { readonly event: FileEvent }
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

const withSource = async <T>(
  { path, identity }: Pick<ModelFile, 'path' | 'identity'>,
  use: (source: FileSource) => Promise<T>,
): Promise<T> => {
  const source = await openFileSource(path)
  try {
    // Without an inode (some network disks) two files cannot be told apart.
    if (identity !== null && source.identity !== identity && !source.identity.endsWith(':0'))
      throw new FormatError('READ_FAILED', 'Another file took the place of this one while it was scanned.')
    return await use(source)
  } finally {
    await source.close()
  }
}

const recognize = (path: string): Promise<boolean> =>
  withSource({ path, identity: null }, async (source) =>
    format.recognizes(await source.read(0, Math.min(recognizedBytes, source.sizeBytes)), source.sizeBytes),
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

const some = <T>(list: readonly T[]): readonly [T, ...T[]] => {
  const [first, ...rest] = list
  if (first === undefined) throw new Error('a question without a file')
  return [first, ...rest]
}

/** The other formats have no sets. The first shard carries the metadata, so only it is read whole for a details page. */
const readSet = async ({ files }: ModelFiles, set: ShardSet, isWhole: boolean) => {
  const shards: Shard[] = []
  for (const [index, file] of files.entries()) {
    const read = index === 0 && isWhole ? readGguf : readGgufSummary
    shards.push({ fileName: file.name, file: await withSource(file, (source) => read(source)) })
  }
  return { summary: mergeShards(set, shards), parts: some<GgufPart>(shards) }
}

const summarize = async (asked: ModelFiles): Promise<ModelFileSummary> =>
  asked.set
    ? (await readSet(asked, asked.set, false)).summary
    : await withSource(some(asked.files)[0], (source) => format.summarize(source))

const inspect = async (asked: ModelFiles): Promise<Inspection> => {
  if (!asked.set) return await withSource(some(asked.files)[0], (source) => format.inspect(source))
  const { summary, parts } = await readSet(asked, asked.set, true)
  return inspectGguf(summary, parts)
}

const value = async (question: FileQuestion, signal: AbortSignal): Promise<FileValue> => {
  switch (question.type) {
    case 'recognize':
      return { type: question.type, recognized: await Promise.all(question.paths.map(recognize)) }
    case 'summarize':
      return { type: question.type, summary: forList(await summarize(question)) }
    case 'inspect':
      return { type: question.type, inspection: await inspect(question) }
    default:
      return await validationValue(question, signal)
  }
}

/** With its formats most of the code here: not before somebody validates. */
const validationValue = async (
  question: Exclude<FileQuestion, { type: 'recognize' | 'summarize' | 'inspect' }>,
  signal: AbortSignal,
): Promise<FileValue> => {
  const { climb, compare, tensorsOf, writeCopy } = await import('./validation/questions.ts')
  switch (question.type) {
    case 'examine':
      return {
        type: question.type,
        examination: await climb(question.path, { signal, emit: (event) => send({ event }) }),
      }
    case 'tensors':
      return { type: question.type, ...(await tensorsOf(question.path, question, signal)) }
    case 'compare':
      return { type: question.type, comparison: await compare(question.left, question.right, signal) }
    case 'write':
      await writeCopy(question, { signal, report: (fraction) => send({ event: { fraction } }) })
      return { type: question.type }
  }
}

const answer = async (question: FileQuestion): Promise<Exclude<FileAnswer, { event: unknown }>> => {
  const controller = new AbortController()
  underWay = controller
  try {
    return { error: null, value: await value(question, controller.signal) }
  } catch (error) {
    const known =
      error instanceof AppError
        ? error
        : error instanceof FormatError
          ? toAppError(error)
          : controller.signal.aborted
            ? new AppError('CANCELLED')
            : new AppError('FILE_INVALID', `The reader failed on this file: ${messageOf(error)}`, {
                details: { fault: 'READER_FAILED' },
              })
    const { code, message, advice, details } = known
    return { error: { code, message, advice, details } }
  }
}

const port = parentPort
if (!port) throw new Error('fileWorker runs as a worker thread')
const send = (message: FileAnswer): void => port.postMessage(message)
/** one question at a time: the next comes after the answer */
let underWay: AbortController | null = null
port.on('message', (order: FileOrder) => {
  if (order.type === 'cancel') underWay?.abort()
  else void answer(order).then(send)
})
port.postMessage('ready')
