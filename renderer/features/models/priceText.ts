import type { Price } from '../../../shared/contract/models.ts'
import { unknown } from '../../lib/format.ts'

const short = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 3 })

/** `$0.15 / $0.60` for a million tokens in and out, `free`, or – where nobody can say. */
export const priceText = (price: Price | null): string => {
  if (price === null) return unknown
  if (price.free) return 'free'
  const { promptUsdPerMillion: prompt, completionUsdPerMillion: completion } = price
  return prompt === null || completion === null ? unknown : `$${short.format(prompt)} / $${short.format(completion)}`
}
