import { damaged, pieceReader, textOf } from './hdf5Bytes.ts'
import type { Hdf5, HeaderMessage } from './hdf5Header.ts'

/** A name in a group and what it leads to. */
type Hdf5Link =
  | { readonly kind: 'object'; readonly name: string; readonly address: number }
  | { readonly kind: 'soft'; readonly name: string; readonly target: string }
  | { readonly kind: 'external'; readonly name: string; readonly target: string }
  | { readonly kind: 'unknown'; readonly name: string }

export interface Hdf5Links {
  readonly links: readonly Hdf5Link[]
  /** links lie in a form that is not read here */
  readonly isPartial: boolean
}

const mostLinks = 100_000

/** null: the object is no group. */
export const readLinks = async (file: Hdf5, messages: readonly HeaderMessage[]): Promise<Hdf5Links | null> => {
  const table = messages.find(({ type }) => type === 0x11)
  if (table !== undefined) return { links: await oldLinks(file, table.data), isPartial: false }
  const info = messages.find(({ type }) => type === 0x02)
  const links = messages.filter(({ type }) => type === 0x06).map(({ data }) => linkOf(file, data))
  if (info === undefined && links.length === 0) return null
  return { links, isPartial: info !== undefined && isDense(file, info.data) }
}

/** Many links of the newer form lie in a fractal heap. */
const isDense = (file: Hdf5, data: Buffer): boolean => {
  const piece = pieceReader(data, file.widths)
  piece.skip(1)
  if ((piece.unsigned(1) & 1) !== 0) piece.skip(8)
  return piece.address() !== null
}

const linkOf = (file: Hdf5, data: Buffer): Hdf5Link => {
  const piece = pieceReader(data, file.widths)
  piece.skip(1)
  const flags = piece.unsigned(1)
  const type = (flags & 8) === 0 ? 0 : piece.unsigned(1)
  if ((flags & 4) !== 0) piece.skip(8)
  if ((flags & 16) !== 0) piece.skip(1)
  const name = piece.bytes(piece.unsigned(1 << (flags & 3))).toString('utf8')
  if (type === 0) return objectLink(name, piece.address())
  const value = piece.bytes(piece.unsigned(2))
  if (type === 1) return { kind: 'soft', name, target: value.toString('utf8') }
  return type === 64 ? { kind: 'external', name, target: externalTarget(value) } : { kind: 'unknown', name }
}

const objectLink = (name: string, address: number | null): Hdf5Link =>
  address === null ? { kind: 'unknown', name } : { kind: 'object', name, address }

/** A version byte, the name of a file, the name of an object in it. */
const externalTarget = (value: Buffer): string => textOf(value.subarray(1))

/** A tree of the names, and a heap with their texts. */
const oldLinks = async (file: Hdf5, data: Buffer): Promise<readonly Hdf5Link[]> => {
  const piece = pieceReader(data, file.widths)
  const [tree, heap] = [piece.address(), piece.address()]
  if (tree === null || heap === null) throw damaged('A group has no table.')
  const texts = await readHeap(file, heap)
  const links: Hdf5Link[] = []
  for (const table of await tablesOf(file, tree)) {
    for (const link of await tableLinks(file, table, texts)) links.push(link)
    if (links.length > mostLinks) throw damaged('A group has too many names.', null, 'TOO_MUCH_WORK')
  }
  return links
}

/** Texts by their offset in a local heap. */
export const readHeap = async (file: Hdf5, address: number): Promise<(offset: number) => Promise<string>> => {
  const { offset, length } = file.widths
  const head = pieceReader(await file.reader.read(file.base + address, 8 + 2 * length + offset), file.widths)
  if (head.bytes(4).toString('latin1') !== 'HEAP') throw damaged('A heap of names is not there.', file.base + address)
  head.skip(4)
  const size = head.lengthValue()
  head.lengthValue()
  const start = file.base + (head.address() ?? Number.POSITIVE_INFINITY)
  return async (at) => {
    if (!(at < size)) throw damaged('A name lies outside of its heap.')
    return textOf(await file.reader.read(start + at, Math.min(size - at, 1024)))
  }
}

const mostNodes = 20_000

/** The leaves of a tree, whatever its depth. A node is visited once. */
const tablesOf = async (file: Hdf5, root: number): Promise<readonly number[]> => {
  const { offset, length } = file.widths
  const tables: number[] = []
  const seen = new Set<number>()
  const waiting = [root]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at) || seen.size > mostNodes) throw damaged('A group has a table that cannot be.', file.base + at)
    seen.add(at)
    const head = pieceReader(await file.reader.read(file.base + at, 8 + 2 * offset), file.widths)
    if (head.bytes(4).toString('latin1') !== 'TREE' || head.unsigned(1) !== 0)
      throw damaged('A table of names is not there.', file.base + at)
    const level = head.unsigned(1)
    const count = head.unsigned(2)
    const entries = pieceReader(
      await file.reader.read(file.base + at + 8 + 2 * offset, count * (offset + length)),
      file.widths,
    )
    for (let index = 0; index < count; index++) {
      entries.lengthValue()
      const child = entries.address()
      if (child !== null) (level === 0 ? tables : waiting).push(child)
    }
  }
  return tables
}

const tableLinks = async (
  file: Hdf5,
  table: number,
  texts: (offset: number) => Promise<string>,
): Promise<readonly Hdf5Link[]> => {
  const { offset } = file.widths
  const head = await file.reader.read(file.base + table, 8)
  if (head.toString('latin1', 0, 4) !== 'SNOD') throw damaged('A table of names is not there.', file.base + table)
  const count = head.readUInt16LE(6)
  const entries = pieceReader(await file.reader.read(file.base + table + 8, count * (2 * offset + 24)), file.widths)
  const links: Hdf5Link[] = []
  for (let index = 0; index < count; index++) {
    const nameAt = entries.unsigned(offset)
    const address = entries.address()
    const kind = entries.unsigned(4)
    entries.skip(4)
    const scratch = entries.bytes(16)
    const name = await texts(nameAt)
    if (kind === 2) links.push({ kind: 'soft', name, target: await texts(scratch.readUInt32LE(0)) })
    else links.push(objectLink(name, address))
  }
  return links
}
