import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { factGroup, type Row } from '../factGroup.ts'
import type { MetadataRow, ModelFileSummary } from '../modelFile.ts'
import { byteCount } from '../words.ts'
import type { OnnxModel, OnnxValue } from './onnxModel.ts'

const mostShown = 40

/** What a model says about itself, each fact with the field it was read from. */
export const onnxFacts = (model: OnnxModel, summary: ModelFileSummary): FactGroup[] =>
  [
    factGroup('Identity', [
      ['Graph', model.graphName, 'graph.name'],
      ['Description', model.docString?.slice(0, 500) ?? null, 'doc_string'],
      ['Made by', [model.producer, model.producerVersion].filter((part) => part !== null).join(' '), 'producer_name'],
      ['Domain', model.domain, 'domain'],
      ['Version of the model', model.modelVersion, 'model_version'],
      ['Format', `ONNX ${summary.formatVersion ?? ''}`.trim(), 'ir_version'],
      ['Versions of the operators', opsetText(model), 'opset_import'],
    ]),
    factGroup('Inputs', model.inputs.slice(0, mostShown).map(valueRow('graph.input'))),
    factGroup('Outputs', model.outputs.slice(0, mostShown).map(valueRow('graph.output'))),
    factGroup('Graph', [
      ['Operations', model.nodeCount, 'graph.node'],
      ['Graphs inside operations', model.subgraphCount === 0 ? null : model.subgraphCount, 'graph.node'],
      ['Functions of its own', model.functions.length === 0 ? null : model.functions.length, 'functions'],
      ['Most used operators', operatorText(model), 'graph.node'],
      ['Holds training steps', model.isTraining ? 'yes' : null, 'training_info'],
    ]),
    factGroup('Weights', [
      ['Parameters', summary.parameterCount, 'graph.initializer'],
      ['Quantisation', summary.quantization, 'operators and graph.initializer'],
      ['Bits per weight', summary.bitsPerWeight?.toFixed(2) ?? null, 'graph.initializer'],
      ['Tensors', summary.tensorCount, 'graph.initializer and constants'],
      ['Tensor data', byteCount(summary.dataBytes), 'graph.initializer and constants'],
      ['Files with values', filesText(model), 'external_data'],
    ]),
  ].filter(({ facts }) => facts.length > 0)

const valueRow =
  (source: string) =>
  ({ name, type }: OnnxValue): Row => [name.slice(0, 120), type.slice(0, 300), source]

const opsetText = ({ opsets }: OnnxModel): string =>
  [...opsets]
    .slice(0, mostShown)
    .map(([domain, version]) => `${domain === '' ? 'ai.onnx' : domain.slice(0, 80)} ${version}`)
    .join(', ')

const operatorText = ({ operators }: OnnxModel): string =>
  [...operators]
    .sort(([, one], [, other]) => other - one)
    .slice(0, 12)
    .map(([key, count]) => `${key.slice(key.indexOf('\0') + 1).slice(0, 60)} × ${count}`)
    .join(', ')

const filesText = ({ tensors }: OnnxModel): string => {
  const names = new Set<string>()
  for (const { data } of tensors)
    if (data.kind === 'external') names.add(data.reference.entries.find(([key]) => key === 'location')?.[1] ?? '')
  return [...names]
    .slice(0, 10)
    .map((name) => name.slice(0, 120))
    .join(', ')
}

/** Everything else the file says, long values cut. */
export const onnxMetadata = (model: OnnxModel): MetadataRow[] => [
  ...model.metadata.map(([key, value]) => ({
    key,
    type: 'text',
    value: value.length > 2000 ? `${value.slice(0, 2000)}…` : value,
  })),
  ...[...model.opsets].map(([domain, version]) => ({
    key: `opset_import ${domain === '' ? 'ai.onnx' : domain}`,
    type: 'number',
    value: `${version}`,
  })),
  ...model.functions
    .slice(0, 1000)
    .map(({ domain, name }) => ({ key: `function ${domain}`, type: 'function', value: name })),
]
