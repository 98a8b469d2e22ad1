import { onTestFinished } from 'vitest'
import { createLlamaSwapProvider, type LlamaSwapLimits } from '../../electron/providers/llamaSwap/llamaSwapProvider.ts'
import type { Provider, ProviderChatChunk } from '../../electron/providers/provider.ts'
import { type LlamaSwapOptions, startLlamaSwapServer } from './llamaSwapServer.ts'

export const never = new AbortController().signal
export const report = () => {}
export const canary = 'canary-key-0123456789'

export const connect = (address: string, limits?: Partial<LlamaSwapLimits>, key: string | null = null) => {
  const provider = createLlamaSwapProvider({
    id: 'llama-swap',
    name: 'llama-swap',
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
export const start = async (options?: LlamaSwapOptions, limits?: Partial<LlamaSwapLimits>) => {
  const server = await startLlamaSwapServer(options)
  onTestFinished(server.close)
  return { server, provider: connect(server.url, limits, options?.key ?? null) }
}
export const say = async (provider: Pick<Provider, 'chat'>, key = 'tiny') => {
  const chunks: ProviderChatChunk[] = []
  const request = { messages: [{ role: 'user' as const, content: 'hello' }] }
  for await (const chunk of provider.chat?.(key, request, never) ?? []) chunks.push(chunk)
  return chunks
}
