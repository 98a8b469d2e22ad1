import type { Check } from '../../../../shared/contract/checks.ts'
import type { MetadataRow, TensorRow } from '../modelFile.ts'
import type { PickleImport, PickleLevel } from '../pickle/pickleReport.ts'
import type { PickleValue } from '../pickle/pickleValue.ts'

/** What one reader of this folder found in a file, in one shape for all of PyTorch's containers. */
export interface TorchContent {
  readonly format: string
  readonly formatVersion: string | null
  readonly tensors: readonly TensorRow[]
  /** bytes of all storages, each once */
  readonly dataBytes: number
  /** elements, with shared storages counted once; null: no tensors */
  readonly parameterCount: number | null
  readonly root: PickleValue
  readonly imports: readonly PickleImport[]
  readonly level: PickleLevel | null
  readonly checks: readonly Check[]
  /** what the container itself says */
  readonly metadata: readonly MetadataRow[]
  /** what to do with it, as a sentence, where that is not to convert it */
  readonly reason?: string
}
