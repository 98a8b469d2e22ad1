import { onTestFinished } from 'vitest'
import {
  createOpenRouterProvider,
  type OpenRouterLimits,
} from '../../electron/providers/openrouter/openRouterProvider.ts'
import type { Provider, ProviderChatChunk } from '../../electron/providers/provider.ts'
import { type OpenRouterServerOptions, startOpenRouterServer } from './openRouterServer.ts'

export const never = new AbortController().signal
export const root = '/api/v1'

export interface Settings {
  readonly limits?: Partial<OpenRouterLimits>
  readonly hidePaid?: boolean
  readonly key?: string | null
  readonly now?: () => number
}
export const connect = (
  address: string,
  key: string | null,
  { limits, hidePaid = false, now = Date.now }: Settings = {},
) => {
  const config = { id: 'openrouter', name: 'OpenRouter', address, apiKey: () => key, hidePaid, now }
  const provider = createOpenRouterProvider({ ...config, ...(limits && { limits }) })
  onTestFinished(provider.close)
  return provider
}
/** A server and a provider for it, both gone when the test ends. */
export const start = async (options: OpenRouterServerOptions = {}, settings: Settings = {}) => {
  const server = await startOpenRouterServer(options)
  onTestFinished(server.close)
  const key = settings.key === undefined ? server.key : settings.key
  return { server, provider: connect(server.address, key, settings) }
}
const request = { messages: [{ role: 'user' as const, content: 'hello' }] }
export const say = async (provider: Pick<Provider, 'chat'>, model = 'some/model') => {
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat?.(model, request, never) ?? []) chunks.push(chunk)
  return chunks
}
export const factsOf = (groups: readonly { facts: readonly { label: string; value: string }[] }[]) =>
  Object.fromEntries(groups.flatMap(({ facts }) => facts.map(({ label, value }) => [label, value])))
export const error = (status: number, message: string, metadata?: object) => ({
  status,
  body: JSON.stringify({ error: { code: status, message, ...(metadata && { metadata }) } }),
})
