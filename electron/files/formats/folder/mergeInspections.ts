import type { Check } from '../../../../shared/contract/checks.ts'
import type { Inspection, MetadataRow, TensorRow, TensorTypeShare } from '../modelFile.ts'
import { mergeTensorTypes } from '../tensorTypes.ts'

/** What several files of one model hold together. */
export interface Merged {
  readonly checks: readonly Check[]
  readonly tensors: readonly TensorRow[]
  readonly metadata: readonly MetadataRow[]
  readonly tensorTypes: readonly TensorTypeShare[]
  readonly tensorCount: number
  readonly dataBytes: number
  readonly sizeBytes: number
  /** null: of some part it is not known */
  readonly parameterCount: number | null
  /** the common one; null: none is known */
  readonly quantization: string | null
}

/** A table for people and checks; what is beyond is counted all the same. */
const mostTensors = 1_000_000
const mostPassed = 40

export const mergeInspections = (parts: readonly Inspection[]): Merged => {
  const sum = (get: (part: Inspection) => number) => parts.reduce((total, part) => total + get(part), 0)
  const counts = parts.map(({ summary }) => summary.parameterCount)
  const largest = [...parts].sort((one, other) => other.summary.dataBytes - one.summary.dataBytes)[0]
  return {
    checks: mergeChecks(parts),
    tensors: parts.flatMap(({ tensors }) => tensors).slice(0, mostTensors),
    metadata: parts[0]?.metadata ?? [],
    tensorTypes: mergeTensorTypes(parts.flatMap(({ summary }) => summary.tensorTypes)),
    tensorCount: sum(({ summary }) => summary.tensorCount),
    dataBytes: sum(({ summary }) => summary.dataBytes),
    sizeBytes: sum(({ summary }) => summary.sizeBytes),
    parameterCount:
      parts.length === 0 || counts.includes(null)
        ? null
        : counts.reduce<number>((total, count) => total + (count ?? 0), 0),
    quantization: largest?.summary.quantization ?? null,
  }
}

/** What was found comes first; what passed in file after file is said for some of them. */
const mergeChecks = (parts: readonly Inspection[]): Check[] => {
  const all = parts.flatMap(({ summary }) => summary.checks)
  const passed = all.filter(({ outcome }) => outcome === 'passed')
  return [...all.filter(({ outcome }) => outcome !== 'passed'), ...passed.slice(0, mostPassed)]
}
