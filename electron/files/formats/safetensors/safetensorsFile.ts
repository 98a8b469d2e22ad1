import type { Check } from '../../../../shared/contract/checks.ts'
import type { TensorRow } from '../modelFile.ts'

/**
 * A read header:
 *
 *     offset 0      u64 little endian   N, the length of the header in bytes
 *     offset 8      N bytes             JSON in UTF-8: name → { dtype, shape, data_offsets }, `__metadata__` → { text: text }
 *     offset 8 + N                      the tensors' data, one behind the other without a gap to the end of the file
 *
 * Source: huggingface/safetensors, `docs/format.mdx` and `safetensors/src/tensor.rs` (0.8.0).
 */
export interface SafetensorsFile {
  readonly headerBytes: number
  /** where the data begins: 8 + headerBytes */
  readonly dataOffset: number
  /** of all tensors together, as the header says */
  readonly dataBytes: number
  readonly sizeBytes: number
  readonly metadata: ReadonlyMap<string, string>
  /** in the order of their data; offsets are those of the file */
  readonly tensors: readonly TensorRow[]
  /** the data ends before the last tensor does */
  readonly isTruncated: boolean
  /** on the rung of structure */
  readonly findings: readonly Check[]
}
