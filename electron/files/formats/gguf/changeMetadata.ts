import { AppError } from '../../../lib/appError.ts'
import type { ByteSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { createCursor } from './cursor.ts'
import { type GgufEntry, type GgufFile, type GgufScalar, type GgufTensor, isArray, valueBytes } from './ggufFile.ts'
import { encodeGgufHeader, type GgufWriteEntry } from './ggufWriter.ts'
import { paddedTo } from './readTensors.ts'
import type { Stretch } from './splicedSource.ts'

type WithoutKey<Entry> = Entry extends unknown ? Omit<Entry, 'key'> : never
/** `{ type: 'string', value }`, `{ type: 'array', elementType: 'string', value }` … */
export type GgufWriteValue = WithoutKey<GgufWriteEntry>

/** By key; null removes it. */
export type GgufChanges = ReadonlyMap<string, GgufWriteValue | null>

const headBytes = 24

/** What a file with other metadata is made of: everything that does not change is a stretch of the old one. */
export const stretchesOf = async (
  source: ByteSource,
  file: GgufFile,
  changes: GgufChanges,
): Promise<readonly Stretch[]> => {
  if (file.version < 2 || file.byteOrder === 'big')
    throw new FormatError('BAD_VERSION', 'Only little-endian GGUF files of version 2 and 3 can be changed.', {
      offset: 4,
    })
  const { tableOffset, tableEnd } = await findTable(source, file)
  const entries = [...file.metadata.values()]
  const changed = (key: string): Stretch[] => {
    const value = changes.get(key)
    return value ? [{ bytes: encode({ key, ...value }) }] : []
  }
  const pairs = entries.flatMap(({ key, offset }, index): Stretch[] =>
    changes.has(key) ? changed(key) : [{ offset, length: (entries[index + 1]?.offset ?? tableOffset) - offset }],
  )
  for (const key of changes.keys()) if (!file.metadata.has(key)) pairs.push(...changed(key))

  const keyCount = Buffer.alloc(8)
  keyCount.writeBigUInt64LE(BigInt(keysAfter(file, changes).length))
  const table: Stretch = { offset: tableOffset, length: tableEnd - tableOffset }
  const sizes = [...pairs, table].map((stretch) => ('bytes' in stretch ? stretch.bytes.length : stretch.length))
  const end = sizes.reduce((sum, size) => sum + size, headBytes)
  const hasData = file.tensors.length > 0
  const padding = hasData ? paddedTo(file.alignment, end) - end : 0
  const dataOffset = hasData ? file.dataOffset : tableEnd
  return [
    { offset: 0, length: headBytes - keyCount.length },
    { bytes: keyCount },
    ...pairs,
    table,
    { bytes: Buffer.alloc(padding) },
    { offset: dataOffset, length: source.sizeBytes - dataOffset },
  ]
}

/** In the order of the copy. */
const keysAfter = (file: GgufFile, changes: GgufChanges): readonly string[] => [
  ...[...file.metadata.keys()].filter((key) => changes.get(key) !== null),
  ...[...changes].flatMap(([key, value]) => (value === null || file.metadata.has(key) ? [] : key)),
]

const encode = (entry: GgufWriteEntry): Uint8Array => {
  if (entry.key === '' || entry.key.includes('\0')) throw invalid('A key needs a name without NUL characters.')
  try {
    return encodeGgufHeader({ metadata: [entry], tensors: [] }).bytes.subarray(headBytes)
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw cannotHold(entry.key, error)
    throw error
  }
}

/** Where the tensor table lies. The file was read whole before, so every length in it is inside it. */
const findTable = async (source: ByteSource, { metadata, tensors }: GgufFile) => {
  const cursor = createCursor(source, {})
  const text = async () => {
    await cursor.prefetch(8)
    cursor.skip(cursor.u64())
  }
  const last = [...metadata.values()].at(-1)
  cursor.skip(last?.offset ?? headBytes)
  if (last) {
    await text()
    cursor.skip(4)
    if (last.type === 'string') await text()
    else cursor.skip(isArray(last.value) ? 12 + last.value.sizeBytes : valueBytes[last.type])
  }
  const tableOffset = cursor.position
  for (let index = 0; index < tensors.length; index++) {
    await text()
    await cursor.prefetch(4)
    cursor.skip(cursor.u32() * 8 + 12)
  }
  return { tableOffset, tableEnd: cursor.position }
}

const isSameTensor = (one: GgufTensor, other: GgufTensor | undefined): boolean =>
  one.name === other?.name &&
  one.type === other.type &&
  one.offset === other.offset &&
  one.dimensions.join() === other.dimensions.join()

/**
 * The same tensors at the same places, the wished metadata and no other.
 * @throws AppError INVALID_INPUT for a value that is not what was wished, INTERNAL for anything else
 */
export const checkChanged = (before: GgufFile, after: GgufFile, changes: GgufChanges): void => {
  const sameTensors =
    before.alignment === after.alignment &&
    before.tensors.length === after.tensors.length &&
    before.tensors.every((tensor, index) => isSameTensor(tensor, after.tensors[index]))
  if (!sameTensors || keysAfter(before, changes).join('\0') !== [...after.metadata.keys()].join('\0'))
    throw new AppError('INTERNAL', 'The copy does not have the tensors and keys it should have. It was not kept.')
  for (const [key, wished] of changes) {
    const entry = after.metadata.get(key)
    if (wished && !(entry && holds(entry, wished))) throw cannotHold(key)
  }
}

const holds = ({ type, value }: GgufEntry, wished: GgufWriteValue): boolean => {
  if (type !== wished.type) return false
  if (wished.type !== 'array') return !isArray(value) && isSame(value, wished.value)
  if (!isArray(value) || value.elementType !== wished.elementType || value.count !== wished.value.length) return false
  return value.values === null || [...value.values].every((one, index) => isSame(one, wished.value[index]))
}

/** A bool in an array is read as 0 or 1, a float as the nearest one of its width. */
const isSame = (found: GgufScalar, wished: GgufScalar | undefined): boolean => {
  if (found === wished) return true
  if (typeof found === 'string' || typeof wished === 'string' || wished === undefined) return false
  if (typeof found === 'bigint' && typeof wished === 'bigint') return false
  return Object.is(Number(found), Number(wished)) || Object.is(found, Math.fround(Number(wished)))
}

export const invalid = (message: string, cause?: unknown) =>
  new AppError('INVALID_INPUT', message, { advice: 'Correct the metadata and write it again.', cause })

const cannotHold = (key: string, cause?: unknown) =>
  invalid(`The value of "${key.slice(0, 100)}" does not fit into its type.`, cause)
