import type { ModelFileSummary, TensorRow } from './modelFile.ts'
import { tensorTypesOf } from './tensorTypes.ts'

interface Known extends Partial<ModelFileSummary> {
  readonly format: string
  readonly sizeBytes: number
  readonly checks: ModelFileSummary['checks']
  /** why the embedded engine does not load it and what does, as a sentence */
  readonly reason: string
}

/** The summary of a file by what its reader knows: everything else is unknown, not zero. */
export const fileSummary = (known: Known, tensors: readonly TensorRow[] = []): ModelFileSummary => ({
  formatVersion: null,
  name: null,
  label: null,
  role: 'unknown',
  loadable: false,
  capabilities: [],
  architecture: null,
  parameterCount: null,
  activeParameterCount: null,
  quantization: null,
  bitsPerWeight: null,
  contextLength: null,
  geometry: null,
  tensorTypes: tensorTypesOf(tensors),
  tensorCount: tensors.length,
  dataBytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
  tokenizer: null,
  chatTemplate: null,
  license: null,
  author: null,
  baseModels: [],
  split: null,
  ...known,
})
