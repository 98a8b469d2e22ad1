import { damaged, type PieceReader, pieceReader, type Widths } from './hdf5Bytes.ts'
import type { PagedReader } from './pagedReader.ts'

/** A file whose superblock was read. Addresses count from `base`. Source: HDF5 File Format Specification 3.0. */
export interface Hdf5 {
  readonly reader: PagedReader
  readonly widths: Widths
  readonly version: number
  /** where the superblock is: bytes of something else before it */
  readonly base: number
  /** of the file, as it says itself */
  readonly endOfFile: number
  /** object header of the root group */
  readonly root: number
}

/** One message of an object header. */
export interface HeaderMessage {
  readonly type: number
  /** what it says lies elsewhere, in another object */
  readonly isShared: boolean
  readonly data: Buffer
}

const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

/** At 0, 512, 1024, 2048 …: null when there is none. */
export const findSuperblock = async (reader: PagedReader): Promise<number | null> => {
  for (let at = 0; at + 96 <= reader.sizeBytes; at = at === 0 ? 512 : at * 2)
    if (signature.equals(await reader.read(at, 8))) return at
  return null
}

export const readSuperblock = async (reader: PagedReader, start: number): Promise<Hdf5> => {
  const bytes = await reader.read(start, Math.min(120, reader.sizeBytes - start))
  const version = bytes[8] ?? 255
  if (version > 3) throw damaged(`Version ${version} of HDF5 is not known.`, start + 8, 'BAD_VERSION')
  const [offset, length] = version < 2 ? [bytes[13], bytes[14]] : [bytes[9], bytes[10]]
  if (!isWidth(offset) || !isWidth(length)) throw damaged('The widths of addresses cannot be.', start)
  const widths = { offset, length }
  const piece = pieceReader(bytes, widths)
  piece.skip(version < 2 ? (version === 1 ? 28 : 24) : 12)
  const base = piece.address() ?? 0
  piece.address()
  const endOfFile = piece.address() ?? 0
  if (version < 2) {
    piece.address()
    piece.lengthValue() // the name of the root group
  }
  const root = piece.address()
  if (root === null) throw damaged('There is no root group.', start)
  return { reader, widths, version, base, endOfFile, root }
}

const isWidth = (width: number | undefined): width is number => width === 2 || width === 4 || width === 8

const mostMessages = 4096
const mostBlockBytes = 1 << 20

/** All messages of an object, continuation blocks included. */
export const readMessages = async (file: Hdf5, address: number): Promise<readonly HeaderMessage[]> => {
  const start = file.base + address
  const head = await file.reader.read(start, Math.min(64, file.reader.sizeBytes - start))
  const isNew = head.toString('latin1', 0, 4) === 'OHDR'
  const { at, length, hasOrder } = isNew ? newHeader(head, start) : oldHeader(head, start)
  const blocks: { at: number; length: number }[] = [{ at, length }]
  const messages: HeaderMessage[] = []
  for (let block = blocks.shift(), count = 0; block !== undefined; block = blocks.shift(), count++) {
    if (count > 64) throw damaged('An object goes on in too many pieces.', start)
    const bytes = await file.reader.read(block.at, Math.min(block.length, mostBlockBytes))
    for (const message of isNew ? newMessages(bytes, file.widths, hasOrder) : oldMessages(bytes, file.widths)) {
      if (messages.length >= mostMessages) throw damaged('An object has too many parts.', start)
      if (message.type === 0x10) blocks.push(continuation(file, message.data, isNew))
      else messages.push(message)
    }
  }
  return messages
}

const oldHeader = (head: Buffer, start: number) => {
  if (head[0] !== 1 || head.length < 16) throw damaged('An object has no header.', start)
  return { at: start + 16, length: head.readUInt32LE(8), hasOrder: false }
}

const newHeader = (head: Buffer, start: number) => {
  const flags = head[5] ?? 0
  const before = 6 + ((flags & 0x20) === 0 ? 0 : 16) + ((flags & 0x10) === 0 ? 0 : 4)
  const width = 1 << (flags & 3)
  const piece = pieceReader(head.subarray(before), { offset: 8, length: 8 })
  return { at: start + before + width, length: piece.unsigned(width), hasOrder: (flags & 4) !== 0 }
}

const continuation = (file: Hdf5, data: Buffer, isNew: boolean) => {
  const piece = pieceReader(data, file.widths)
  const [at, length] = [piece.address() ?? Number.POSITIVE_INFINITY, piece.lengthValue()]
  // a new block has a signature before and a checksum behind
  return isNew ? { at: file.base + at + 4, length: Math.max(0, length - 8) } : { at: file.base + at, length }
}

const oldMessages = (bytes: Buffer, widths: Widths): readonly HeaderMessage[] =>
  messagesOf(pieceReader(bytes, widths), 8, (piece) => {
    const [type, size, flags] = [piece.unsigned(2), piece.unsigned(2), piece.unsigned(1)]
    piece.skip(3)
    return { type, size, flags }
  })

const newMessages = (bytes: Buffer, widths: Widths, hasOrder: boolean): readonly HeaderMessage[] =>
  messagesOf(pieceReader(bytes, widths), hasOrder ? 6 : 4, (piece) => {
    const [type, size, flags] = [piece.unsigned(1), piece.unsigned(2), piece.unsigned(1)]
    if (hasOrder) piece.skip(2)
    return { type, size, flags }
  })

const messagesOf = (
  piece: PieceReader,
  least: number,
  head: (piece: PieceReader) => { type: number; size: number; flags: number },
): readonly HeaderMessage[] => {
  const messages: HeaderMessage[] = []
  while (piece.left >= least) {
    const { type, size, flags } = head(piece)
    const data = piece.bytes(size)
    if (type !== 0) messages.push({ type, isShared: (flags & 2) !== 0, data })
  }
  return messages
}
