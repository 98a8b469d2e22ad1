import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { createFindings } from '../findings.ts'
import type { InspectOptions } from '../format.ts'
import type { Inspection } from '../modelFile.ts'
import { readNpz } from '../numpy/readNpz.ts'
import { scanMembers } from '../pickle/scanMembers.ts'
import { shownText } from '../text.ts'
import { inspectTorch } from '../torch/inspectTorch.ts'
import { readTorchZip } from '../torch/readTorchZip.ts'
import type { TorchContent } from '../torch/torchContent.ts'
import { torchKindOf } from '../torch/torchKind.ts'
import { byteCount } from '../words.ts'
import { openZip, type ZipArchive } from './readZip.ts'
import type { ZipEntry } from './zipEntry.ts'

/** Names of model files that a runtime would load once they are unpacked. */
const modelName =
  /\.(gguf|ggml|safetensors|onnx|pt|pth|ckpt|bin|pkl|pickle|joblib|npy|npz|h5|hdf5|keras|pb|tflite|mlmodel|mar|nemo|pte|pdparams)$/i
const codeName = /\.(py|pyc|so|dll|dylib|pyd|exe|sh|bat|ps1|js)$/i
const packedName = /\.(7z|rar|zst|tar|gz|tgz|xz|bz2|lz4)$/i

/**
 * Any zip archive: PyTorch's and NumPy's as such; of all others the members are listed, the pickles among them followed,
 * archives in it looked into 5 deep.
 */
export const inspectZip = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  const archive = await openZip(source, options)
  const kind = torchKindOf(archive)
  if (kind !== null) return inspectTorch(await readTorchZip(archive, kind, options), source.sizeBytes)
  if (archive.entries.some(({ name }) => /^[^/]+\.npy$/i.test(name)))
    return inspectTorch(await readNpz(archive, options), source.sizeBytes)
  return inspectOther(archive, source.sizeBytes, options)
}

const inspectOther = async (archive: ZipArchive, sizeBytes: number, options: InspectOptions): Promise<Inspection> => {
  const members = await scanMembers(archive, options)
  const files = archive.entries.filter(({ isFolder }) => !isFolder)
  const models = files.filter(({ name }) => modelName.test(name))
  const content: TorchContent = {
    format: formatOf(archive),
    formatVersion: null,
    tensors: [],
    dataBytes: 0,
    parameterCount: null,
    root: null,
    imports: [...members.scans.values()].flatMap(({ globals }) => globals),
    level: members.level,
    reason: 'This is an archive. Unpack it with a program that you trust, and drop the model that is in it.',
    checks: [...members.checks, ...codeChecks(files), ...archive.checks],
    metadata: files.slice(0, 1000).map((entry) => ({
      key: shownText(entry.name),
      type: entry.method === 0 ? 'stored' : 'compressed',
      value: byteCount(entry.sizeBytes),
    })),
  }
  const inspection = inspectTorch(content, sizeBytes)
  const shown = models.slice(0, 20).map(({ name }) => shownText(name))
  const facts = factGroup('Contents', [
    ['Files', files.length, 'table of contents'],
    ['Unpacked', byteCount(files.reduce((sum, { sizeBytes: bytes }) => sum + bytes, 0)), 'table of contents'],
    [
      'Models by name',
      shown.join(', ') + (models.length > shown.length ? ` and ${models.length - shown.length} more` : ''),
      'table of contents',
    ],
  ])
  return { ...inspection, facts: [...inspection.facts, facts] }
}

/** Archives that are known by what is in them. */
const formatOf = ({ entries }: ZipArchive): string => {
  const has = (name: RegExp) => entries.some((entry) => name.test(entry.name))
  if (has(/^MAR-INF\/MANIFEST\.json$/)) return 'TorchServe archive'
  if (has(/^schema\.json$/) && has(/\.npy$/)) return 'skops model'
  return 'Zip archive'
}

const codeChecks = (files: readonly ZipEntry[]) => {
  const findings = createFindings('safety')
  const code = files.filter(({ name }) => codeName.test(name))
  const [first] = code
  if (first !== undefined)
    findings.add(
      'unknown',
      'archive-holds-code',
      `The archive holds programs or scripts (${code.length}): "${shownText(first.name)}".`,
      {
        file: first.name,
        advice: 'Run nothing from it that you do not trust.',
      },
    )
  for (const { name } of files.filter((entry) => packedName.test(entry.name)))
    findings.add('unknown', 'packed-member', `"${shownText(name)}" is packed again and cannot be looked into.`, {
      file: name,
    })
  return findings.list
}
