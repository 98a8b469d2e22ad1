import { setTimeout as pause } from 'node:timers/promises'
import { expect, describe as group, onTestFinished, test, vi } from 'vitest'
import { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { createTestSupervisor, onlyInstance, provideSampleModel } from '../../engine/testSupervisor.ts'
import { AppError } from '../../lib/appError.ts'
import { createPurse } from '../purse.ts'
import { runEmbeddingBenchmark } from './embeddingRunner.ts'
import { answerTo, createRun, instanceOf, scripted, settings, withoutEmbed } from './testRun.ts'

vi.setConfig({ testTimeout: 60_000 })

const at = <T>(values: readonly T[], index: number): T => {
  const value = values.at(index)
  if (value === undefined) throw new Error(`there is no value ${index}`)
  return value
}

group('a scripted provider', () => {
  test('is measured for each size: texts a second, latency and tokens, from what its requests took', async () => {
    const { provider, asked } = scripted(async (input) => {
      await pause(20 + input.length)
      return answerTo(input)
    })
    const { context, saved, samples, reports } = createRun(provider)
    await runEmbeddingBenchmark(context)
    expect(saved.map(({ position, test }) => [position, test])).toEqual([
      [0, { type: 'embedding', batchSize: 1, textTokens: 20 }],
      [1, { type: 'embedding', batchSize: 4, textTokens: 20 }],
    ])
    for (const [index, result] of saved.entries()) {
      expect(BenchmarkResult.omit({ measuredAt: true }).parse(result)).toEqual(result)
      expect(BenchmarkSample.array().parse(samples[index])).toEqual(samples[index])
      const times = at(samples, index).map((sample) => ('ms' in sample ? sample.ms : Number.NaN))
      expect(times.length).toBe(result.statistics.count)
      // timers may end a millisecond early
      expect(Math.min(...times)).toBeGreaterThan(20)
      expect(result.embedding?.latencyMs.max).toBe(Math.max(...times))
      const batch = [1, 4][index] ?? 0
      expect(result.statistics.max).toBeCloseTo((batch * 1000) / Math.min(...times), 9)
      const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1000
      // 19 words: a little below what was asked for
      expect(result.embedding?.inputTokensPerSecond).toBeCloseTo((19 * batch * times.length) / seconds, 6)
    }
    // two short texts, then for each size one that does not count
    expect(asked.map((input) => input.length)).toEqual([
      1,
      1,
      ...Array(1 + at(saved, 0).statistics.count).fill(1),
      ...Array(1 + at(saved, 1).statistics.count).fill(4),
    ])
    expect(reports.at(-1)?.fraction).toBeLessThanOrEqual(1)
  })

  test('gets texts of the asked length, none of which begins like another', async () => {
    const { provider, asked } = scripted(async (input) => ({
      ...answerTo(input),
      // one and a half for each word, and two for each text
      promptTokens: input.reduce((sum, text) => sum + text.split(' ').length * 1.5 + 2, 0),
    }))
    const { context, saved } = createRun(provider, { settings: settings({ textTokens: 302, batchSizes: [3] }) })
    await runEmbeddingBenchmark(context)
    const texts = asked.slice(2).flat()
    expect(new Set(texts.map((text) => text.split(' ')[0])).size).toBe(texts.length)
    for (const text of texts) expect(text.split(' ')).toHaveLength(194)
    expect(at(saved, 0).notes).toEqual([])
  })

  test('that does not count tokens is said to be approximate', async () => {
    const { provider } = scripted(async (input) => ({ ...answerTo(input), promptTokens: null }))
    const { context, saved } = createRun(provider, { settings: settings({ batchSizes: [2] }) })
    await runEmbeddingBenchmark(context)
    expect(at(saved, 0)).toMatchObject({ embedding: { inputTokensPerSecond: null }, tokensPerJoule: null })
    expect(at(saved, 0).notes).toEqual([expect.stringMatching(/approximate/)])
  })

  test('that refuses a size is measured for the others, and it is said why one is missing', async () => {
    for (const refused of [1, 4, 9]) {
      // the first two are to learn how it counts
      const { provider, asked } = scripted(async (input) => {
        if (input.length === refused && asked.length > 2)
          throw new AppError('INVALID_INPUT', `No more than ${refused - 1} texts.`)
        return answerTo(input)
      })
      const { context, saved, findings } = createRun(provider, { settings: settings({ batchSizes: [1, 4, 9] }) })
      await runEmbeddingBenchmark(context)
      expect(saved.map(({ position }) => position)).toEqual([0, 1, 2].filter((one) => [1, 4, 9][one] !== refused))
      const texts = refused === 1 ? 'one text' : `${refused} texts`
      expect(findings).toEqual([`unmeasured: Batches of ${texts}: No more than ${refused - 1} texts.`])
    }
  })

  test('that refuses every size, or is gone, fails with its reason', async () => {
    const refusing = scripted(async (input) => {
      if (input.length > 1) throw new AppError('TOO_LARGE', 'One text at a time.')
      return answerTo(input)
    })
    const run = createRun(refusing.provider, { settings: settings({ batchSizes: [2, 3] }) })
    await expect(runEmbeddingBenchmark(run.context)).rejects.toMatchObject({ message: 'One text at a time.' })
    const gone = scripted(async (input) => {
      if (input.length > 1) throw new AppError('PROVIDER_UNREACHABLE')
      return answerTo(input)
    })
    const other = createRun(gone.provider, { settings: settings({ batchSizes: [1, 2, 1] }) })
    await expect(runEmbeddingBenchmark(other.context)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
    expect(other.saved.map(({ position }) => position)).toEqual([0])
  })

  test('that refuses only after some repetitions keeps those, and says why there are no more', async () => {
    let batches = 0
    const { provider } = scripted(async (input) => {
      if (input.length === 4 && ++batches > 2) throw new AppError('PROVIDER_BUSY', 'Too busy.')
      return answerTo(input)
    })
    const { context, saved } = createRun(provider)
    await runEmbeddingBenchmark(context)
    expect(at(saved, 1)).toMatchObject({ statistics: { count: 1 }, notes: ['Repeated once: Too busy.'] })
  })

  test.each([
    ['too few vectors', (input: readonly string[]) => input.slice(1).map(() => [1])],
    ['vectors of different lengths', (input: readonly string[]) => input.map((_, index) => Array(index + 1).fill(1))],
    ['empty vectors', (input: readonly string[]) => input.map(() => [])],
  ])('that answers with %s is at fault, and nothing is kept of it', async (_what, embeddings) => {
    const { provider } = scripted(async (input) =>
      input.length === 1 ? answerTo(input) : { ...answerTo(input), embeddings: embeddings(input) },
    )
    const { context, saved } = createRun(provider, { settings: settings({ batchSizes: [4, 1] }) })
    await expect(runEmbeddingBenchmark(context)).rejects.toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
      message: expect.stringMatching(/^Provider answered 4 texts with/),
    })
    expect(saved).toEqual([])
  })

  test('that makes no vectors is refused before anything is loaded', async () => {
    const loads: unknown[] = []
    const load = async (options: unknown) => {
      loads.push(options)
      return null
    }
    const { context } = createRun(withoutEmbed, { subject: { load } })
    await expect(runEmbeddingBenchmark(context)).rejects.toMatchObject({
      code: 'VERB_NOT_SUPPORTED',
      message: 'It makes no vectors.',
    })
    expect(loads).toEqual([])
  })

  test('is asked nothing of what was measured before', async () => {
    const { provider, asked } = scripted(async (input) => answerTo(input))
    const first = createRun(provider)
    await runEmbeddingBenchmark(first.context)
    const done = new Map(first.saved.map((result) => [result.position, { ...result, measuredAt: 1 }]))
    asked.length = 0
    await runEmbeddingBenchmark(createRun(provider, { done }).context)
    expect(asked).toEqual([])
    done.delete(0)
    const again = createRun(provider, { done })
    await runEmbeddingBenchmark(again.context)
    expect(again.saved.map(({ position }) => position)).toEqual([0])
    expect(asked.every((input) => input.length === 1)).toBe(true)
  })

  test('that is cancelled keeps the sizes that were measured, and not the one that was not', async () => {
    const leaving = new AbortController()
    const { provider } = scripted(async (input, signal) => {
      if (input.length === 4) leaving.abort(new AppError('CANCELLED'))
      signal.throwIfAborted()
      return answerTo(input)
    })
    const { context, saved } = createRun(provider, { signal: leaving.signal })
    await expect(runEmbeddingBenchmark(context)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(saved.map(({ position }) => position)).toEqual([0])
  })

  test('that is slower than the time allows begins nothing new, and it is said what is missing', async () => {
    vi.useFakeTimers({ toFake: ['performance'] }) // a busy machine takes none of its time
    onTestFinished(() => void vi.useRealTimers())
    const { provider } = scripted(async (input) => {
      vi.advanceTimersByTime(input.length === 1 ? 1 : 400)
      return answerTo(input)
    })
    const { context, saved, findings } = createRun(provider, {
      settings: settings({ batchSizes: [1, 2, 3], repetition: { least: 1000, most: 1000, relativeError: 0.01 } }),
      deadline: performance.now() + 300,
    })
    await runEmbeddingBenchmark(context)
    expect(at(saved, 0).notes).toEqual([expect.stringMatching(/^Repeated \d+ times: the time was used up\.$/)])
    expect(findings).toEqual(['unmeasured: Batches of 2, 3: the time was used up.'])
  })

  test('counts what each answer cost, and leaves its usage to the guard', async () => {
    const { provider } = scripted(async (input) => ({ ...answerTo(input), costUsd: input.length }))
    const used: unknown[] = []
    const purse = createPurse({ leftUsd: 100, eachUsd: null, price: null })
    const { context } = createRun(provider, {
      settings: settings({ batchSizes: [3], repetition: { least: 1, most: 1, relativeError: 1 } }),
      purse,
      used: (answer) => void used.push(answer),
    })
    await runEmbeddingBenchmark(context)
    // two texts to learn their length, a batch to warm up, and the one that counts
    expect(purse.rest()).toMatchObject({ leftUsd: 100 - 1 - 1 - 3 - 3, eachUsd: 1 })
    expect(used).toEqual([])
  })

  test('that charges is never asked for more than was agreed to', async () => {
    let spentUsd = 0
    const { provider } = scripted(async (input) => {
      spentUsd += input.length
      return { ...answerTo(input), costUsd: input.length }
    })
    const { context, findings } = createRun(provider, {
      settings: settings({ batchSizes: [1, 10, 100] }),
      purse: createPurse({ leftUsd: 30, eachUsd: null, price: null }),
    })
    await runEmbeddingBenchmark(context)
    expect(spentUsd).toBeLessThanOrEqual(30)
    expect(findings).toEqual(['unmeasured: Batches of 100: the money was used up.'])
  })

  test('on another machine has no memory and no energy here', async () => {
    const { provider } = scripted(async (input) => answerTo(input))
    const memory = [{ device: 'cpu', name: 'CPU', beforeBytes: 1, peakBytes: 2, afterBytes: 1, processPeakBytes: null }]
    const began: (number | null)[] = []
    const machine = {
      readings: () => [],
      begin(pid: number | null) {
        began.push(pid)
        return { end: () => ({ memory, joules: 2, processPeakBytes: null }) }
      },
    }
    const load = async () => instanceOf({ pid: 7 })
    const remote = createRun(provider, { machine, subject: { local: false, load } })
    await runEmbeddingBenchmark(remote.context)
    expect(at(remote.saved, 0)).toMatchObject({ memory: [], tokensPerJoule: null })
    const local = createRun(provider, { machine, subject: { local: true, load } })
    await runEmbeddingBenchmark(local.context)
    const { count } = at(local.saved, 0).statistics
    expect(at(local.saved, 0)).toMatchObject({ memory, tokensPerJoule: (19 * count) / 2 })
    expect(new Set(began)).toEqual(new Set([null, 7]))
  })
})

group('the embedded engine', () => {
  const sample = provideSampleModel()

  test('is measured with a real model, which is loaded with the options of the run', async () => {
    const supervisor = createTestSupervisor()
    const { provider } = scripted((input, signal) => supervisor.embed('a', input, signal))
    const { context, saved, samples } = createRun(provider, {
      settings: settings({
        batchSizes: [1, 8],
        textTokens: 100,
        repetition: { least: 3, most: 5, relativeError: 0.02 },
      }),
      options: { contextLength: 256 },
      subject: {
        load: async (options) => {
          await supervisor.loadSmall('a', sample(), options)
          const { pid, options: chosen } = onlyInstance(supervisor)
          return instanceOf({ pid, options: chosen })
        },
      },
    })
    await runEmbeddingBenchmark(context)
    expect(saved).toHaveLength(2)
    for (const { test, options, statistics, embedding, notes } of saved) {
      expect(options).toMatchObject({ contextLength: 256 })
      expect(statistics.median).toBeGreaterThan(0)
      // within a tenth of what was asked for, so that it is not noted
      expect(notes).toEqual([])
      const batchMs = embedding?.latencyMs.mean ?? 0
      const batch = test.type === 'embedding' ? test.batchSize : Number.NaN
      const tokensOfText = ((embedding?.inputTokensPerSecond ?? 0) * batchMs) / 1000 / batch
      expect(tokensOfText).toBeGreaterThan(89)
      expect(tokensOfText).toBeLessThan(111)
    }
    expect(at(samples, 1).length).toBeGreaterThanOrEqual(3)
  })

  test('refuses texts above its context by name', async () => {
    const supervisor = createTestSupervisor()
    await supervisor.loadSmall('a', sample(), { contextLength: 64 })
    const { provider } = scripted((input, signal) => supervisor.embed('a', input, signal))
    const { context } = createRun(provider, { settings: settings({ batchSizes: [1], textTokens: 600 }) })
    await expect(runEmbeddingBenchmark(context)).rejects.toMatchObject({ message: expect.stringMatching(/tokens/) })
  })
})
