import type { ProviderTest } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { AppError } from '../../lib/appError.ts'
import { untilAborted } from '../../lib/untilAborted.ts'
import type { ConnectedKind } from '../kinds.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { isLoopback } from '../providerAddress.ts'
import { explainFailure } from './explainFailure.ts'
import { identifyServer } from './identifyServer.ts'

export interface TryOutDeps {
  readonly make: (kind: ConnectedKind, config: ProviderConfig) => Promise<Provider>
  /** Unix milliseconds */
  readonly now: () => number
  /** of the whole test */
  readonly limitMs?: number
}

/** The test button: asks a server as the real provider would, and says exactly what is wrong. Leaves nothing behind. */
export const createTryOut =
  ({ make, now, limitMs = 10_000 }: TryOutDeps) =>
  async (kind: ConnectedKind, address: string, key: string | null, signal: AbortSignal): Promise<ProviderTest> => {
    const deadline = AbortSignal.timeout(limitMs)
    const bounded = AbortSignal.any([signal, deadline])
    const name = kindLabel(kind)
    const config = { id: 'test', name, address, apiKey: () => key, hidePaid: false, now }
    let provider: Provider | null = null
    try {
      provider = await make(kind, config)
      const startedAt = performance.now()
      const { version, latencyMs } = await untilAborted(provider.status(bounded), bounded)
      const elapsedMs = performance.now() - startedAt
      // a server with more than OpenAI's routes is worth more as what it is
      const other = kind === 'openai' ? identifyServer(address, key, bounded, lookMs) : null
      const [models, found] = await untilAborted(Promise.all([provider.models(bounded), other]), bounded)
      return {
        result: 'ok',
        version,
        latencyMs: latencyMs ?? elapsedMs,
        models: models.length,
        warnings: warningsOf(kind, address, key, models.length, found?.kind ?? kind),
      }
    } catch (error) {
      if (signal.aborted) throw new AppError('CANCELLED', 'The test was cancelled.', { cause: error })
      const known = deadline.aborted ? tooSlow(name, address, limitMs, error) : error
      if (!(known instanceof AppError)) throw known
      const found = needsNoLook.has(known.code) ? null : await identifyServer(address, key, bounded)
      return explainFailure(known, { kind, address, hasKey: key !== null, found: found?.kind ?? null })
    } finally {
      provider?.close?.().catch(() => {}) // it was only made for this; the answer does not wait for its end
    }
  }

/** Of a look that only adds a hint. */
const lookMs = 1_500

/** Nobody is there to be asked who it is, or it has just said it. */
const needsNoLook: ReadonlySet<string> = new Set([
  ...['ADDRESS_INVALID', 'PROVIDER_UNREACHABLE', 'PROVIDER_TIMEOUT', 'PROVIDER_TOO_OLD'],
  ...['PROVIDER_RATE_LIMITED', 'PROVIDER_NO_CREDIT'],
])

const tooSlow = (name: string, address: string, limitMs: number, cause: unknown): AppError =>
  new AppError('PROVIDER_TIMEOUT', `${name} at ${address} did not answer all questions within ${limitMs / 1000} s.`, {
    cause,
  })

const warningsOf = (
  kind: ConnectedKind,
  address: string,
  key: string | null,
  models: number,
  found: ConnectedKind,
): string[] => [
  ...(key !== null && address.startsWith('http:') && !isLoopback(address)
    ? ['The key travels unencrypted: everyone on the way can read it. Use https, or a network of your own.']
    : []),
  ...(models === 0 ? ['It answers, and lists no models.'] : []),
  ...(found === kind
    ? []
    : [`This is ${kindLabel(found)}. Connected as ${kindLabel(found)}, it can do more than answer.`]),
]
