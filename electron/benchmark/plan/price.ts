import type { Model } from '../../../shared/contract/models.ts'
import type { ProviderKind } from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import { answerUsd } from '../answerCost.ts'
import type { Work } from './work.ts'

export interface Cost {
  /** US dollars; null: it costs nothing, or nobody told the price */
  readonly estimatedUsd: number | null
  readonly needsConsent: boolean
}

const nothing: Cost = { estimatedUsd: null, needsConsent: false }

/** Networks of homes and offices: RFC 1918, RFC 4193, RFC 6762. */
const isPrivate = (host: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[f[cd])|^[^.]+(:\d+)?$|\.local(:\d+)?$/.test(host)

/** May somebody else be charging for it? A server of a kind that people run themselves does not. */
const mayCharge = (kind: ProviderKind, host: string | null): boolean => {
  if (kind === 'embedded' || host === null) return false
  return providerKinds[kind].remote || (kind === 'openai' && !isPrivate(host))
}

/**
 * What all of it would cost at most.
 * @param host null: this machine
 */
export const costOf = ({ price }: Pick<Model, 'price'>, kind: ProviderKind, host: string | null, work: Work): Cost => {
  if (price === null) return { estimatedUsd: null, needsConsent: mayCharge(kind, host) }
  if (price.free) return nothing
  const { promptTokens, outputTokens: completionTokens, requests } = work
  const estimatedUsd = answerUsd({ promptTokens, completionTokens, costUsd: null }, price, requests)
  return estimatedUsd === 0 ? nothing : { estimatedUsd, needsConsent: true }
}
