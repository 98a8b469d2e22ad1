import { onTestFinished } from 'vitest'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'
import { createVllmProvider, type VllmLimits } from '../../electron/providers/vllm/vllmProvider.ts'
import { startVllmServer, type VllmServerOptions } from './vllmServer.ts'

export const never = new AbortController().signal
export const report = () => {}
export const qwen = 'Qwen/Qwen3-8B'

export const connect = (address: string, limits?: Partial<VllmLimits>, key: string | null = null) => {
  const config = { id: 'vllm', name: 'vLLM', address, apiKey: () => key, hidePaid: false, now: Date.now }
  const provider = createVllmProvider({ ...config, ...(limits && { limits }) })
  onTestFinished(provider.close)
  return provider
}
/** A server and a provider for it, both gone when the test ends. */
export const start = async (options?: VllmServerOptions, limits?: Partial<VllmLimits>, key: string | null = null) => {
  const server = await startVllmServer(options)
  onTestFinished(server.close)
  return { server, provider: connect(server.url, limits, key) }
}
export type VllmProvider = ReturnType<typeof connect>

export const say = async (provider: VllmProvider, key = qwen, signal = never) => {
  const chunks: ProviderChatChunk[] = []
  const request = { messages: [{ role: 'user' as const, content: 'hello' }] }
  for await (const chunk of provider.chat(key, request, signal)) chunks.push(chunk)
  return chunks
}
export const factsOf = async (provider: VllmProvider) =>
  Object.fromEntries(
    (await provider.facts(never)).flatMap(({ facts }) => facts.map(({ label, value }) => [label, value])),
  )
