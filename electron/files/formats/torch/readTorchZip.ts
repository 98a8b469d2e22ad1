import type { PickleValue } from '../pickle/pickleValue.ts'
import { type MemberOptions, scanMembers } from '../pickle/scanMembers.ts'
import type { ZipArchive } from '../zip/readZip.ts'
import { checkMembers, isNative } from './checkMembers.ts'
import { placeTensors, type StoragePlace } from './placeTensors.ts'
import { readExportedWeights } from './readExportedWeights.ts'
import type { TorchContent } from './torchContent.ts'
import { entryCalled, type TorchKind } from './torchKind.ts'
import { type Storage, storagesIn, type TensorTree, tensorsIn } from './torchTensors.ts'

/** PyTorch 1.6 and later: a zip archive with a pickle and one member per storage. */
export const readTorchZip = async (
  archive: ZipArchive,
  kind: TorchKind,
  options: Omit<MemberOptions, 'isTorchScript'>,
): Promise<TorchContent> => {
  const { folder } = kind
  const members = await scanMembers(archive, { ...options, isTorchScript: kind.kind === 'script' })
  const main = entryCalled(archive, `${folder}data.pkl`) ?? [...members.scans.keys()][0] ?? null
  const scan = main === null ? null : (members.scans.get(main) ?? null)
  const root: PickleValue = scan?.pickles[0]?.root ?? null
  const exported = kind.kind === 'export' ? await readExportedWeights(archive, folder) : null
  const tree: TensorTree = exported ?? tensorsIn(root)
  const placed = placeTensors(tree, placesIn(archive, folder))
  return {
    format: kind.label,
    formatVersion: 'zip',
    tensors: placed.tensors,
    dataBytes: placed.dataBytes,
    parameterCount: placed.parameterCount,
    root,
    imports: [...members.scans.values()].flatMap(({ globals }) => globals),
    level: hasOwnCode(kind, archive) && members.level !== 'dangerous' ? 'unknown' : members.level,
    checks: [
      ...placed.checks,
      ...(await checkMembers(archive, kind, new Set(storagesIn(root).keys()))),
      ...members.checks,
      ...archive.checks,
    ],
    metadata: [],
  }
}

/** Whatever the pickles are: the archive itself brings code. */
const hasOwnCode = ({ kind }: TorchKind, archive: ZipArchive): boolean =>
  kind === 'script' || archive.entries.some(({ name }) => (kind === 'package' && /\.py$/i.test(name)) || isNative(name))

const placesIn = (archive: ZipArchive, folder: string) => {
  const byName = new Map(archive.entries.map((entry) => [entry.name.toLowerCase(), entry]))
  return ({ key }: Storage): StoragePlace | null => {
    const lower = key.toLowerCase()
    const places = [`data/${lower}`, `constants/${lower}`, `.data/${lower}.storage`, `data/weights/${lower}`]
    const entry = places.map((place) => byName.get(folder.toLowerCase() + place)).find((found) => found !== undefined)
    if (entry === undefined) return null
    if (entry.method !== 0) return { offset: null, bytes: entry.sizeBytes }
    return { offset: entry.dataOffset, bytes: Math.min(entry.sizeBytes, entry.compressedBytes) }
  }
}
