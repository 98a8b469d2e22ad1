import type { Account } from '../../../shared/contract/providers.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { Credits, KeyInfo } from './openRouterSchemas.ts'

/** Requests to free models, by OpenRouter's pages: per day before and after 10 credits were bought, and per minute. */
const freeDaily = { before: 50, after: 1_000 }
const freePerMinute = 20

export const readKey = async (http: HttpClient, signal: AbortSignal): Promise<KeyInfo> =>
  (await http.json({ path: '/key' }, KeyInfo, signal)).data

/** The account behind a key. Its credits only a management key may see. */
export const readAccount = async (http: HttpClient, signal: AbortSignal): Promise<Account> => {
  const key = await readKey(http, signal)
  const limit =
    key.free_model_daily_requests?.limit ??
    (key.is_free_tier === null ? null : key.is_free_tier ? freeDaily.before : freeDaily.after)
  return {
    label: key.label,
    usedUsd: key.usage,
    usedTodayUsd: key.usage_daily,
    limitUsd: key.limit,
    remainingUsd: key.limit_remaining,
    creditsUsd: await readCredits(http, key, signal),
    isFreeTier: key.is_free_tier,
    freeRequests: limit === null ? null : { limit, remaining: key.free_model_daily_requests?.remaining ?? null },
    freeRequestsPerMinute: freePerMinute,
  }
}

const readCredits = async (http: HttpClient, key: KeyInfo, signal: AbortSignal): Promise<number | null> => {
  if (key.is_management_key !== true && key.is_provisioning_key !== true) return null
  try {
    const { total_credits, total_usage } = (await http.json({ path: '/credits' }, Credits, signal)).data
    return Number((total_credits - total_usage).toFixed(9)) // the difference of two sums of money
  } catch (error) {
    if (error instanceof AppError && error.details?.status === 403) return null
    throw error
  }
}
