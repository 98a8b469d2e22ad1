import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { roleWord } from '../../../../shared/modelRole.ts'
import { factGroup, type Row } from '../factGroup.ts'
import type { MetadataRow, ModelFileSummary, PerLayer } from '../modelFile.ts'
import { grouped } from '../words.ts'

const perLayer = (value: PerLayer | null): string | number | null => {
  if (value === null || typeof value === 'number') return value
  const least = Math.min(...value)
  const most = Math.max(...value)
  return value.length === 0 ? null : least === most ? most : `${least} to ${most}, by layer`
}

const unit = (value: number | null, name: string) => (value === null ? null : `${grouped(value)} ${name}`)

/** What a GGUF file says about itself, each fact with the key it was read from. */
export const ggufFacts = (summary: ModelFileSummary, metadata: readonly MetadataRow[]): FactGroup[] => {
  const { architecture, geometry } = summary
  const own = (key: string) => `${architecture ?? '?'}.${key}`
  const has = (key: string) => metadata.some((row) => row.key === key)
  const text = (key: string) => metadata.find((row) => row.key === key)?.value ?? null
  const general = (label: string, key: string): Row => [label, text(key), key]
  return [
    factGroup('Identity', [
      general('Name', 'general.name'),
      general('Description', 'general.description'),
      ['What it is for', roleWord(summary.role), 'metadata and tensor names'],
      ['Capabilities', summary.capabilities.join(', '), 'metadata and tensor names'],
      ['Format', `${summary.format} ${summary.formatVersion ?? ''}`.trim(), 'file header'],
      general('Author', 'general.author'),
      general('Organisation', 'general.organization'),
      general('Quantised by', 'general.quantized_by'),
      ['Made from', summary.baseModels.join(', '), 'general.base_model'],
      general('Languages', 'general.languages'),
      general('Tags', 'general.tags'),
      general('Licence', 'general.license'),
      general('Address', 'general.url'),
    ]),
    factGroup('Architecture', [
      ['Architecture', architecture, 'general.architecture'],
      ['Parameters', summary.parameterCount, 'tensor table'],
      [
        'Parameters used for one token',
        summary.activeParameterCount === summary.parameterCount ? null : summary.activeParameterCount,
        'tensor table',
      ],
      ['Context length', unit(summary.contextLength, 'tokens'), own('context_length')],
      ['Embedding length', geometry?.embeddingLength ?? null, own('embedding_length')],
      ['Layers', geometry?.blockCount ?? null, own('block_count')],
      ['Attention heads', perLayer(geometry?.headCount ?? null), own('attention.head_count')],
      ['Key/value heads', perLayer(geometry?.headCountKv ?? null), own('attention.head_count_kv')],
      ['Feed-forward length', perLayer(geometry?.feedForwardLength ?? null), own('feed_forward_length')],
      ['Sliding window', unit(geometry?.slidingWindow ?? null, 'tokens'), own('attention.sliding_window')],
      ['Experts', geometry?.expertCount ?? null, own('expert_count')],
      ['Experts used', geometry?.expertUsedCount ?? null, own('expert_used_count')],
    ]),
    factGroup('Weights', [
      ['Quantisation', summary.quantization, has('general.file_type') ? 'general.file_type' : 'tensor table'],
      ['Bits per weight', summary.bitsPerWeight?.toFixed(2) ?? null, 'tensor table'],
      ['Tensors', summary.tensorCount, 'tensor table'],
      ['Tensor data', unit(summary.dataBytes, 'bytes'), 'tensor table'],
    ]),
    factGroup('Tokenizer', [
      ['Kind', summary.tokenizer, 'tokenizer.ggml.model'],
      [
        'Vocabulary',
        unit(geometry?.vocabSize ?? null, 'tokens'),
        has(own('vocab_size')) ? own('vocab_size') : 'tokenizer',
      ],
    ]),
  ].filter(({ facts }) => facts.length > 0)
}
