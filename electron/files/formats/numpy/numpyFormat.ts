import type { ByteSource } from '../byteSource.ts'
import { diagnose } from '../diagnose.ts'
import { createFindings } from '../findings.ts'
import { headBytes, type InspectOptions, type ModelFileFormat } from '../format.ts'
import type { Inspection } from '../modelFile.ts'
import { scanPickle } from '../pickle/scanPickle.ts'
import { inspectTorch } from '../torch/inspectTorch.ts'
import type { TorchContent } from '../torch/torchContent.ts'
import { openZip, startsLikeZip } from '../zip/readZip.ts'
import { arrayOf } from './arrayOf.ts'
import { contentOf } from './contentOf.ts'
import { npyHeadBytes, readNpyHeader, startsLikeNpy } from './readNpy.ts'
import { readNpz } from './readNpz.ts'

/** One array (`.npy`), or a zip of them (`.npz`). Arrays of objects are pickles. */
export const numpyFormat: ModelFileFormat = {
  name: 'NumPy',
  recognizes: (head) => startsLikeNpy(head) || (startsLikeZip(head) && firstIsArray(head)),
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

/** The name of the first member ends so. */
const firstIsArray = (head: Uint8Array): boolean => {
  const length = (head[26] ?? 0) + 256 * (head[27] ?? 0)
  return Buffer.from(head.subarray(30, 30 + length))
    .toString('latin1')
    .endsWith('.npy')
}

const inspect = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  options.signal?.throwIfAborted()
  const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
  if (startsLikeZip(head)) return inspectTorch(await readNpz(await openZip(source, options), options), source.sizeBytes)
  if (!startsLikeNpy(head)) throw diagnose(head, source.sizeBytes, 'NumPy')
  return inspectTorch(await readNpy(source, options), source.sizeBytes)
}

const readNpy = async (source: ByteSource, options: InspectOptions): Promise<TorchContent> => {
  const read = await source.read(0, Math.min(npyHeadBytes, source.sizeBytes))
  const header = readNpyHeader(Buffer.from(read.buffer, read.byteOffset, read.length))
  const structure = createFindings('structure')
  const name = (options.fileName ?? 'array').replace(/\.npy$/i, '')
  const row = arrayOf(header, { name, sizeBytes: source.sizeBytes, offset: 0 }, structure)
  const scan = header.hasObjects ? await scanPickle(source, { ...options, offset: header.dataOffset }) : null
  const checks = [...structure.list, ...(scan?.checks ?? [])]
  if (checks.length === 0) structure.passed('array-in-file', 'The array is all inside the file.')
  return {
    ...contentOf('NumPy array', header.version, row === null ? [] : [row]),
    imports: scan?.globals ?? [],
    level: scan?.level ?? null,
    checks: [...structure.list, ...(scan?.checks ?? [])],
  }
}
