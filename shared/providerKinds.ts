import type { ProviderKind } from './contract/providers.ts'

/** What a person has to know to connect a server of this kind. */
export interface KindFacts {
  /** as its makers write it */
  readonly label: string
  /** where it usually listens; null: there is no usual place */
  readonly address: string | null
  readonly key: 'no' | 'optional' | 'required'
  /** environment variables in which people keep its key */
  readonly keyVariables: readonly string[]
  /** runs models on other people's machines, for money */
  readonly remote: boolean
}

export const providerKinds: Readonly<Record<Exclude<ProviderKind, 'embedded'>, KindFacts>> = {
  ollama: { label: 'Ollama', address: 'http://127.0.0.1:11434', key: 'optional', keyVariables: [], remote: false },
  lmstudio: {
    label: 'LM Studio',
    address: 'http://127.0.0.1:1234',
    key: 'optional',
    keyVariables: ['LM_API_TOKEN'],
    remote: false,
  },
  openrouter: {
    label: 'OpenRouter',
    address: 'https://openrouter.ai/api/v1',
    key: 'required',
    keyVariables: ['OPENROUTER_API_KEY'],
    remote: true,
  },
  'llama-server': {
    label: 'llama-server',
    address: 'http://127.0.0.1:8080',
    key: 'optional',
    keyVariables: ['LLAMA_API_KEY'],
    remote: false,
  },
  vllm: {
    label: 'vLLM',
    address: 'http://127.0.0.1:8000',
    key: 'optional',
    keyVariables: ['VLLM_API_KEY'],
    remote: false,
  },
  lemonade: {
    label: 'Lemonade',
    address: 'http://127.0.0.1:13305',
    key: 'optional',
    keyVariables: ['LEMONADE_API_KEY'],
    remote: false,
  },
  'llama-swap': {
    label: 'llama-swap',
    address: 'http://127.0.0.1:8080',
    key: 'optional',
    keyVariables: [],
    remote: false,
  },
  openai: {
    label: 'OpenAI-compatible',
    address: null,
    key: 'optional',
    keyVariables: ['OPENAI_API_KEY'],
    remote: false,
  },
}

export const kindLabel = (kind: ProviderKind): string =>
  kind === 'embedded' ? 'Embedded engine' : providerKinds[kind].label
