import type { FactGroup } from '../../../../shared/contract/checks.ts'
import { fieldsOf } from '../config/fields.ts'
import { factGroup } from '../factGroup.ts'
import type { FolderReader } from './folderReader.ts'

export interface PoolingFacts {
  /** llama.cpp's pooling_type: 1 mean, 2 the first token, 3 the last; null: another or none */
  readonly poolingType: number | null
  /** tokens; null: as long as the model itself */
  readonly contextLength: number | null
  readonly facts: readonly FactGroup[]
}

const poolings: readonly (readonly [key: string, label: string, type: number | null])[] = [
  ['pooling_mode_mean_tokens', 'mean of all tokens', 1],
  ['pooling_mode_cls_token', 'first token', 2],
  ['pooling_mode_lasttoken', 'last token', 3],
  ['pooling_mode_max_tokens', 'maximum', null],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean by the root of the length', null],
  ['pooling_mode_weightedmean_tokens', 'weighted mean', null],
]
const mostModules = 20

/** `modules.json` lists what a text goes through; each step may have a folder. */
export const readSentenceTransformers = async (reader: FolderReader): Promise<PoolingFacts> => {
  const modules = await reader.json('modules.json')
  const steps = (Array.isArray(modules) ? modules : []).slice(0, mostModules).flatMap((item) => {
    const fields = fieldsOf(item)
    const type = fields?.text('type') ?? null
    return type === null ? [] : [{ type: type.slice(0, 200), path: fields?.text('path')?.slice(0, 200) ?? '' }]
  })
  for (const { type, path } of steps) {
    if (!type.startsWith('sentence_transformers.'))
      reader.safety.add('warning', 'custom-code', `A step of the model is Python code of its own: ${type}.`, {
        file: 'modules.json',
        text: type,
        advice: 'Read that code first. It runs only where "trust remote code" is switched on.',
      })
    const needsFolder = path !== '' && /\.(Pooling|Dense|Transformer)$/.test(type)
    if (needsFolder && !reader.has(`${path}/config.json`))
      reader.meaning.add(
        'broken',
        'module-missing',
        `The step ${path} has no configuration: ${path}/config.json is missing.`,
        {
          file: `${path}/config.json`,
        },
      )
  }
  const poolingPath = steps.find(({ type }) => type.endsWith('.Pooling'))?.path ?? '1_Pooling'
  const name = `${poolingPath}/config.json`
  const pooling = await reader.fields(name)
  const active = poolings.filter(([key]) => pooling?.truth(key) === true)
  const own = await reader.fields('sentence_bert_config.json')
  const contextLength = own?.integer('max_seq_length') ?? null
  return {
    poolingType: active.length === 1 ? (active[0]?.[2] ?? null) : null,
    contextLength,
    facts: [
      factGroup('Embedding', [
        ['Steps', steps.map(({ type }) => type.split('.').at(-1) ?? type).join(' → ') || null, 'modules.json'],
        ['Pooling', active.map(([, label]) => label).join(' and ') || null, name],
        [
          'Width of an embedding',
          pooling?.integer('word_embedding_dimension') ?? null,
          `${name}: word_embedding_dimension`,
        ],
        [
          'Longest text',
          contextLength === null ? null : `${contextLength} tokens`,
          'sentence_bert_config.json: max_seq_length',
        ],
      ]),
    ],
  }
}
