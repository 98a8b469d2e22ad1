import type { ProviderHealth, Provider as ProviderInfo } from '../../../shared/contract/providers.ts'
import { AppError } from '../../lib/appError.ts'
import type { Provider } from '../provider.ts'

/**
 * What a provider says of itself and of its account now. One that cannot be asked for one of them still tells the other.
 * `provider`: null when it is switched off.
 */
export const healthOf = async (
  provider: Provider | null,
  infoOf: () => ProviderInfo,
  signal: AbortSignal,
): Promise<ProviderHealth> => {
  if (!provider) return { provider: infoOf(), groups: [], account: null, problem: null }
  const [facts, account] = await Promise.allSettled([provider.facts?.(signal), provider.account?.(signal)])
  const failure = [facts, account].find((each) => each.status === 'rejected')
  if (failure && !(failure.reason instanceof AppError)) throw failure.reason
  return {
    provider: infoOf(),
    groups: facts.status === 'fulfilled' ? [...(facts.value ?? [])] : [],
    account: account.status === 'fulfilled' ? (account.value ?? null) : null,
    problem: failure ? failure.reason.message : null,
  }
}
