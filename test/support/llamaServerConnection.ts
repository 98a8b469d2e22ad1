import { onTestFinished } from 'vitest'
import type { LlamaServerLimits } from '../../electron/providers/llamaServer/llamaServerClient.ts'
import { createLlamaServerProvider } from '../../electron/providers/llamaServer/llamaServerProvider.ts'
import type { Provider, ProviderChatChunk } from '../../electron/providers/provider.ts'
import { type LlamaServerOptions, startLlamaServer } from './llamaServer.ts'

export const never = new AbortController().signal
export const canary = 'canary-key-0123456789'
export const tiny = '/models/tiny.gguf'

export const connect = (address: string, limits?: Partial<LlamaServerLimits>, key: string | null = null) => {
  const provider = createLlamaServerProvider({
    id: 'llama-server',
    name: 'llama-server',
    address,
    apiKey: () => key,
    hidePaid: false,
    now: Date.now,
    ...(limits && { limits }),
  })
  onTestFinished(provider.close)
  return provider
}
/** A server and a provider for it, both gone when the test ends. */
export const start = async (options?: LlamaServerOptions, limits?: Partial<LlamaServerLimits>) => {
  const server = await startLlamaServer(options)
  onTestFinished(server.close)
  return { server, provider: connect(server.url, limits, options?.key ?? null) }
}
export const say = async (provider: Pick<Provider, 'chat'>, key = tiny, more: object = {}, signal = never) => {
  const chunks: ProviderChatChunk[] = []
  const request = { messages: [{ role: 'user' as const, content: 'hello' }], ...more }
  for await (const chunk of provider.chat?.(key, request, signal) ?? []) chunks.push(chunk)
  return chunks
}
