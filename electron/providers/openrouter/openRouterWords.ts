import type { Provider } from '../provider.ts'

export const cannot: Provider['cannot'] = {
  load: 'OpenRouter runs models remotely: there is nothing to load.',
  unload: 'OpenRouter runs models remotely: there is nothing to unload.',
  keepAlive: 'OpenRouter runs models remotely: nothing of them stays in memory here.',
  pull: 'OpenRouter runs models remotely: it gives nothing to download.',
  push: 'OpenRouter takes no models: their makers and providers offer them there.',
  create: 'OpenRouter runs what its providers offer: it makes no models from files.',
  copy: 'OpenRouter runs models remotely: there is nothing to copy or rename.',
  remove: 'OpenRouter runs models remotely: they take no space here that removing would give back.',
  adapters: 'OpenRouter takes no adapters: its providers run the models as they offer them.',
}

const chosen = (what: string): string =>
  `${what} is chosen by the provider that runs the model for OpenRouter: there is nothing to set.`

export const ignoredOptions: Provider['ignoredOptions'] = {
  contextLength: chosen('The context length'),
  gpuLayers: chosen('How many layers run on a GPU'),
  threads: chosen('The number of threads'),
  batchSize: chosen('The batch size'),
  flashAttention: chosen('Flash attention'),
  kvCacheType: chosen('The type of the KV cache'),
  mmap: chosen('Memory mapping'),
  keepAlive: 'Nothing is loaded, so nothing ends: OpenRouter keeps its models ready.',
}
