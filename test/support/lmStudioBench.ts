import { createLmStudioProvider, type LmStudioLimits } from '../../electron/providers/lmstudio/lmStudioProvider.ts'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'
import { type LmStudioServerOptions, startLmStudioServer } from './lmStudioServer.ts'

/** Servers and providers of one test file; `cleanUp` belongs into its afterEach. */
export const createLmStudioBench = () => {
  const cleanUps: (() => Promise<unknown>)[] = []
  const connect = (
    address: string,
    limits: Partial<LmStudioLimits> = {},
    key: string | null = null,
    userHome = '/nonexistent',
  ) => {
    const config = { id: 'lmstudio', name: 'LM Studio', address, hidePaid: false, now: Date.now, userHome, limits }
    const provider = createLmStudioProvider({ ...config, apiKey: () => key })
    cleanUps.push(provider.close)
    return provider
  }
  const listen = async (options: LmStudioServerOptions = {}) => {
    const server = await startLmStudioServer(options)
    cleanUps.push(server.close)
    return server
  }
  return {
    connect,
    listen,
    start: async (options: LmStudioServerOptions = {}, limits: Partial<LmStudioLimits> = {}) => {
      const server = await listen(options)
      const loadCalls = () => server.socket.calls.filter(({ endpoint }) => endpoint.endsWith('/loadModel'))
      return { server, provider: connect(server.url, limits, options.token ?? null), loadCalls }
    },
    later: (cleanUp: () => Promise<unknown>) => cleanUps.push(cleanUp),
    cleanUp: async () => {
      for (const each of cleanUps.splice(0).reverse()) await each()
    },
  }
}
export type LmStudioProvider = ReturnType<typeof createLmStudioProvider>

export const token = 'sk-lm-abcdefgh:0123456789abcdefghij'
export const never = new AbortController().signal
export const report = () => {}
/** The machine may be busy, and a load starts a worker. */
export const patience = { timeout: 15_000, interval: 5 }

export const say = async (provider: LmStudioProvider, key = 'tiny') => {
  const chunks: ProviderChatChunk[] = []
  const messages = [{ role: 'user' as const, content: 'hello' }]
  for await (const chunk of provider.chat(key, { messages, maxTokens: 9 }, never)) chunks.push(chunk)
  return chunks
}
