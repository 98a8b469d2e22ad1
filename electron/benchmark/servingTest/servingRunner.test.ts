import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { Price } from '../../../shared/contract/models.ts'
import { type AnswerScript, type ScriptedServer, startScriptedServer } from '../../../test/support/scriptedServer.ts'
import { AppError } from '../../lib/appError.ts'
import { createOpenAiProvider } from '../../providers/openai/openAiProvider.ts'
import type { Provider } from '../../providers/provider.ts'
import { aProvider, aRun, aSubject, model } from '../engineTest/testRun.ts'
import { createPurse } from '../purse.ts'
import type { RunContext } from '../runner.ts'
import { runServingBenchmark } from './servingRunner.ts'

let server: ScriptedServer
let provider: Provider
beforeAll(async () => {
  server = await startScriptedServer()
  const connection = { id: 'p', name: 'The server', address: `${server.origin}/v1`, hidePaid: false, now: Date.now }
  provider = createOpenAiProvider({ ...connection, apiKey: () => 'sk-test-canary-0123456789' })
})
afterAll(async () => {
  await provider.close?.()
  await server.close()
})

const fast: AnswerScript = { ttftMs: 4, itlMs: 1, tokens: 4 }
const settings: ServingSettings = {
  kind: 'serving',
  loads: [
    { by: 'concurrency', level: 2 },
    { by: 'rate', requestsPerSecond: 100 },
  ],
  arrivals: 'poisson',
  promptTokens: 20,
  outputTokens: 4,
  requestsPerLoad: 6,
  warmUpRequests: 2,
  requestSeconds: 10,
  limits: {},
  findHighestLoad: false,
  seed: 1,
}

const start = (facts: Partial<RunContext> = {}, { price = null as Price | null, by = provider } = {}) => {
  const { subject, loads } = aSubject(by, { model: model({ price }) })
  const run = aRun(subject, { settings, ...facts })
  return { ...run, loads, measure: () => runServingBenchmark(run.context) }
}

test('each load is a result with its figures, its samples and its usage, after a warm-up that is not', async () => {
  await server.play({ answers: [fast] })
  const errors: unknown[] = []
  const used: (number | null)[] = []
  const { measure, saved, samples } = start({
    setClientError: (error) => errors.push(error),
    used: ({ promptTokens }) => used.push(promptTokens),
  })
  await measure()
  expect(saved.map(({ position, test }) => ({ position, test }))).toEqual(
    settings.loads.map((load, position) => ({
      position,
      test: { type: 'serving', load, promptTokens: 20, outputTokens: 4, search: false },
    })),
  )
  for (const { serving, statistics, unit } of saved) {
    expect(serving).toMatchObject({ requests: 6, succeeded: 6, errors: {}, tokenCount: 'server', goodput: null })
    expect(serving?.ttftMs.p50).toBeGreaterThanOrEqual(4)
    expect({ unit, count: statistics.count }).toEqual({ unit: 'tokens/s', count: 20 })
    expect(statistics.mean).toBeCloseTo(serving?.outputTokensPerSecond ?? Number.NaN, 6)
  }
  expect(samples.map((each) => each.length)).toEqual([6, 6])
  expect(samples[0]?.[0]).toMatchObject({ promptTokens: 20, outputTokens: 4, error: null })
  // the first answer, by the chat, is counted by the guard
  expect(used).toEqual(new Array<number>(14).fill(20))
  expect(errors).toMatchObject([{ streams: 64, p50: expect.any(Number), p99: expect.any(Number) }])
  // the first answer, by the chat, then warm-up and loads: all with the key, no prompt twice but for the first
  const written = await server.written()
  expect(written).toHaveLength(15)
  expect(new Set(written.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer sk-test-canary-0123456789']),
  )
  expect(new Set(written.map(({ body }) => JSON.stringify(body.messages))).size).toBe(15)
  expect(JSON.stringify([saved, samples])).not.toContain('canary')
})

test('results that are there are not measured again', async () => {
  await server.play({ answers: [fast] })
  const first = start()
  await first.measure()
  const done = new Map(first.saved.map((each) => [each.position, { ...each, measuredAt: 1 } as BenchmarkResult]))
  const again = start({ done: new Map([...done].slice(0, 1)) })
  await again.measure()
  expect(again.saved.map(({ position }) => position)).toEqual([1])
  const nothing = start({ done })
  await nothing.measure()
  expect(nothing.loads).toEqual([])
})

test('prompts are as many tokens as were asked for, whatever a word is to the model', async () => {
  // the scripted server counts each word as one token, so that as many words are sent
  await server.play({ answers: [fast] })
  await start({ settings: { ...settings, promptTokens: 57, loads: settings.loads.slice(0, 1) } }).measure()
  expect((await server.written()).at(-1)?.words).toBe(57)
})

test('what tells how many tokens a word is is short, however long the prompts are', async () => {
  await server.play({ answers: [fast] })
  await start({ settings: { ...settings, promptTokens: 1000, loads: settings.loads.slice(0, 1) } }).measure()
  const words = (await server.written()).map((each) => each.words)
  expect([words[0], words.at(-1)]).toEqual([256, 1000])
})

test('a provider that refuses ends the run in its own words, and nothing is asked of it beside', async () => {
  await server.play({
    answers: [{ ...fast, instead: { status: 401, headers: {}, body: '{"error":{"message":"no"}}' } }],
  })
  const { measure, saved } = start()
  await expect(measure()).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
  expect(saved).toEqual([])
  expect(await server.written()).toHaveLength(1)
})

test('errors of a load are its results, with the words of the first', async () => {
  const busy: AnswerScript = { ...fast, instead: { status: 503, headers: {}, body: '{"error":{"message":"full"}}' } }
  await server.play({ answers: [fast, fast, fast, fast, busy] })
  const { measure, saved } = start({ settings: { ...settings, warmUpRequests: 0, loads: settings.loads.slice(0, 1) } })
  await measure()
  expect(saved[0]?.serving).toMatchObject({ requests: 6, succeeded: 5, errors: { PROVIDER_BUSY: 1 } })
  expect(saved[0]?.notes).toEqual(['The first that failed: 503: full'])
})

test('what was measured until it is cancelled is kept, and said to be cut', async () => {
  await server.play({ answers: [{ ...fast, ttftMs: 40 }] })
  const cancel = new AbortController()
  const { measure, saved } = start({
    signal: cancel.signal,
    used: () => void (++answers === 4 && cancel.abort()),
    settings: { ...settings, requestsPerLoad: 1000 },
  })
  let answers = 0
  await expect(measure()).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(saved).toHaveLength(1)
  expect(saved[0]?.serving?.requests).toBeLessThan(1000)
  expect(saved[0]?.notes.join()).toMatch(/It was cancelled: \d+ of 1000 requests were made/)
})

test('when its time is over what was measured is kept, and the run is done', async () => {
  await server.play({ answers: [{ ...fast, ttftMs: 100 }] })
  const { measure, saved, context } = start({ settings: { ...settings, requestsPerLoad: 10_000 } })
  // it begins when it is looked at, however long the machine takes until then
  Object.defineProperty(context, 'deadline', { get: () => performance.now() + 2000 })
  await measure()
  expect(saved).toHaveLength(1)
  expect(saved[0]?.serving?.errors).toEqual({})
  expect(saved[0]?.notes.join()).toContain('The time that was given was over')
})

test('loads that there is no time for are told', async () => {
  await server.play({ answers: [fast] })
  const told: string[] = []
  const { measure, saved } = start({ deadline: 0, disturbed: ({ kind, text }) => told.push(`${kind}: ${text}`) })
  await measure()
  expect(saved).toEqual([])
  expect(told).toContain('unmeasured: There was no time for: 2 at once; 100 requests/s.')
})

test('a model that costs money is measured until what was agreed to would not be enough', async () => {
  await server.play({ answers: [{ ...fast, costUsd: 0.01 }] })
  const price: Price = { promptUsdPerMillion: 1, completionUsdPerMillion: 1, requestUsd: null, free: false }
  const { measure, saved } = start({ purse: createPurse({ leftUsd: 0.075, eachUsd: null, price }) }, { price })
  await measure()
  // the first answer, two to warm up, four of the first load
  expect(saved.map(({ serving }) => serving?.requests)).toEqual([4])
  expect(saved[0]?.serving?.costUsd).toBeCloseTo(0.04, 9)
  expect(saved[0]?.notes.join()).toContain('The money that was agreed to')
  expect(await server.written()).toHaveLength(7)
  const poor = start({ purse: createPurse({ leftUsd: 0.000_001, eachUsd: null, price }) }, { price })
  await expect(poor.measure()).rejects.toMatchObject({ code: 'COST_NOT_ACCEPTED' })
})

test('the highest load within the limits is found, and each step is a result', async () => {
  // the first answer, then four of each load; of four at once the last waits, and a busy machine has time until the limit
  const slow: AnswerScript = { ...fast, ttftMs: 3000 }
  await server.play({ answers: [...new Array<AnswerScript>(12).fill(fast), slow, fast, fast, fast, fast] })
  const search = { ...settings, findHighestLoad: true, limits: { ttftMs: 2500 }, warmUpRequests: 0, requestsPerLoad: 4 }
  const { measure, saved } = start({ settings: { ...search, loads: [{ by: 'concurrency', level: 1 }] } })
  await measure()
  const steps = saved.map(({ test, serving }) =>
    test.type === 'serving' && test.load.by === 'concurrency'
      ? [test.load.level, test.search, serving?.goodput?.part === 1]
      : [],
  )
  expect(steps).toEqual([
    [1, false, true],
    [2, true, true],
    [4, true, false],
    [3, true, true],
  ])
  expect(saved.at(-1)?.notes[0]).toBe('The highest load that was found to keep the limits: 3 at once.')
  expect(
    saved
      .slice(0, -1)
      .flatMap(({ notes }) => notes)
      .join(),
  ).not.toContain('highest load')
})

test('a provider without HTTP between is timed by its chat, and that is said', async () => {
  const chat: Provider['chat'] = async function* (_key, { everyToken, maxTokens = 1 }) {
    for (let token = 0; token < maxTokens; token++) yield { type: 'text', text: everyToken ? 'one' : 'several' }
    const timings = { ttftMs: 1, promptTokensPerSecond: null, tokensPerSecond: null, totalMs: 1 }
    yield {
      type: 'done',
      finishReason: 'length',
      usage: { promptTokens: 20, completionTokens: maxTokens },
      timings,
      costUsd: null,
    }
  }
  const { measure, saved, samples } = start({}, { by: aProvider({ chat }) })
  await measure()
  expect(saved.map(({ serving }) => serving?.succeeded)).toEqual([6, 6])
  expect(saved[0]?.notes[0]).toContain('Timed inside Berth')
  expect(samples[0]?.[0]).toMatchObject({ pieceMs: expect.arrayContaining([expect.any(Number)]), outputTokens: 4 })
  const failing = aProvider({
    chat: async function* () {
      yield* []
      throw new AppError('MODEL_NOT_LOADED')
    },
  })
  await expect(start({}, { by: failing }).measure()).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
})

test('a bug in the middle of a load ends it as what it is, and is no result', async () => {
  let asked = 0
  const chat: Provider['chat'] = async function* () {
    asked += 1
    if (asked > 3) throw new TypeError('a bug')
    const timings = { ttftMs: 1, promptTokensPerSecond: null, tokensPerSecond: null, totalMs: 1 }
    yield { type: 'text', text: 'one' }
    const usage = { promptTokens: 20, completionTokens: 1 }
    yield { type: 'done', finishReason: 'length', usage, timings, costUsd: null }
  }
  const loads = [{ by: 'rate' as const, requestsPerSecond: 100 }]
  const { measure, saved } = start({ settings: { ...settings, loads } }, { by: aProvider({ chat }) })
  await expect(measure()).rejects.toThrow('a bug')
  expect(saved).toEqual([])
})
