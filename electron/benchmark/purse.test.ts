import { describe, expect, it } from 'vitest'
import type { Price } from '../../shared/contract/models.ts'
import { answerUsd } from './answerCost.ts'
import { createKeptPurse, createPurse } from './purse.ts'

const price: Price = { promptUsdPerMillion: 1, completionUsdPerMillion: 10, requestUsd: 0.5, free: false }
const used = (promptTokens: number | null, completionTokens: number | null, costUsd: number | null = null) => ({
  promptTokens,
  completionTokens,
  costUsd,
})

describe('the cost of an answer', () => {
  it('is what the provider charged, else by its price list, else unknown', () => {
    expect(answerUsd(used(1e6, 1e6, 0.25), price)).toBe(0.25)
    expect(answerUsd(used(1e6, 1e5), price)).toBe(2.5)
    expect(answerUsd(used(1e6, 1e5), price, 10)).toBe(7)
    expect(answerUsd(used(1e6, 0), { ...price, completionUsdPerMillion: null, requestUsd: null })).toBe(1)
    for (const unknown of [used(null, 5), used(5, null)]) expect(answerUsd(unknown, price)).toBeNull()
    expect(answerUsd(used(1, 1), { ...price, promptUsdPerMillion: null })).toBeNull()
    expect(answerUsd(used(1, 1), null)).toBeNull()
  })
})

describe('a purse', () => {
  it('begins nothing that could lead above what is left, by the dearest so far and what is under way', () => {
    const purse = createPurse({ leftUsd: 10, eachUsd: null, price })
    purse.expect({ promptTokens: 1e6, completionTokens: 1e5 })
    expect([purse.mayBegin(4), purse.mayBegin(5)]).toEqual([true, false])
    purse.begin(2)
    expect([purse.mayBegin(2), purse.mayBegin(3), purse.rest()?.leftUsd]).toEqual([true, false, 5])
    purse.end(used(null, null, 3))
    purse.end(used(null, null)) // told nothing: as dear as the dearest
    expect(purse.rest()).toEqual({ leftUsd: 4, eachUsd: 3, price })
    purse.begin()
    purse.end(null)
    expect(purse.rest()?.leftUsd).toBe(4)
  })

  it('that is empty lets nothing begin, also where no cost is known', () => {
    const empty = createPurse({ leftUsd: 0, eachUsd: null, price: null })
    expect([empty.mayBegin(), createPurse(null).mayBegin(1e9), createPurse(null).rest()]).toEqual([false, true, null])
  })
})

describe('a purse that is kept', () => {
  const start = () => {
    const kept: number[] = []
    let at = 0
    const spending = { leftUsd: 100, eachUsd: null, price: null }
    const purse = createKeptPurse(
      spending,
      (leftUsd) => kept.push(leftUsd),
      () => at,
    )
    return { kept, purse, pass: (ms: number) => (at += ms) }
  }

  it('never holds more than is left, and is written about once a second however often it is spent from', () => {
    const { kept, purse, pass } = start()
    let truth = 100
    for (let batch = 0; batch < 3000; batch++, pass(5)) {
      purse.begin(2)
      expect(kept.at(-1) ?? 100).toBeLessThanOrEqual(truth)
      purse.end(used(null, null, 0.02), 2)
      truth -= 0.02
      expect(kept.at(-1) ?? 100).toBeLessThanOrEqual(truth + 1e-9)
    }
    expect(kept.length).toBeLessThan(15 * 2 + 12) // 15 s
    purse.settle()
    expect(kept.at(-1)).toBeCloseTo(40, 6)
  })

  it('is lowered before a load begins, and holds what the load left when it has ended', () => {
    const { kept, purse } = start()
    purse.begin()
    purse.end(used(null, null, 2))
    purse.begin(10)
    expect(kept.at(-1)).toBeLessThanOrEqual(78)
    for (let answer = 0; answer < 4; answer++) purse.end(used(null, null, 1))
    purse.end(null, 6)
    purse.settle()
    expect(kept.at(-1)).toBe(94)
  })
})
