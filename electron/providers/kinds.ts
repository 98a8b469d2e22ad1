import type { ProviderKind } from '../../shared/contract/providers.ts'
import type { Provider, ProviderConfig } from './provider.ts'

export type ConnectedKind = Exclude<ProviderKind, 'embedded'>

/**
 * How a provider of each kind is made. Each is read when the first of its kind is connected: with its client it is more code
 * than everything a start needs.
 */
export const makeProvider: Readonly<Record<ConnectedKind, (config: ProviderConfig) => Promise<Provider>>> = {
  ollama: async (config) => (await import('./ollama/ollamaProvider.ts')).createOllamaProvider(config),
  lmstudio: async (config) => (await import('./lmstudio/lmStudioProvider.ts')).createLmStudioProvider(config),
  openrouter: async (config) => (await import('./openrouter/openRouterProvider.ts')).createOpenRouterProvider(config),
  'llama-server': async (config) =>
    (await import('./llamaServer/llamaServerProvider.ts')).createLlamaServerProvider(config),
  vllm: async (config) => (await import('./vllm/vllmProvider.ts')).createVllmProvider(config),
  lemonade: async (config) => (await import('./lemonade/lemonadeProvider.ts')).createLemonadeProvider(config),
  'llama-swap': async (config) => (await import('./llamaSwap/llamaSwapProvider.ts')).createLlamaSwapProvider(config),
  openai: async (config) => (await import('./openai/openAiProvider.ts')).createOpenAiProvider(config),
}
