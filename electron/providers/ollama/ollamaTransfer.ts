import { AppError } from '../../lib/appError.ts'
import { sumOf } from '../parts/transfers.ts'
import type { ReportTransfer } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import { ProgressLine } from './ollamaSchemas.ts'
import { statusInWords } from './ollamaWords.ts'

export interface TransferCall {
  readonly path: '/api/pull' | '/api/push' | '/api/create'
  readonly body: object
  /** without a word; minutes are normal while something is checked or converted */
  readonly quietMs: number
}

type Layer = { readonly name: string; readonly doneBytes: number; readonly totalBytes: number | null }

/** A download of days says something some sixteen times a second; nothing of it is kept. */
const maxStreamBytes = 4 * 2 ** 30
const maxLayers = 1000

/**
 * Resolves when Ollama says that it is done. Ending early closes the connection, which ends the work there.
 * Layers come one after another, so what all of them hold together grows while they come.
 */
export const followTransfer = async (
  api: OllamaApi,
  { path, body, quietMs }: TransferCall,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<void> => {
  const layers = createLayers()
  const limits = { headersMs: quietMs, idleMs: quietMs, maxStreamBytes }
  for await (const line of api.http.ndjson({ path, body: { ...body, stream: true }, limits }, ProgressLine, signal)) {
    if (line.status === 'success') {
      layers.fillLast()
      return report('Done', layers.transfer())
    }
    layers.take(line)
    report(textOf(line), layers.transfer())
  }
  throw new AppError('PROVIDER_BAD_ANSWER', 'Ollama ended its answer without saying that it had finished.', {
    advice: 'Try again: what is complete is kept.',
  })
}

/** Quantising counts too, but nothing is carried then. */
const textOf = ({ status, digest, total, completed }: ProgressLine): string => {
  const isWork = !isLayer(digest) && total !== null && total > 0
  const part = isWork ? `: ${Math.floor((Math.min(completed ?? 0, total) / total) * 100)} %` : ''
  return statusInWords(status) + part
}

const isLayer = (digest: string | null): digest is string => digest?.startsWith('sha256:') === true

const createLayers = () => {
  const byDigest = new Map<string, Layer>()
  let current: string | null = null

  /** The last line of a layer need not reach its total: it is whole when the next thing begins. */
  const fillLast = (): void => {
    const layer = current === null ? undefined : byDigest.get(current)
    if (current !== null && layer?.totalBytes != null) byDigest.set(current, { ...layer, doneBytes: layer.totalBytes })
    current = null
  }

  return {
    fillLast,
    take: ({ digest, total, completed }: ProgressLine): void => {
      const next = isLayer(digest) ? digest : null
      if (next !== current) fillLast()
      if (next === null || (byDigest.size >= maxLayers && !byDigest.has(next))) return
      current = next
      const known = byDigest.get(next)
      const totalBytes = total ?? known?.totalBytes ?? null
      const done = completed ?? 0 // a layer's first lines leave it out, and it is zero then
      byDigest.set(next, {
        name: next.slice('sha256:'.length, 'sha256:'.length + 12),
        doneBytes: totalBytes === null ? done : Math.min(done, totalBytes),
        totalBytes,
      })
    },
    transfer: (): Parameters<ReportTransfer>[1] => {
      const parts = [...byDigest.values()]
      return parts.length === 0 ? null : sumOf(parts)
    },
  }
}
