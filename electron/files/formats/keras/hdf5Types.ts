import { damaged, pieceReader, type Widths } from './hdf5Bytes.ts'

/** What the elements of a dataset or an attribute are. */
export interface Hdf5Type {
  /** F32, I64, STRING …; the class for what has no short name */
  readonly name: string
  readonly bytes: number
  /** a text of one length, a text that lies in a heap, or something else */
  readonly text: 'fixed' | 'heap' | null
}

const classes = [
  'integer',
  'float',
  'time',
  'STRING',
  'bits',
  'opaque',
  'compound',
  'reference',
  'enum',
  'list',
  'array',
]

export const readType = (data: Buffer): Hdf5Type => {
  if (data.length < 8) throw damaged('A type is too short.')
  const kind = (data[0] ?? 0) & 15
  const bits = data[1] ?? 0
  const bytes = data.readUInt32LE(4)
  const name = classes[kind] ?? 'unknown'
  if (kind === 0) return { name: `${(bits & 8) === 0 ? 'U' : 'I'}${bytes * 8}`, bytes, text: null }
  if (kind === 1) return { name: floatName(data, bytes) + ((bits & 1) === 0 ? '' : ' big-endian'), bytes, text: null }
  if (kind === 3) return { name, bytes, text: 'fixed' }
  if (kind === 9 && (bits & 15) === 1) return { name: 'STRING', bytes, text: 'heap' }
  return { name, bytes, text: null }
}

/** Of two bytes there are two: the one with eight bits of exponent is BF16. */
const floatName = (data: Buffer, bytes: number) => (bytes === 2 && data[13] === 8 ? 'BF16' : `F${bytes * 8}`)

export interface Hdf5Shape {
  /** null: no value at all */
  readonly dims: readonly number[] | null
}

export const readShape = (data: Buffer, widths: Widths): Hdf5Shape => {
  const piece = pieceReader(data, widths)
  const [version, rank] = [piece.unsigned(1), piece.unsigned(1)]
  if ((version !== 1 && version !== 2) || rank > 32) throw damaged('A shape cannot be.')
  piece.skip(1)
  if (version === 1) piece.skip(5)
  else if (piece.unsigned(1) === 2) return { dims: null }
  return { dims: Array.from({ length: rank }, () => piece.lengthValue()) }
}

/** Infinity when it is more than can be counted. */
export const elementsOf = (dims: readonly number[] | null): number => {
  if (dims === null || dims.includes(0)) return 0
  const product = dims.reduce((all, length) => all * length, 1)
  return Number.isSafeInteger(product) ? product : Number.POSITIVE_INFINITY
}

/** Where the values of a dataset lie. */
export interface Hdf5Layout {
  readonly kind: 'compact' | 'contiguous' | 'chunked' | 'virtual' | 'unknown'
  /** of contiguous data; null: nothing was written */
  readonly address: number | null
  readonly bytes: number | null
}

const kinds = ['compact', 'contiguous', 'chunked', 'virtual'] as const

export const readLayout = (data: Buffer, widths: Widths): Hdf5Layout => {
  const piece = pieceReader(data, widths)
  const version = piece.unsigned(1)
  if (version === 1 || version === 2) {
    const rank = piece.unsigned(1)
    const kind = kinds[piece.unsigned(1)] ?? 'unknown'
    piece.skip(5)
    if (kind === 'compact' || rank > 33) return { kind, address: null, bytes: null }
    return { kind, address: piece.address(), bytes: null }
  }
  if (version > 5) return { kind: 'unknown', address: null, bytes: null }
  const kind = kinds[piece.unsigned(1)] ?? 'unknown'
  if (kind !== 'contiguous') return { kind, address: null, bytes: null }
  return { kind, address: piece.address(), bytes: piece.lengthValue() }
}
