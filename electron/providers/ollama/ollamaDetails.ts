import { cutText } from '../../lib/cutText.ts'
import { group, grouped, plainDetails, type Row } from '../parts/facts.ts'
import type { ProviderDetails } from '../provider.ts'
import { infoNumber, infoText, toShownFacts, weightsPaths } from './ollamaModel.ts'
import type { Show } from './ollamaSchemas.ts'

const source = '/api/show'
const maxValueLength = 2_000
const maxMetadataRows = 5_000

/** GGUF keys below the architecture's prefix, in the order a person asks for them. */
const architectureKeys: readonly (readonly [label: string, key: string, unit: string])[] = [
  ['Context length', 'context_length', ' tokens'],
  ['Embedding length', 'embedding_length', ''],
  ['Layers', 'block_count', ''],
  ['Attention heads', 'attention.head_count', ''],
  ['Key/value heads', 'attention.head_count_kv', ''],
  ['Key length', 'attention.key_length', ''],
  ['Value length', 'attention.value_length', ''],
  ['Feed-forward length', 'feed_forward_length', ''],
  ['Vocabulary', 'vocab_size', ' tokens'],
  ['RoPE base', 'rope.freq_base', ''],
  ['Experts', 'expert_count', ''],
  ['Experts used', 'expert_used_count', ''],
]

export const toProviderDetails = (key: string, show: Show): ProviderDetails => {
  const info = show.model_info ?? {}
  const { capabilities, architecture, parameterCount } = toShownFacts(show)
  return {
    ...plainDetails([
      group('Identity', source, [
        ['Name', key],
        ['Capabilities', capabilities.join(', ')],
        ['Format', show.details?.format],
        ['Family', show.details?.family],
        ['Made from', show.details?.parent_model],
        ['Description', infoText(info, 'general.description')],
        ['Needs Ollama', show.requires],
        ['Runs at', show.remote_host],
        ['Runs there as', show.remote_model],
        ['Changed', show.modified_at === null ? null : new Date(show.modified_at).toISOString()],
      ]),
      group('Architecture', source, [
        ['Architecture', architecture],
        ['Parameters', parameterCount ?? show.details?.parameter_size],
        ['Quantisation', show.details?.quantization_level],
        ...architectureKeys.map(([label, name, unit]): Row => {
          const value = infoNumber(info, `${architecture}.${name}`)
          return [label, value === null ? null : grouped(value) + unit]
        }),
      ]),
      group('Defaults', source, parameterRows(show.parameters ?? '')),
      group('Template', source, [['System prompt', show.system]]),
      group('Licence', source, [
        ['Licence', infoText(info, 'general.license')],
        ['Text', show.license],
      ]),
      group(
        "Places on Ollama's machine",
        source,
        weightsPaths(show).map((path): Row => ['Weights', path]),
      ),
    ]),
    chatTemplate: show.template || null,
    metadata: [...metadataRows('', info), ...metadataRows('projector: ', show.projector_info ?? {})].slice(
      0,
      maxMetadataRows,
    ),
  }
}

/** Lines of `name   value`, strings quoted, a name as often as it has values. */
const parameterRows = (parameters: string): Row[] =>
  parameters.split('\n').flatMap((line) => {
    const [, name, value] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? []
    return name === undefined || value === undefined ? [] : [[name, value]]
  })

const metadataRows = (prefix: string, info: Readonly<Record<string, unknown>>) =>
  Object.keys(info)
    .sort()
    .map((name) => ({ key: prefix + name.slice(0, 300), ...described(info[name]) }))

/** Ollama sends every array as null unless it is asked for them, and they are long. */
const described = (value: unknown): { type: string; value: string } => {
  if (value === null) return { type: 'array', value: '(not sent)' }
  if (typeof value === 'string') return { type: 'string', value: cutText(value, maxValueLength) }
  const type = Array.isArray(value) ? 'array' : typeof value
  return { type, value: cutText(JSON.stringify(value), maxValueLength) }
}
