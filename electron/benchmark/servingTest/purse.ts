import type { Answer, Spending } from './loadOrder.ts'

/** US dollars of an answer: what the provider charged, else by its price list; null: neither is known. */
export const costOf = (
  { costUsd, promptTokens, outputTokens }: Pick<Answer, 'costUsd' | 'promptTokens' | 'outputTokens'>,
  price: Spending['price'],
): number | null => {
  if (costUsd !== null || price === null) return costUsd
  if (promptTokens === null || outputTokens === null) return null
  return price.requestUsd + promptTokens * price.promptTokenUsd + outputTokens * price.completionTokenUsd
}

/** What may still be spent: no request is begun that would lead above it if each were as dear as the dearest so far. */
export const createPurse = (spending: Spending | null) => {
  let left = spending?.leftUsd ?? Number.POSITIVE_INFINITY
  let each = spending?.eachUsd ?? 0
  let underWay = 0
  return {
    mayBegin: (): boolean => spending === null || (left > 0 && (underWay + 1) * each <= left),
    begin: (): void => {
      underWay += 1
    },
    end: (answer: Answer): void => {
      underWay -= 1
      if (spending === null) return
      const told = costOf(answer, spending.price)
      each = Math.max(each, told ?? 0)
      // one that broke after it had begun may be charged, though nothing told how much
      left -= told ?? (answer.firstMs === null ? 0 : each)
    },
  }
}
