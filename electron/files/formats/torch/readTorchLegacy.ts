import type { ByteSource } from '../byteSource.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { startsLikePickle } from '../pickle/looksLikePickle.ts'
import { isNode, type PickleValue } from '../pickle/pickleValue.ts'
import { type PickleScan, scanPickle } from '../pickle/scanPickle.ts'
import { shownText } from '../text.ts'
import { placeTensors, type StoragePlace } from './placeTensors.ts'
import type { TorchContent } from './torchContent.ts'
import { type Storage, storagesIn, tensorsIn } from './torchTensors.ts'

/** The first pickle of a file by PyTorch 0.1.10 to 1.5 is this number. */
const magic = 0x1950a86a20f9469cfc6cn
const signature = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex')

/** The protocol byte may differ, and protocol 4 puts a frame (9 bytes) around it. */
export const startsLikeLegacy = (head: Uint8Array): boolean => {
  const at = head[2] === 0x95 ? 11 : 2
  return head[0] === 0x80 && signature.every((byte, index) => head[index + at] === byte)
}

/**
 * Five pickles in a row (magic number, protocol, system, the object, keys of storages), then each storage as its count of
 * elements (8 bytes) and its bytes.
 */
export const readTorchLegacy = async (source: ByteSource, options: ReadOptions): Promise<TorchContent> => {
  const scan = await scanPickle(source, { ...options, expected: 5 })
  const [first, , , object, keys] = scan.pickles
  const structure = createFindings('structure')
  if (scan.pickles.length < 5 || first?.root !== magic)
    structure.add(
      'broken',
      'legacy-incomplete',
      'The file ends inside its pickles: it is incomplete. Download it again.',
      scan.endOffset,
    )
  const tree = tensorsIn(object?.root ?? null)
  const byKey = storagesIn(object?.root ?? null)
  const behind: PickleScan[] = []
  const places =
    keys === undefined
      ? new Map<string, StoragePlace>()
      : await readStorages(source, { behind, start: keys.endOffset, keys: textsOf(keys.root), byKey, structure })
  const placed = placeTensors(tree, ({ key }) => places.get(key) ?? null)
  return {
    format: 'PyTorch checkpoint',
    formatVersion: 'before 1.6',
    tensors: placed.tensors,
    dataBytes: placed.dataBytes,
    parameterCount: placed.parameterCount,
    root: object?.root ?? null,
    imports: [scan, ...behind].flatMap(({ globals }) => globals),
    level: behind.find(({ level }) => level !== 'data')?.level ?? scan.level,
    checks: [...placed.checks, ...structure.list, ...[scan, ...behind].flatMap(({ checks }) => checks)],
    metadata: [],
  }
}

const textsOf = (value: PickleValue): string[] =>
  isNode(value) && 'items' in value ? value.items.filter((item) => typeof item === 'string') : []

interface Walk {
  readonly start: number
  readonly keys: readonly string[]
  readonly byKey: ReadonlyMap<string, Storage>
  readonly structure: Findings
  /** pickles behind all data */
  readonly behind: PickleScan[]
}

const mostStorages = 100_000

/** A storage that the object does not name has no known element size: what follows it cannot be placed. */
const readStorages = async (source: ByteSource, walk: Walk): Promise<Map<string, StoragePlace>> => {
  const { start, keys, byKey, structure } = walk
  const places = new Map<string, StoragePlace>()
  let position = start
  for (const key of keys.slice(0, mostStorages)) {
    const type = byKey.get(key)?.type
    if (type === undefined) {
      structure.add(
        'note',
        'storage-unknown',
        `The data "${shownText(key)}" belongs to nothing that is listed.`,
        position,
      )
      return places
    }
    if (position + 8 > source.sizeBytes) break
    const head = await source.read(position, 8)
    const count = Number(Buffer.from(head.buffer, head.byteOffset, 8).readBigInt64LE())
    const bytes = count * type.bytes
    if (!(bytes >= 0) || position + 8 + bytes > source.sizeBytes) break
    places.set(key, { offset: position + 8, bytes })
    position += 8 + bytes
  }
  if (places.size < keys.length)
    structure.add(
      'broken',
      'data-truncated',
      'The file ends before its data does: it is incomplete. Download it again.',
      source.sizeBytes,
    )
  else if (position < source.sizeBytes) await checkBehind(source, position, walk)
  return places
}

/** Nothing of PyTorch's reads it; another loader that is told where may. */
const checkBehind = async (source: ByteSource, position: number, { structure, behind }: Walk): Promise<void> => {
  structure.add('note', 'data-behind', `${source.sizeBytes - position} bytes stand behind the data.`, position)
  if (!startsLikePickle(await source.read(position, Math.min(200, source.sizeBytes - position)))) return
  const scan = await scanPickle(source, { offset: position })
  if (scan.isWhole || scan.level === 'dangerous') behind.push(scan)
}
