import type { TensorRow } from '../modelFile.ts'
import type { TorchContent } from '../torch/torchContent.ts'

/** Arrays in the shape that checkpoints have: no keys beside them, no code. */
export const contentOf = (
  format: string,
  formatVersion: string | null,
  tensors: readonly TensorRow[],
): TorchContent => ({
  format,
  formatVersion,
  tensors,
  dataBytes: tensors.reduce((sum, row) => sum + row.bytes, 0),
  parameterCount: tensors.length === 0 ? null : tensors.reduce((sum, row) => sum + row.elements, 0),
  root: null,
  imports: [],
  level: null,
  checks: [],
  metadata: [],
})
