import type { ProviderDetails } from '../provider.ts'
import { settingsOf } from './llamaServerFlags.ts'
import type { ModelFacts } from './llamaServerModel.ts'

type Row = readonly [label: string, value: string | number | null | undefined]

export const toDetails = ({ entry, props, mode }: ModelFacts, path: string | null): ProviderDetails => {
  const { meta, status } = entry
  const slots = props?.total_slots ?? null
  return {
    groups: [
      group('Identity', '/models', [
        ['Name', entry.id],
        ['Other names', entry.aliases?.filter((alias) => alias !== entry.id).join(', ')],
        ['Tags', entry.tags?.filter((tag) => tag !== '').join(', ')],
        ['File', path],
        ['Found in', sourceWords(entry.source)],
        ['Takes', entry.architecture?.input_modalities?.join(', ')],
      ]),
      group('Architecture', '/models', [
        ['Parameters', meta?.n_params],
        ['Weights', meta?.size == null ? null : `${grouped(meta.size)} bytes`],
        ['Quantisation', meta?.ftype ?? props?.model_ftype],
        ['Context length', tokens(meta?.n_ctx_train ?? entry.context_length)],
        ['Embedding length', meta?.n_embd],
        ['Vocabulary', tokens(meta?.n_vocab)],
      ]),
      group('Running', '/props', [
        ['State', status?.value ?? (props?.is_sleeping ? 'sleeping' : null)],
        ['Slots', slots],
        ['Context of a slot', tokens(meta?.n_ctx ?? props?.default_generation_settings?.n_ctx)],
        ['Build', props?.build_info],
      ]),
      group('Settings', mode === 'router' ? 'command line of its process' : '/props', settingsOf(status?.args ?? [])),
    ].filter(({ facts }) => facts.length > 0),
    files: [], // their sizes are not told, and they may lie on another machine
    tensorTypes: [],
    chatTemplate: props?.chat_template || null,
    metadata: [],
    warnings: [],
  }
}

const sourceWords = (source: string | null): string | null => {
  if (source === 'models_dir') return 'the models folder'
  if (source === 'preset') return 'the preset file'
  return source === 'cache' ? 'the download cache' : source
}

const group = (title: string, source: string, rows: readonly Row[]) => ({
  title,
  facts: rows.flatMap(([label, value]) =>
    value === null || value === undefined || value === ''
      ? []
      : [{ label, value: typeof value === 'number' ? grouped(value) : value.slice(0, 2_000), source }],
  ),
})

const tokens = (value: number | null | undefined): string | null => (value == null ? null : `${grouped(value)} tokens`)
const grouped = (value: number): string => value.toLocaleString('en-US')
