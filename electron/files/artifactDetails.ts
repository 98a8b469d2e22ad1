import type { ProviderDetails } from '../providers/provider.ts'
import type { MetadataRow, ModelFileSummary, PerLayer } from './formats/modelFile.ts'
import type { CatalogArtifact } from './scanFolder.ts'

type Row = readonly [label: string, value: string | number | null, source: string]

const group = (title: string, rows: readonly Row[]) => ({
  title,
  facts: rows.flatMap(([label, value, source]) =>
    value === null || value === ''
      ? []
      : [{ label, value: typeof value === 'number' ? value.toLocaleString('en-US') : value, source }],
  ),
})

const fileSystem = (artifact: CatalogArtifact) =>
  group('Files', [
    ['Path', artifact.path, 'file system'],
    ['Size', `${artifact.sizeBytes.toLocaleString('en-US')} bytes`, 'file system'],
    ['Files', artifact.files.length > 1 ? artifact.files.length : null, 'file system'],
    ['Changed', new Date(artifact.modifiedAt).toISOString(), 'file system'],
  ])

const filesOf = (artifact: CatalogArtifact) => artifact.files.map(({ path, sizeBytes }) => ({ path, sizeBytes }))

const perLayer = (value: PerLayer | null): string | number | null => {
  if (value === null || typeof value === 'number') return value
  const least = Math.min(...value)
  const most = Math.max(...value)
  return value.length === 0 ? null : least === most ? most : `${least} to ${most}, by layer`
}

const unit = (value: number | null, name: string) =>
  value === null ? null : `${value.toLocaleString('en-US')} ${name}`

/** Everything a details page shows of a model file, each fact with where it was read. */
export const artifactDetails = (
  artifact: CatalogArtifact,
  { summary, metadata }: { summary: ModelFileSummary; metadata: readonly MetadataRow[] },
): ProviderDetails => {
  const { architecture, geometry } = summary
  const own = (key: string) => `${architecture ?? '?'}.${key}`
  const has = (key: string) => metadata.some((row) => row.key === key)
  const text = (key: string) => metadata.find((row) => row.key === key)?.value ?? null
  const general = (label: string, key: string): Row => [label, text(key), key]
  return {
    groups: [
      group('Identity', [
        has('general.name') ? general('Name', 'general.name') : ['Name', artifact.name, 'file system'],
        general('Description', 'general.description'),
        ['What it is for', summary.role, 'metadata and tensor names'],
        ['Capabilities', summary.capabilities.join(', '), 'metadata and tensor names'],
        ['Format', `${summary.format} ${summary.formatVersion}`, 'file header'],
        general('Author', 'general.author'),
        general('Organisation', 'general.organization'),
        general('Quantised by', 'general.quantized_by'),
        ['Made from', summary.baseModels.join(', '), 'general.base_model'],
        general('Licence', 'general.license'),
        general('Address', 'general.url'),
      ]),
      group('Architecture', [
        ['Architecture', architecture, 'general.architecture'],
        ['Parameters', summary.parameterCount, 'tensor table'],
        [
          'Parameters used for one token',
          summary.activeParameterCount === summary.parameterCount ? null : summary.activeParameterCount,
          'tensor table',
        ],
        ['Context length', unit(summary.contextLength, 'tokens'), own('context_length')],
        ['Embedding length', geometry.embeddingLength, own('embedding_length')],
        ['Layers', geometry.blockCount, own('block_count')],
        ['Attention heads', perLayer(geometry.headCount), own('attention.head_count')],
        ['Key/value heads', perLayer(geometry.headCountKv), own('attention.head_count_kv')],
        ['Feed-forward length', perLayer(geometry.feedForwardLength), own('feed_forward_length')],
        ['Sliding window', unit(geometry.slidingWindow, 'tokens'), own('attention.sliding_window')],
        ['Experts', geometry.expertCount, own('expert_count')],
        ['Experts used', geometry.expertUsedCount, own('expert_used_count')],
      ]),
      group('Weights', [
        ['Quantisation', summary.quantization, has('general.file_type') ? 'general.file_type' : 'tensor table'],
        ['Bits per weight', summary.bitsPerWeight?.toFixed(2) ?? null, 'tensor table'],
        ['Tensors', summary.tensorCount, 'tensor table'],
        ['Tensor data', unit(summary.dataBytes, 'bytes'), 'tensor table'],
      ]),
      group('Tokenizer', [
        ['Kind', summary.tokenizer, 'tokenizer.ggml.model'],
        ['Vocabulary', unit(geometry.vocabSize, 'tokens'), has(own('vocab_size')) ? own('vocab_size') : 'tokenizer'],
      ]),
      fileSystem(artifact),
    ].filter(({ facts }) => facts.length > 0),
    files: filesOf(artifact),
    tensorTypes: [...summary.tensorTypes],
    chatTemplate: summary.chatTemplate,
    metadata: [...metadata],
    warnings: [...(summary.reason === null ? [] : [summary.reason]), ...summary.warnings.map(({ message }) => message)],
  }
}

/** Of a file that could not be read: where it is and what is wrong with it. */
export const brokenDetails = (artifact: CatalogArtifact): ProviderDetails => ({
  groups: [fileSystem(artifact)],
  files: filesOf(artifact),
  tensorTypes: [],
  chatTemplate: null,
  metadata: [],
  warnings: artifact.error ? [artifact.error.message] : [],
})
