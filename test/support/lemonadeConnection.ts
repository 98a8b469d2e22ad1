import { onTestFinished } from 'vitest'
import { createLemonadeProvider, type LemonadeLimits } from '../../electron/providers/lemonade/lemonadeProvider.ts'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'
import { type LemonadeServerOptions, startLemonadeServer } from './lemonadeServer.ts'

export const never = new AbortController().signal
export const report = () => {}

export const connect = (address: string, limits?: Partial<LemonadeLimits>, key: string | null = null) => {
  const config = { id: 'lemonade', name: 'Lemonade', address, apiKey: () => key, hidePaid: false, now: Date.now }
  const provider = createLemonadeProvider({ ...config, ...(limits && { limits }) })
  onTestFinished(provider.close)
  return provider
}
/** A server and a provider for it, both gone when the test ends. */
export const start = async (
  options?: LemonadeServerOptions,
  limits?: Partial<LemonadeLimits>,
  key: string | null = null,
) => {
  const server = await startLemonadeServer(options)
  onTestFinished(server.close)
  return { server, provider: connect(server.url, limits, key) }
}
export type LemonadeProvider = ReturnType<typeof connect>

export const say = async (provider: LemonadeProvider, key = 'tiny', signal = never) => {
  const chunks: ProviderChatChunk[] = []
  const request = { messages: [{ role: 'user' as const, content: 'hello' }], maxTokens: 2 }
  for await (const chunk of provider.chat(key, request, signal)) chunks.push(chunk)
  return chunks
}
export const states = async (provider: LemonadeProvider) =>
  (await provider.instances(never)).map(({ key, state }) => `${key} ${state}`)
export const bodyOf = (server: Awaited<ReturnType<typeof start>>['server'], path: string) =>
  server.requests.findLast((request) => request.path === path)?.body
