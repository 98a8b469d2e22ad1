import { damaged, type PieceReader, pieceReader } from './hdf5Bytes.ts'
import type { Hdf5, HeaderMessage } from './hdf5Header.ts'
import { elementsOf, type Hdf5Type, readShape, readType } from './hdf5Types.ts'

export interface Hdf5Attribute {
  readonly name: string
  readonly type: string
  /** texts and single numbers; null: something that is not read here, or longer than allowed */
  readonly value: string | number | null
}

/** a model's description as text */
const mostTextBytes = 4 << 20

export const readAttributes = async (
  file: Hdf5,
  messages: readonly HeaderMessage[],
): Promise<{ readonly attributes: readonly Hdf5Attribute[]; readonly isPartial: boolean }> => {
  const attributes: Hdf5Attribute[] = []
  for (const message of messages)
    if (message.type === 0x0c && !message.isShared) attributes.push(await readAttribute(file, message.data))
  const info = messages.find(({ type }) => type === 0x15)
  return {
    attributes,
    isPartial:
      messages.some(({ type, isShared }) => type === 0x0c && isShared) ||
      (info !== undefined && isDense(file, info.data)),
  }
}

/** Many or large attributes of the newer form lie in a fractal heap. */
const isDense = (file: Hdf5, data: Buffer): boolean => {
  const piece = pieceReader(data, file.widths)
  piece.skip(1)
  if ((piece.unsigned(1) & 1) !== 0) piece.skip(2)
  return piece.address() !== null
}

const readAttribute = async (file: Hdf5, data: Buffer): Promise<Hdf5Attribute> => {
  const piece = pieceReader(data, file.widths)
  const version = piece.unsigned(1)
  const flags = piece.unsigned(1)
  const [nameBytes, typeBytes, shapeBytes] = [piece.unsigned(2), piece.unsigned(2), piece.unsigned(2)]
  if (version === 3) piece.skip(1)
  const part = (length: number): Buffer => {
    const bytes = piece.bytes(length)
    if (version === 1) piece.skip(Math.min(piece.left, (8 - (length % 8)) % 8))
    return bytes
  }
  const name = part(nameBytes).toString('utf8').replace(/\0+$/, '')
  const [typeData, shapeData] = [part(typeBytes), part(shapeBytes)]
  if (version > 1 && (flags & 3) !== 0) return { name, type: 'shared', value: null }
  const type = readType(typeData)
  const elements = elementsOf(readShape(shapeData, file.widths).dims)
  return { name, type: type.name, value: await readValue(file, piece, type, elements) }
}

/** Of one element; of several texts, joined. */
const readValue = async (
  file: Hdf5,
  piece: PieceReader,
  type: Hdf5Type,
  elements: number,
): Promise<string | number | null> => {
  if (elements === 0 || elements > 64) return null
  if (type.text !== null) {
    const texts: string[] = []
    for (let index = 0; index < elements; index++) {
      const text = type.text === 'fixed' ? piece.bytes(type.bytes) : await heapText(file, piece)
      if (text === null) return null
      texts.push(text.toString('utf8').replace(/\0+$/, ''))
    }
    return texts.join(', ')
  }
  if (elements !== 1) return null
  if (/^U\d+$/.test(type.name) && type.bytes <= 8) return piece.unsigned(type.bytes)
  if (type.name === 'I32') return piece.bytes(4).readInt32LE(0)
  if (type.name === 'I64') return Number(piece.bytes(8).readBigInt64LE(0))
  if (type.name === 'F32') return piece.bytes(4).readFloatLE(0)
  return type.name === 'F64' ? piece.bytes(8).readDoubleLE(0) : null
}

const mostHeapObjects = 4096

/** A length, the address of a collection, and the number of the text in it. */
const heapText = async (file: Hdf5, piece: PieceReader): Promise<Buffer | null> => {
  const length = piece.unsigned(4)
  const address = piece.address()
  const wanted = piece.unsigned(4)
  if (length === 0 || address === null || address === 0) return Buffer.alloc(0)
  if (length > mostTextBytes) return null
  const start = file.base + address
  const headBytes = 8 + file.widths.length
  const head = pieceReader(await file.reader.read(start, headBytes), file.widths)
  if (head.bytes(4).toString('latin1') !== 'GCOL') throw damaged('A heap of texts is not there.', start)
  head.skip(4)
  const end = start + head.lengthValue()
  for (let at = start + headBytes, count = 0; at + headBytes <= end && count < mostHeapObjects; count++) {
    const entry = pieceReader(await file.reader.read(at, headBytes), file.widths)
    const index = entry.unsigned(2)
    entry.skip(6)
    const size = entry.lengthValue()
    if (index === wanted) return await file.reader.read(at + headBytes, Math.min(length, size))
    if (index === 0) break
    at += headBytes + Math.ceil(size / 8) * 8
  }
  throw damaged('A text is not in its heap.', start)
}
