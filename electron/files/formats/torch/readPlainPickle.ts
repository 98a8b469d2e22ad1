import type { ByteSource } from '../byteSource.ts'
import { createFindings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { scanPickle } from '../pickle/scanPickle.ts'
import { placeTensors } from './placeTensors.ts'
import type { TorchContent } from './torchContent.ts'
import { tensorsIn } from './torchTensors.ts'

/** A pickle by itself: what Python, NumPy, scikit-learn (joblib) and PaddlePaddle write. */
export const readPlainPickle = async (
  source: ByteSource,
  options: ReadOptions,
  packing: string | null = null,
): Promise<TorchContent> => {
  const scan = await scanPickle(source, options)
  const structure = createFindings('structure')
  const [first] = scan.pickles
  if (scan.endOffset < source.sizeBytes && scan.isWhole)
    structure.add(
      'note',
      'data-behind',
      `${source.sizeBytes - scan.endOffset} bytes stand behind the pickle.`,
      scan.endOffset,
    )
  const tree = tensorsIn(first?.root ?? null)
  const placed = placeTensors(tree, () => null)
  const isJoblib = scan.globals.some(({ module }) => module.startsWith('joblib.'))
  const tensors = packing === null ? placed.tensors : placed.tensors.map((row) => ({ ...row, offset: null }))
  return {
    format: isJoblib ? 'joblib' : 'Pickle',
    formatVersion:
      [first === undefined ? null : `protocol ${first.protocol}`, packing].filter(Boolean).join(', ') || null,
    tensors,
    dataBytes: placed.dataBytes,
    parameterCount: placed.parameterCount,
    root: first?.root ?? null,
    imports: scan.globals,
    level: scan.level,
    checks: [...placed.checks, ...structure.list, ...scan.checks],
    metadata: [],
  }
}
