import { expect, test } from 'vitest'
import { countTokens } from './countedTokens.ts'
import type { Answer } from './loadOrder.ts'

const answer = (more: Partial<Answer>): Answer => ({
  prompt: 0,
  plannedMs: 0,
  sentMs: 0,
  firstMs: 1,
  pieceMs: [1, 2, 3],
  endMs: 3,
  promptTokens: null,
  outputTokens: null,
  hiddenTokens: 0,
  costUsd: null,
  error: null,
  text: 'la la la',
  ...more,
})

test('a tokenizer that failed is not asked for each of the other answers', async () => {
  let asked = 0
  const failing = async (): Promise<number> => {
    asked += 1
    throw new Error('it hangs')
  }
  const { counted, source } = await countTokens([answer({}), answer({}), answer({ outputTokens: 7 })], failing)
  expect([asked, source, counted.map(({ tokens }) => tokens)]).toEqual([1, 'approximate', [3, 3, 7]])
})

test('what the server does not count the tokenizer does', async () => {
  const { counted, source } = await countTokens([answer({}), answer({ error: 'PROVIDER_TIMEOUT' })], async () => 5)
  expect([source, counted.map(({ tokens }) => tokens)]).toEqual(['tokenizer', [5]])
})
