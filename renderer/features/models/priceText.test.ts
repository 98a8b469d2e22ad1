import { expect, test } from 'vitest'
import { priceText } from './priceText.ts'

const price = { promptUsdPerMillion: 0.15, completionUsdPerMillion: 0.6, requestUsd: null, free: false }

test.each([
  [null, '–'],
  [price, '$0.15 / $0.60'],
  [{ ...price, promptUsdPerMillion: 15, completionUsdPerMillion: 75 }, '$15.00 / $75.00'],
  [{ ...price, promptUsdPerMillion: 0.0375 }, '$0.038 / $0.60'],
  [{ ...price, promptUsdPerMillion: 0, completionUsdPerMillion: 0, free: true }, 'free'],
  [{ ...price, promptUsdPerMillion: null }, '–'],
])('%j is %s', (value, text) => {
  expect(priceText(value)).toBe(text)
})
