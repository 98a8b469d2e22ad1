import { onTestFinished } from 'vitest'
import { createOllamaProvider, type OllamaLimits } from '../../electron/providers/ollama/ollamaProvider.ts'
import type { ReportTransfer } from '../../electron/providers/provider.ts'
import { type OllamaServerOptions, startOllamaServer } from './ollamaServer.ts'

/** A provider for this address, closed when the test ends. */
export const connectOllama = (address: string, limits?: Partial<OllamaLimits>) => {
  const provider = createOllamaProvider({
    id: 'ollama',
    name: 'Ollama',
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
export const startOllama = async (options?: OllamaServerOptions, limits?: Partial<OllamaLimits>) => {
  const server = await startOllamaServer(options)
  onTestFinished(server.close)
  return { server, provider: connectOllama(server.url, limits) }
}

type Transfer = Parameters<ReportTransfer>[1]

/** Keeps what a long call reports. */
export const recordReports = () => {
  const reports: { text: string; transfer: Transfer }[] = []
  const report: ReportTransfer = (text, transfer) => reports.push({ text, transfer })
  return {
    report,
    reports,
    /** without those that repeat the one before */
    texts: () => reports.map(({ text }) => text).filter((text, index, all) => text !== all[index - 1]),
    last: () => reports.at(-1)?.transfer ?? null,
  }
}
