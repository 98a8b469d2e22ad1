import type { Price } from '../../shared/contract/models.ts'
import { AppError } from '../lib/appError.ts'
import type { UsedTokens } from './runner.ts'

const tokensUsd = (tokens: number | null, usdPerMillion: number | null): number | null => {
  if (tokens === 0) return 0
  return tokens === null || usdPerMillion === null ? null : (tokens * usdPerMillion) / 1_000_000
}

/**
 * US dollars of one answer, or of that many requests together: what the provider charged, else by its price list; null: neither
 * tells.
 */
export const answerUsd = (used: UsedTokens, price: Price | null, requests = 1): number | null => {
  if (used.costUsd !== null || price === null) return used.costUsd
  const prompt = tokensUsd(used.promptTokens, price.promptUsdPerMillion)
  const completion = tokensUsd(used.completionTokens, price.completionUsdPerMillion)
  return prompt === null || completion === null ? null : prompt + completion + requests * (price.requestUsd ?? 0)
}

export const untold: UsedTokens = { promptTokens: null, completionTokens: null, costUsd: null }

/** Nobody charges for what was refused; what was left while it was worked on may be charged. */
export const unanswered: readonly string[] = ['PROVIDER_TIMEOUT', 'CANCELLED']

/** What a request used that ended in an error: unknown where it may have been worked on, null where it was refused. */
export const usedOfFault = (error: unknown, signal: AbortSignal): UsedTokens | null =>
  signal.aborted || !(error instanceof AppError) || unanswered.includes(error.code) ? untold : null
