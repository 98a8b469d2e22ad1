import { FormatError } from '../formatError.ts'
import { typeOfNumpy } from '../torch/dataTypes.ts'
import { isDict, type Literal, parseLiteral } from './pythonLiteral.ts'

/** The header of one array. Source: numpy/lib/format.py, versions 1.0, 2.0 and 3.0. */
export interface NpyHeader {
  readonly version: string
  /** as a tensor table shows it: F32, I64, U3; `record` for named fields */
  readonly type: string
  /** bytes of one element; null: NumPy's name for the type is not known here, or there are objects */
  readonly itemBytes: number | null
  /** a pickle follows instead of numbers */
  readonly hasObjects: boolean
  readonly isFortran: boolean
  readonly isBigEndian: boolean
  readonly shape: readonly number[]
  /** where the data begins */
  readonly dataOffset: number
}

/** NumPy refuses longer ones from files that it does not trust. */
const longestHeader = 10_000
/** What has to be read to have a whole header. */
export const npyHeadBytes = longestHeader + 12

export const startsLikeNpy = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(0, 6)).toString('latin1') === '\x93NUMPY'

const bad = (message: string, offset = 0) => new FormatError('BAD_HEADER', message, { offset })

/** @throws FormatError BAD_VERSION, TOO_SHORT, HEADER_TOO_LARGE, BAD_HEADER */
export const readNpyHeader = (head: Buffer): NpyHeader => {
  if (head.length < 12)
    throw new FormatError('TOO_SHORT', 'The file ends inside its header. Download it again.', { offset: head.length })
  const version = `${head[6]}.${head[7]}`
  if (version !== '1.0' && version !== '2.0' && version !== '3.0')
    throw new FormatError('BAD_VERSION', `NumPy's file version ${version} does not exist.`, { offset: 6 })
  const start = version === '1.0' ? 10 : 12
  const length = version === '1.0' ? head.readUInt16LE(8) : head.readUInt32LE(8)
  if (length > longestHeader)
    throw new FormatError('HEADER_TOO_LARGE', `The header has ${length} bytes; NumPy reads at most ${longestHeader}.`, {
      offset: 8,
    })
  if (start + length > head.length)
    throw new FormatError('TOO_SHORT', 'The file ends inside its header. Download it again.', { offset: head.length })
  const text = head.toString(version === '3.0' ? 'utf8' : 'latin1', start, start + length)
  const fields = fieldsOf(parseLiteral(text))
  return { version, ...fields, dataOffset: start + length }
}

const fieldsOf = (literal: Literal) => {
  if (!isDict(literal)) throw bad('The header of this NumPy file is no dictionary.')
  const fields = new Map(literal.pairs)
  if (fields.size !== 3 || !['descr', 'fortran_order', 'shape'].every((key) => fields.has(key)))
    throw bad("The header of this NumPy file has other keys than NumPy's three.")
  const shape = fields.get('shape')
  const order = fields.get('fortran_order')
  const descr = fields.get('descr') ?? null
  if (
    !Array.isArray(shape) ||
    shape.length > 64 ||
    !shape.every((side) => Number.isSafeInteger(side) && Number(side) >= 0)
  )
    throw bad('The shape in this NumPy file is no list of sizes.')
  if (typeof order !== 'boolean') throw bad('The order in this NumPy file is neither True nor False.')
  return { ...typeOf(descr), isFortran: order, shape: shape.map(Number) }
}

const typeOf = (descr: Literal) => {
  const hasObjects = mentionsObjects(descr)
  const isBigEndian = typeof descr === 'string' && descr.startsWith('>')
  if (typeof descr === 'string') {
    const type = typeOfNumpy(byName.get(descr) ?? descr.replace(/\[.{1,40}\]$/, ''))
    return {
      type: hasObjects ? 'object' : (type?.label ?? descr.slice(0, 60)),
      itemBytes: hasObjects ? null : (type?.bytes ?? null),
      hasObjects,
      isBigEndian,
    }
  }
  return { type: 'record', itemBytes: hasObjects ? null : sizeOf(descr, 0), hasObjects, isBigEndian }
}

const byName: ReadonlyMap<string, string> = new Map([
  ['bool', '?'],
  ['float16', 'f2'],
  ['float32', 'f4'],
  ['float64', 'f8'],
  ...[1, 2, 4, 8].flatMap((bytes): [string, string][] => [
    [`int${bytes * 8}`, `i${bytes}`],
    [`uint${bytes * 8}`, `u${bytes}`],
  ]),
])

/** `|O`, `O8`, `object`, `f4,O`, or any of them in a record: generous, for a pickle follows then. Names of fields do not count. */
const mentionsObjects = (descr: Literal): boolean => {
  if (typeof descr === 'string') return /O|object/.test(descr)
  if (isDict(descr)) return descr.pairs.some(([, value]) => mentionsObjects(value))
  if (!Array.isArray(descr)) return false
  return descr.some((field) =>
    Array.isArray(field)
      ? field.slice(1).some(mentionsObjects) || mentionsObjects(field[0] ?? null)
      : mentionsObjects(field),
  )
}

/** A record is a list of `(name, type)` or `(name, type, shape)`; a type may be `(type, shape)` itself. */
const sizeOf = (descr: Literal, depth: number): number | null => {
  if (depth > 16) return null
  if (typeof descr === 'string') return typeOfNumpy(descr.replace(/\[.{1,40}\]$/, ''))?.bytes ?? null
  if (!Array.isArray(descr)) return null
  let total = 0
  for (const field of descr) {
    if (!Array.isArray(field) || field.length < 2) return null
    const [, type, shape] = field
    const one = sizeOf(type ?? null, depth + 1)
    if (one === null) return null
    total += one * (Array.isArray(shape) ? shape.reduce<number>((all, side) => all * Number(side), 1) : 1)
  }
  return Number.isSafeInteger(total) && total >= 0 ? total : null
}
