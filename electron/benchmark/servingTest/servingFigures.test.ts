import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { randomNumbers } from '../randomNumbers.ts'
import { createPause } from '../turns.ts'
import type { Answer } from './loadOrder.ts'
import { servingFigures, throughputStatistics } from './servingFigures.ts'
import { sortInTurns } from './sortInTurns.ts'

const answer = (facts: Partial<Answer>): Answer => ({
  prompt: 0,
  plannedMs: 0,
  sentMs: 0,
  firstMs: null,
  pieceMs: [],
  endMs: 0,
  promptTokens: null,
  outputTokens: null,
  hiddenTokens: 0,
  costUsd: null,
  error: null,
  text: null,
  ...facts,
})
const loadOf = (answers: readonly Answer[], limits = {}) => ({
  answers,
  counted: answers.map((each) => ({ answer: each, tokens: each.pieceMs.length, shownTokens: each.pieceMs.length })),
  source: 'server' as const,
  limits,
})

test.each([0, 1, 9_999, 10_000, 10_001, 20_000, 45_678])(
  '%d values are sorted as they are in one go',
  async (count) => {
    const random = randomNumbers(count)
    const values = Array.from({ length: count }, () => Math.floor(random() * 1000) - 500)
    const lists = [values.slice(0, 3), [], values.slice(3)]
    expect(await sortInTurns(lists, createPause())).toEqual(Float64Array.from(values).sort())
  },
)

test('others get their turn while the figures of a million pieces are made', async () => {
  const answers = Array.from({ length: 2000 }, (_, request) => {
    const pieceMs = Array.from({ length: 500 }, (_, piece) => request + 10 + piece * (2 + (request % 7)))
    return answer({ plannedMs: request, firstMs: request + 10, pieceMs, endMs: pieceMs.at(-1) ?? 0 })
  })
  let turns = 0
  let isOver = false
  const others = async () => {
    while (!isOver) {
      await setImmediate()
      turns += 1
    }
  }
  const watching = others()
  const figures = await servingFigures(loadOf(answers))
  const { mean } = await throughputStatistics(loadOf(answers))
  isOver = true
  await watching
  expect(figures.itlMs).toMatchObject({ count: 2000 * 499, max: 8 })
  expect(mean).toBeCloseTo(figures.outputTokensPerSecond ?? Number.NaN, 6)
  expect(turns).toBeGreaterThan(5)
})

test('an answer without a piece keeps the limit of the first one only when it ended by then', async () => {
  const answers = [answer({ endMs: 900 }), answer({ endMs: 100 })]
  expect((await servingFigures(loadOf(answers, { ttftMs: 500 }))).goodput?.part).toBe(0.5)
})
