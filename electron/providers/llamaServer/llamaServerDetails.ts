import { bytes, group, plainDetails, tokens } from '../parts/facts.ts'
import type { ProviderDetails } from '../provider.ts'
import { settingsOf } from './llamaServerFlags.ts'
import type { ModelFacts } from './llamaServerModel.ts'

export const toDetails = ({ entry, props, mode }: ModelFacts, path: string | null): ProviderDetails => {
  const { meta, status } = entry
  const slots = props?.total_slots ?? null
  return {
    ...plainDetails([
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
        ['Weights', bytes(meta?.size)],
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
    ]),
    chatTemplate: props?.chat_template || null,
  }
}

const sourceWords = (source: string | null): string | null => {
  if (source === 'models_dir') return 'the models folder'
  if (source === 'preset') return 'the preset file'
  return source === 'cache' ? 'the download cache' : source
}
