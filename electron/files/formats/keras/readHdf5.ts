import type { ByteSource } from '../byteSource.ts'
import { diagnose } from '../diagnose.ts'
import type { Findings } from '../findings.ts'
import { headBytes, type ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { TensorRow } from '../modelFile.ts'
import { shownText } from '../text.ts'
import { byteCount, grouped } from '../words.ts'
import { type Hdf5Attribute, readAttributes } from './hdf5Attributes.ts'
import { pieceReader } from './hdf5Bytes.ts'
import { readHeap, readLinks } from './hdf5Groups.ts'
import { findSuperblock, type Hdf5, type HeaderMessage, readMessages, readSuperblock } from './hdf5Header.ts'
import { elementsOf, readLayout, readShape, readType } from './hdf5Types.ts'
import { createPagedReader } from './pagedReader.ts'

export interface Hdf5Contents {
  /** of the superblock */
  readonly version: number
  /** of the root group, by name */
  readonly attributes: ReadonlyMap<string, Hdf5Attribute>
  readonly tensors: readonly TensorRow[]
  readonly groups: number
  /** what was not looked into, for people; empty: everything was */
  readonly unread: readonly string[]
}

export interface Hdf5Findings {
  readonly structure: Findings
  readonly safety: Findings
}

const limits = { objects: 100_000, tensors: 100_000, depth: 64 }

interface Walk {
  readonly file: Hdf5
  readonly tensors: TensorRow[]
  readonly unread: Set<string>
  readonly findings: Hdf5Findings
}

/**
 * Groups, datasets and the attributes of the root, without a library and without any values. Links into other files are
 * told and never followed.
 * @throws FormatError when the superblock or the root group cannot be read
 */
export const readHdf5 = async (
  source: ByteSource,
  findings: Hdf5Findings,
  options: ReadOptions = {},
): Promise<Hdf5Contents> => {
  const reader = createPagedReader(source, options)
  const start = await findSuperblock(reader)
  if (start === null)
    throw diagnose(await source.read(0, Math.min(headBytes, source.sizeBytes)), source.sizeBytes, 'HDF5')
  const file = await readSuperblock(reader, start)
  if (file.endOfFile > source.sizeBytes && file.base + file.endOfFile > source.sizeBytes)
    findings.structure.add(
      'broken',
      'file-too-short',
      `The file has ${byteCount(source.sizeBytes)} and says that it has ${grouped(file.endOfFile)}: it is incomplete.`,
      { advice: 'Download it again.' },
    )
  const walk: Walk = { file, tensors: [], unread: new Set(), findings }
  const rootMessages = await readMessages(file, file.root)
  const { attributes, isPartial } = await readAttributes(file, rootMessages)
  if (isPartial) walk.unread.add('attributes in a dense store')
  const groups = await walkGroups(walk)
  if (walk.unread.size === 0 && findings.structure.list.length === 0)
    findings.structure.passed('hdf5', `${walk.tensors.length} tensors in ${groups} groups, all inside the file.`)
  return {
    version: file.version,
    attributes: new Map(attributes.map((attribute) => [attribute.name, attribute])),
    tensors: walk.tensors,
    groups,
    unread: [...walk.unread],
  }
}

interface Waiting {
  readonly address: number
  readonly path: string
  readonly depth: number
}

/** Every object once, however many names lead to it. Returns how many groups there are. */
const walkGroups = async (walk: Walk): Promise<number> => {
  const seen = new Set<number>()
  const waiting: Waiting[] = [{ address: walk.file.root, path: '', depth: 0 }]
  let groups = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.address)) continue
    seen.add(next.address)
    if (seen.size > limits.objects)
      throw new FormatError('TOO_MUCH_WORK', `The file has more than ${limits.objects} objects.`)
    groups += Number(await visit(walk, next, waiting))
  }
  return groups
}

/** A fault in one object leaves the others readable. Returns whether it is a group. */
const visit = async (walk: Walk, place: Waiting, waiting: Waiting[]): Promise<boolean> => {
  try {
    const messages = await readMessages(walk.file, place.address)
    const links = await readLinks(walk.file, messages)
    if (links === null) {
      await addDataset(walk, place, messages)
      return false
    }
    if (links.isPartial) walk.unread.add('groups in a dense store')
    for (const link of links.links.toReversed()) {
      // the first name is taken from the pile first
      const path = place.path === '' ? link.name : `${place.path}/${link.name}`
      if (link.kind === 'object') pushDeeper(walk, waiting, { address: link.address, path, depth: place.depth + 1 })
      if (link.kind === 'unknown') walk.unread.add('links of an unknown kind')
      if (link.kind === 'external') addExternal(walk, path, link.target)
    }
    return true
  } catch (error) {
    if (!(error instanceof FormatError) || error.code === 'TOO_MUCH_WORK') throw error
    walk.findings.structure.add(
      'broken',
      'damaged-object',
      `"/${shownText(place.path, 200)}" cannot be read: ${error.message}`,
      { offset: error.offset, tensor: shownText(place.path, 200) },
    )
    return false
  }
}

const pushDeeper = (walk: Walk, waiting: Waiting[], place: Waiting): void => {
  if (place.depth > limits.depth) walk.unread.add(`groups deeper than ${limits.depth}`)
  else if (place.path.length > 4096) walk.unread.add('names of more than 4,096 letters')
  else waiting.push(place)
}

const addExternal = (walk: Walk, path: string, target: string): void =>
  walk.findings.safety.add(
    'dangerous',
    'hdf5-external-link',
    `"/${shownText(path, 200)}" leads into another file: "${shownText(target, 200)}". Whoever loads this reads that file.`,
    { text: shownText(target, 200), tensor: shownText(path, 200) },
  )

/** Dataspace 1, type 3, external files 7, layout 8 */
const addDataset = async (
  walk: Walk,
  { path, address }: Waiting,
  messages: readonly HeaderMessage[],
): Promise<void> => {
  const { file, findings, tensors } = walk
  const part = (type: number) => messages.find((message) => message.type === type)
  const [space, type, layoutPart, external] = [part(1), part(3), part(8), part(7)]
  if (space === undefined || type === undefined || layoutPart === undefined) return // a named type, not a dataset
  if (external !== undefined) await addExternalFiles(walk, path, external.data)
  if (type.isShared || space.isShared) {
    walk.unread.add('datasets of a shared type')
    return
  }
  const layout = readLayout(layoutPart.data, file.widths)
  const element = readType(type.data)
  const { dims } = readShape(space.data, file.widths)
  const elements = elementsOf(dims)
  const bytes = elements * element.bytes
  const name = `"/${shownText(path, 200)}"`
  if (layout.kind === 'virtual')
    findings.safety.add(
      'dangerous',
      'hdf5-external-storage',
      `${name} is put together from datasets that may lie in other files.`,
      { tensor: shownText(path, 200) },
    )
  if (!Number.isSafeInteger(bytes)) {
    findings.structure.add('broken', 'dataset-too-large', `${name} has more elements than can be counted.`, {
      offset: file.base + address,
      tensor: shownText(path, 200),
    })
    return
  }
  if (bytes > 1000 * file.reader.sizeBytes + (1 << 20))
    findings.safety.add(
      'dangerous',
      'hdf5-shape-bomb',
      `${name} claims ${byteCount(bytes)} in a file of ${grouped(file.reader.sizeBytes)}: a program that loads it runs out of memory.`,
      { tensor: shownText(path, 200) },
    )
  const isHere = layout.kind === 'contiguous' && layout.address !== null && external === undefined
  const offset = isHere && layout.address !== null ? file.base + layout.address : null
  if (offset !== null && offset + bytes > file.reader.sizeBytes)
    findings.structure.add(
      'broken',
      'tensor-outside',
      `${name} ends behind the end of the file: the file is incomplete.`,
      { offset, tensor: shownText(path, 200) },
    )
  if (tensors.length >= limits.tensors)
    throw new FormatError('TOO_MANY_TENSORS', `The file has more than ${limits.tensors} tensors.`)
  tensors.push({ name: path, type: element.name, shape: dims ?? [], elements, bytes, offset, file: null })
}

/** External data files: the values are in them. Version, counts, a heap with their names, then a slot for each. */
const addExternalFiles = async (walk: Walk, path: string, data: Buffer): Promise<void> => {
  const piece = pieceReader(data, walk.file.widths)
  piece.skip(6)
  const used = piece.unsigned(2)
  const heap = piece.address()
  const texts = heap === null ? null : await readHeap(walk.file, heap)
  const target = texts === null || used === 0 ? '?' : await texts(piece.lengthValue())
  walk.findings.safety.add(
    'dangerous',
    'hdf5-external-storage',
    `The values of "/${shownText(path, 200)}" are the bytes of another file: "${shownText(target, 200)}". Whoever loads this reads that file.`,
    { text: shownText(target, 200), tensor: shownText(path, 200) },
  )
}
