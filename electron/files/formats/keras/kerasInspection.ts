import type { Check } from '../../../../shared/contract/checks.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import type { Inspection, MetadataRow, ModelFileSummary, TensorRow } from '../modelFile.ts'
import type { KerasConfig } from './checkConfig.ts'

interface Parts {
  readonly format: string
  readonly formatVersion: string | null
  readonly config: KerasConfig | null
  readonly backend: string | null
  readonly tensors: readonly TensorRow[]
  readonly sizeBytes: number
  readonly metadata: readonly MetadataRow[]
  readonly checks: readonly Check[]
}

/** What both kinds of Keras file have in common. */
export const inspectionOf = (parts: Parts): Inspection => {
  const { config, tensors, metadata } = parts
  const summary = summaryOf(parts)
  const layers = [...(config?.layers ?? [])].sort(([, one], [, other]) => other - one).slice(0, 12)
  return {
    summary,
    facts: [
      factGroup('Identity', [
        ['Name', summary.name, 'model configuration'],
        ['Format', parts.format, 'file content'],
        ['Keras', parts.formatVersion, 'keras_version'],
        ['Backend', parts.backend, 'backend'],
      ]),
      factGroup('Architecture', [
        ['Model', config?.modelClass ?? null, 'model configuration'],
        ['Layers', layers.map(([name, count]) => `${name} × ${count}`).join(', '), 'model configuration'],
      ]),
      factGroup('Weights', [
        ['Values', summary.parameterCount, 'HDF5 datasets'],
        ['Tensors', summary.tensorCount, 'HDF5 datasets'],
      ]),
    ].filter(({ facts }) => facts.length > 0),
    metadata,
    tensors,
    templates: [],
  }
}

const summaryOf = ({ format, formatVersion, config, tensors, sizeBytes, checks }: Parts): ModelFileSummary => {
  const numeric = tensors.filter(({ type }) => /^B?F\d+( big-endian)?$/.test(type))
  const elements = numeric.reduce((sum, tensor) => sum + tensor.elements, 0)
  const known = {
    format,
    formatVersion,
    name: config?.name ?? null,
    reason: 'The embedded engine runs GGUF models. Keras models run with Keras, in Python.',
    architecture: config?.modelClass ?? null,
    parameterCount: numeric.length === 0 || !Number.isSafeInteger(elements) ? null : elements,
    sizeBytes,
    checks,
  }
  return fileSummary(known, tensors)
}
