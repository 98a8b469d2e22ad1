import { onTestFinished } from 'vitest'
import type { LlamaServerLimits } from '../../electron/providers/llamaServer/llamaServerClient.ts'
import { createLlamaServerProvider } from '../../electron/providers/llamaServer/llamaServerProvider.ts'
import { type RouterOptions, startLlamaRouter } from './llamaServerRouter.ts'

export const never = new AbortController().signal
export const report = () => {}

const connect = (address: string, limits?: Partial<LlamaServerLimits>) => {
  const provider = createLlamaServerProvider({
    id: 'llama-server',
    name: 'llama-server',
    address,
    apiKey: () => null,
    hidePaid: false,
    now: Date.now,
    ...(limits && { limits }),
  })
  onTestFinished(provider.close)
  return provider
}
/** A server and a provider for it, both gone when the test ends. */
export const start = async (options?: RouterOptions, limits?: Partial<LlamaServerLimits>) => {
  const server = await startLlamaRouter(options)
  onTestFinished(server.close)
  return { server, provider: connect(server.url, limits) }
}
export type LlamaServerProvider = ReturnType<typeof createLlamaServerProvider>

export const chat = async (provider: LlamaServerProvider, key: string) => {
  const request = { messages: [{ role: 'user' as const, content: 'hello' }] }
  let text = ''
  for await (const chunk of provider.chat(key, request, never)) if (chunk.type === 'text') text += chunk.text
  return text
}
export const states = async (provider: LlamaServerProvider) =>
  (await provider.instances(never)).map(({ key, state }) => `${key} ${state}`)
