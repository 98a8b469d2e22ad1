import type { Provider } from '../provider.ts'

/** Who says so in `owned_by` is a server that Berth knows better. */
export const kindByOwner: ReadonlyMap<string, string> = new Map([
  ['llamacpp', 'llama-server'],
  ['vllm', 'vLLM'],
  ['llama-swap', 'llama-swap'],
  ['lemonade', 'Lemonade'],
  ['library', 'Ollama'],
])

export const cannot = (name: string): Provider['cannot'] => ({
  load: `OpenAI's API has no request to load a model: ${name} runs its models by itself when they are asked.`,
  unload: `OpenAI's API has no request to unload a model: ${name} decides itself what it keeps in memory.`,
  keepAlive: `OpenAI's API does not say how long a model stays loaded: that is set where ${name} is started.`,
  pull: `OpenAI's API cannot download models: add them where ${name} runs.`,
  push: `OpenAI's API cannot upload models to a registry.`,
  create: `OpenAI's API cannot make models from files: add them where ${name} runs.`,
  copy: `OpenAI's API cannot copy models: give them other names where ${name} runs.`,
  remove: `OpenAI's API has no request to delete the files of a model: do it where ${name} runs.`,
  adapters: `OpenAI's API does not know adapters; a server that has them lists each as a model of its own.`,
})

export const ignoredOptions = (name: string): Provider['ignoredOptions'] => {
  const there = (what: string) => `${what} is set where ${name} is started: OpenAI's API has no such option.`
  return {
    contextLength: there('The context length'),
    gpuLayers: there('How many layers run on the GPU'),
    threads: there('The number of threads'),
    batchSize: there('The batch size'),
    flashAttention: there('Flash attention'),
    kvCacheType: there('The type of the KV cache'),
    mmap: there('Memory mapping'),
    keepAlive: there('How long a model stays loaded'),
  }
}
