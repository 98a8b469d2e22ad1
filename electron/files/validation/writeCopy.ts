import { realpath } from 'node:fs/promises'
import { AppError } from '../../lib/appError.ts'
import { type FileSource, openFileSource } from '../formats/byteSource.ts'
import { headBytes } from '../formats/format.ts'
import { type GgufEntry, isArray, type ValueType } from '../formats/gguf/ggufFile.ts'
import { ggufFormat } from '../formats/gguf/ggufFormat.ts'
import { readGgufSummary } from '../formats/gguf/readGguf.ts'
import { type GgufWriteValue, writeGgufMetadata } from '../formats/gguf/writeGgufMetadata.ts'
import { safetensorsFormat } from '../formats/safetensors/safetensorsFormat.ts'
import { writeSafetensorsMetadata } from '../formats/safetensors/writeMetadata.ts'

/** By key; null takes it out. */
export type MetadataChanges = readonly (readonly [key: string, value: string | null])[]

export interface Copy {
  readonly path: string
  readonly target: string
  readonly changes: MetadataChanges
}

interface CopyOptions {
  readonly signal: AbortSignal
  readonly report: (fraction: number) => void
}

/**
 * A copy of one file with other metadata, written, flushed, read back and compared.
 * @throws AppError INVALID_INPUT, FILE_INVALID, DISK_FULL, PATH_UNUSABLE; FormatError
 */
export const writeCopy = async ({ path, target, changes }: Copy, options: CopyOptions): Promise<void> => {
  assertPlain(changes)
  const source = await openFileSource(await realpath(path))
  try {
    const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
    if (ggufFormat.recognizes(head, source.sizeBytes)) await writeGguf(source, target, changes, options)
    else if (safetensorsFormat.recognizes(head, source.sizeBytes))
      await writeSafetensorsMetadata(source, target, new Map(changes), options)
    else
      throw new AppError('FILE_INVALID', `${path} has no metadata that Berth can write.`, {
        advice: 'Berth writes copies of GGUF and safetensors files.',
      })
  } finally {
    await source.close()
  }
}

/** What every format would write as something else, or not at all. */
const assertPlain = (changes: MetadataChanges): void => {
  const seen = new Set<string>()
  for (const [key, value] of changes) {
    if (!key.isWellFormed() || value?.isWellFormed() === false)
      throw new AppError('INVALID_INPUT', `"${key.toWellFormed()}" has half of a character in it. Correct the text.`)
    if (seen.has(key)) throw new AppError('INVALID_INPUT', `"${key}" is there twice. Say once what it should be.`)
    seen.add(key)
  }
}

const writeGguf = async (
  source: FileSource,
  target: string,
  changes: MetadataChanges,
  options: CopyOptions,
): Promise<void> => {
  const { metadata } = await readGgufSummary(source, options)
  const typed = changes.map(([key, text]) => [key, text === null ? null : typedValue(text, metadata.get(key))] as const)
  await writeGgufMetadata(source, target, new Map(typed), options)
}

/** A key keeps the type it has; a new one is a text. Lists of texts are written as JSON. */
const typedValue = (text: string, entry: GgufEntry | undefined): GgufWriteValue => {
  if (entry === undefined || entry.type === 'string') return { type: 'string', value: text }
  if (isArray(entry.value) || entry.type === 'array') return listOf(text, entry.key, entry.value)
  if (entry.type === 'bool') return { type: 'bool', value: truthOf(text, entry.key) }
  return numberOf(text, entry.key, entry.type)
}

const unfit = (key: string, wanted: string) => new AppError('INVALID_INPUT', `"${key}" is ${wanted} in this file.`)

const truthOf = (text: string, key: string): boolean => {
  if (text !== 'true' && text !== 'false') throw unfit(key, 'true or false')
  return text === 'true'
}

const listOf = (text: string, key: string, old: GgufEntry['value']): GgufWriteValue => {
  if (!isArray(old) || old.elementType !== 'string')
    throw unfit(key, 'a list of numbers, which cannot be changed here,')
  let value: unknown = null
  try {
    value = JSON.parse(text)
  } catch {
    // said below, like any other text that is no list
  }
  const isText = (one: unknown): one is string => typeof one === 'string'
  if (!Array.isArray(value) || !value.every(isText)) throw unfit(key, 'a list of texts, like ["one", "two"],')
  return { type: 'array', elementType: 'string', value }
}

const numberOf = (text: string, key: string, type: Exclude<ValueType, 'string' | 'array' | 'bool'>): GgufWriteValue => {
  const isWhole = /^-?\d{1,20}$/.test(text)
  if (type === 'uint64' || type === 'int64') {
    if (!isWhole) throw unfit(key, 'a whole number')
    return { type, value: BigInt(text) }
  }
  const value = Number(text)
  const isFloat = type === 'float32' || type === 'float64'
  if (text.trim() === '' || !Number.isFinite(value) || (!isFloat && !isWhole))
    throw unfit(key, isFloat ? 'a number' : 'a whole number')
  return { type, value }
}
