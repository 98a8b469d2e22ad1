import { expect, test } from 'vitest'
import type { AnswerScript, WrittenAnswer } from '../../../test/support/scriptedServer.ts'
import { percentilesOf } from '../statistics.ts'
import { arrivalTimes } from './arrivals.ts'
import { countTokens } from './countedTokens.ts'
import type { Answer } from './loadOrder.ts'
import { servingFigures, throughputStatistics } from './servingFigures.ts'
import { provideLoadTest } from './testLoad.ts'

const { run } = provideLoadTest()
const present = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value) => value !== null && value !== undefined)
const spaces = (times: readonly number[]): number[] =>
  times.slice(1).map((time, at) => time - (times[at] ?? Number.NaN))

/** The same figures, from what the server really wrote and when each request was planned. */
const trulyWritten = (answers: readonly Answer[], written: ReadonlyMap<number, WrittenAnswer>, beganAt: number) => {
  const each = answers.map((answer) => {
    const { pieces = [], end = null } = written.get(answer.prompt) ?? {}
    const planned = beganAt + answer.plannedMs
    const [first] = pieces
    const last = pieces.at(-1)
    return {
      ttft: first === undefined ? null : first - planned,
      itl: spaces(pieces),
      tpot: first === undefined || last === undefined ? null : (last - first) / (pieces.length - 1),
      e2e: end === null ? null : end - planned,
      delays: [...answer.pieceMs, answer.endMs].map((ms, at) => beganAt + ms - (pieces[at] ?? end ?? Number.NaN)),
    }
  })
  return {
    ttftMs: percentilesOf(present(each.map(({ ttft }) => ttft))),
    itlMs: percentilesOf(each.flatMap(({ itl }) => itl)),
    tpotMs: percentilesOf(present(each.map(({ tpot }) => tpot))),
    e2eMs: percentilesOf(present(each.map(({ e2e }) => e2e))),
    delays: percentilesOf(each.flatMap(({ delays }) => delays)),
  }
}

const answer: AnswerScript = { ttftMs: 60, itlMs: 12, tokens: 25, jitterMs: 4, seed: 5 }

test.each([1, 8, 64])('with %i at once every figure is what the server wrote, to 2 ms or 2 of 100', async (level) => {
  await run({ answers: [{ ...answer, tokens: 2 }] }, { loop: 'closed', level, count: level })
  const count = level === 1 ? 4 : level * 2
  const { answers, written, outcome } = await run({ answers: [answer] }, { loop: 'closed', level, count })
  expect(answers).toHaveLength(count)
  const measured = { answers, ...(await countTokens(answers, null)), limits: {} }
  const figures = await servingFigures(measured)
  const truth = trulyWritten(answers, written, outcome.beganAt)

  // a thread that the machine lets wait is late by as much, and no figure by more
  const excuse = truth.delays.max ?? 0
  for (const name of ['ttftMs', 'itlMs', 'tpotMs', 'e2eMs'] as const)
    for (const part of ['p50', 'p90', 'p95', 'p99'] as const) {
      const actual = truth[name][part] ?? Number.NaN
      const deviation = Math.abs((figures[name][part] ?? Number.NaN) - actual)
      expect(deviation, `${name} ${part}`).toBeLessThanOrEqual(Math.max(2, actual * 0.02) + excuse)
    }

  // and the script itself, which no machine plays faster than it is written
  expect(figures.ttftMs.p50).toBeGreaterThanOrEqual(60)
  expect(figures.e2eMs.p50).toBeGreaterThanOrEqual(60 + 24 * 12 - 2 * 4)
  expect(figures).toMatchObject({ requests: count, succeeded: count, errors: {}, tokenCount: 'server' })
  expect(figures.outputTokensPerSecond).toBeCloseTo((count * 25) / figures.durationSeconds, 6)
  expect((await throughputStatistics(measured)).mean).toBeCloseTo(figures.outputTokensPerSecond ?? Number.NaN, 6)
})

test('a stream that stalls is in p99 and not in the median', async () => {
  const plain: AnswerScript = { ttftMs: 10, itlMs: 5, tokens: 20 }
  const answers = Array.from({ length: 10 }, (_, at) =>
    [1, 3, 8].includes(at) ? { ...plain, stall: { before: 7, ms: 1000 } } : plain,
  )
  // three of 190 spaces are more than one of a hundred
  const result = await run({ answers }, { loop: 'closed', level: 5, count: 10 })
  const figures = await servingFigures({ ...result, ...(await countTokens(result.answers, null)), limits: {} })
  // a piece before it that came late makes it shorter by as much
  expect(figures.itlMs.p99).toBeGreaterThan(500)
  expect(figures.itlMs.p50).toBeLessThan(500)
})

test('an overloaded server cannot hold a load back: what waits for it is in the time to the first token', async () => {
  // 10 a second come, 5 a second are answered
  const slow: AnswerScript = { ttftMs: 190, itlMs: 5, tokens: 3 }
  const atMs = arrivalTimes({ requestsPerSecond: 10, count: 12, pattern: 'constant', seed: 0 })
  const { answers, written, outcome } = await run({ answers: [slow], places: 1 }, { loop: 'open', atMs })
  expect(answers.map(({ plannedMs }) => Math.round(plannedMs)).sort((a, b) => a - b)).toEqual(atMs)
  // two that were sent late may be at once, and overtake each other on their way
  const firsts = answers.map(({ firstMs }) => firstMs ?? Number.NaN).sort((a, b) => a - b)
  for (const [at, ms] of firsts.entries()) expect(ms).toBeGreaterThanOrEqual((at + 1) * 190)
  const ttft = answers.map(({ firstMs, plannedMs }) => (firstMs ?? Number.NaN) - plannedMs)
  expect(Math.max(...ttft)).toBeGreaterThanOrEqual(12 * 190 - 1100)
  // it counts from the plan: a server that is asked late has no part in that
  for (const { prompt, plannedMs, firstMs } of answers) {
    const first = (written.get(prompt)?.pieces[0] ?? Number.NaN) - outcome.beganAt
    expect(firstMs).toBeGreaterThanOrEqual(first)
    expect(first - plannedMs).toBeGreaterThanOrEqual(190)
  }
})

test('errors are counted by their code and are in no latency; goodput is what kept every limit', async () => {
  const error = (status: number): AnswerScript => ({
    ...answer,
    instead: { status, headers: { 'content-type': 'application/json' }, body: '{"error":{"message":"no"}}' },
  })
  const fast: AnswerScript = { ttftMs: 5, itlMs: 1, tokens: 3 }
  const slow: AnswerScript = { ttftMs: 3000, itlMs: 1, tokens: 3 }
  const script = [fast, error(429), error(503), slow, error(500), { ...fast, cutAfter: 2 }, fast, error(401)]
  const result = await run({ answers: script }, { loop: 'closed', level: 1, count: 8 })
  const limits = { ttftMs: 2500, tpotMs: 2500, e2eMs: 60_000 }
  const figures = await servingFigures({ ...result, ...(await countTokens(result.answers, null)), limits })
  expect(figures).toMatchObject({
    requests: 8,
    succeeded: 3,
    errors: {
      PROVIDER_RATE_LIMITED: 1,
      PROVIDER_BUSY: 1,
      PROVIDER_ERROR: 1,
      PROVIDER_BAD_ANSWER: 1,
      PROVIDER_KEY_REJECTED: 1,
    },
    ttftMs: { count: 3 },
    e2eMs: { count: 3 },
    lateMs: { count: 8 },
    goodput: { part: 2 / 8, requestsPerSecond: 2 / figures.durationSeconds },
  })
  expect(result.outcome.firstFailure).toBe('429: no')
})

test('without usage each piece is a token, and that is said; a tokenizer knows better', async () => {
  const { answers } = await run({ answers: [{ ...answer, usage: false }] }, { loop: 'closed', level: 2, count: 2 })
  const guessed = await countTokens(answers, null)
  expect(guessed).toMatchObject({ source: 'approximate', counted: [{ tokens: 25 }, { tokens: 25 }] })
  const asked: string[] = []
  const known = await countTokens(answers, async (text) => asked.push(text) * 0 + 50)
  expect(known).toMatchObject({ source: 'tokenizer', counted: [{ tokens: 50 }, { tokens: 50 }] })
  expect(asked[0]).toMatch(/^ t0 t1 t2 .* t24$/)
  expect((await servingFigures({ answers, ...known, limits: {} })).inputTokensPerSecond).toBeNull()
})

test('lines of Ollama are read as events are', async () => {
  const { answers } = await run({ answers: [{ ...answer, format: 'ollama' }] }, { loop: 'closed', level: 1, count: 1 })
  expect(answers).toMatchObject([{ error: null, promptTokens: 8, outputTokens: 25 }])
  expect(answers[0]?.pieceMs).toHaveLength(25)
})
