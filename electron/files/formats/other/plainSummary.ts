import type { Check } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import type { ModelFileSummary, TensorRow, TensorTypeShare } from '../modelFile.ts'

interface Known {
  readonly format: string
  readonly sizeBytes: number
  readonly checks: readonly Check[]
  /** what runs it, as a sentence */
  readonly reason: string
  readonly formatVersion?: string | null
  readonly name?: string | null
  readonly role?: ModelRole
  readonly tensors?: readonly TensorRow[]
}

/** The summary of a file of which little is known: everything else is unknown, not zero. */
export const plainSummary = ({
  format,
  sizeBytes,
  checks,
  reason,
  formatVersion = null,
  name = null,
  role = 'unknown',
  tensors = [],
}: Known): ModelFileSummary => ({
  format,
  formatVersion,
  name,
  role,
  loadable: false,
  reason,
  capabilities: [],
  architecture: null,
  parameterCount: null,
  activeParameterCount: null,
  quantization: null,
  bitsPerWeight: null,
  contextLength: null,
  geometry: null,
  tensorTypes: sharesOf(tensors),
  tensorCount: tensors.length,
  dataBytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
  sizeBytes,
  tokenizer: null,
  chatTemplate: null,
  license: null,
  author: null,
  baseModels: [],
  split: null,
  checks,
})

/** Largest first. */
const sharesOf = (tensors: readonly TensorRow[]): TensorTypeShare[] =>
  [...Map.groupBy(tensors, ({ type }) => type)]
    .map(([type, rows]) => ({ type, tensors: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }))
    .sort((one, other) => other.bytes - one.bytes)
