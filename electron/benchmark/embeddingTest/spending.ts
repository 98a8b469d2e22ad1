import type { Price } from '../../../shared/contract/models.ts'

interface Charged {
  readonly costUsd: number | null
  readonly promptTokens: number | null
}

/** What an answer cost: what the provider charged, else by its price; null: nothing tells. */
const costOf = ({ costUsd, promptTokens }: Charged, price: Price | null): number | null => {
  if (costUsd !== null || price === null) return costUsd
  const { promptUsdPerMillion, requestUsd } = price
  if (promptUsdPerMillion === null || promptTokens === null) return requestUsd
  return (promptUsdPerMillion * promptTokens) / 1_000_000 + (requestUsd ?? 0)
}

/**
 * Keeps a run within what a person agreed to, in US dollars; null: it costs nothing. `textTokens`: of each text, about, by which
 * the first request is judged.
 */
export function createSpending(acceptedUsd: number | null, price: Price | null, textTokens: number) {
  let spentUsd = 0
  let dearestTextUsd = costOf({ costUsd: null, promptTokens: textTokens }, price) ?? 0
  return {
    add(answer: Charged, texts: number): void {
      const cost = costOf(answer, price) ?? 0
      spentUsd += cost
      dearestTextUsd = Math.max(dearestTextUsd, cost / texts)
    },
    /** Is there enough for a request of this many texts, at the most that a text has cost so far? */
    allows: (texts: number): boolean => acceptedUsd === null || spentUsd + dearestTextUsd * texts <= acceptedUsd,
  }
}
