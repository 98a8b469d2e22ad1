import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkTest, ServingFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { randomNumbers } from '../randomNumbers.ts'
import { percentilesOf, statisticsOf } from '../statistics.ts'
import { compareRuns } from './compareRuns.ts'
import { e2eMs, goodOverTime, itlMs, tokensOverTime, tpotMs, ttftMs } from './sampleFigures.ts'
import { generation, repeated, testRun, testRuns } from './testRun.ts'

const changes = ({ cells }: Comparison) => cells.map((cell) => cell && (cell.change?.verdict ?? 'first'))
const find = (comparisons: readonly Comparison[], name: string): Comparison => {
  const found = comparisons.find((comparison) => comparison.name === name)
  if (!found) throw new Error(`${name} is not among ${comparisons.map((one) => one.name).join('; ')}`)
  return found
}

const compare = (...parts: Parameters<typeof testRuns>) => {
  const { runs, loadSamples } = testRuns(...parts)
  return compareRuns(runs, loadSamples)
}

describe('runs of an engine', () => {
  it('stand beside the first that measured the same', async () => {
    const [comparison, ...others] = await compare(
      [testRun('a'), [repeated([50, 50.5, 49.5, 50.2, 49.8])]],
      [testRun('b'), [repeated([55, 55.5, 54.5, 55.2, 54.8])]],
      [testRun('c'), [repeated([45, 45.5, 44.5, 45.2, 44.8])]],
      [testRun('d'), [repeated([50.9, 50.1, 49.9, 50.6, 49.5])]],
      [testRun('e'), []],
    )
    expect(others).toEqual([])
    expect(comparison).toMatchObject({ name: 'tg128', metric: 'speed', unit: 'tokens/s', better: 'higher' })
    if (!comparison) return
    expect(changes(comparison)).toEqual(['first', 'better', 'worse', 'noise', null])
    const [first, second] = comparison.cells
    expect(first).toMatchObject({ benchmark: 'a', position: 0, value: 50, change: null })
    expect(second?.change?.relative).toBeCloseTo(0.1, 9)
    expect(second?.change?.interval?.low).toBeGreaterThan(0.08)
    expect(second?.change?.interval?.high).toBeLessThan(0.12)
  })

  it('are noise below one part in a hundred, and unknown with fewer than three samples or none', async () => {
    const [comparison] = await compare(
      [testRun('a'), [repeated([50, 50.001, 49.999])]],
      [testRun('b'), [repeated([50.2, 50.201, 50.199])]],
      [testRun('c'), [repeated([60, 61])]],
      [testRun('d'), [{ ...repeated([60, 61, 62]), samples: [] }]],
    )
    expect(comparison && changes(comparison)).toEqual(['first', 'noise', 'unknown', 'unknown'])
    expect(comparison?.cells[2]?.change).toEqual({ relative: 10.5 / 50, interval: null, verdict: 'unknown' })
  })

  it('are better where they load sooner, and take less memory', async () => {
    const test: BenchmarkTest = { type: 'load', cache: 'warm' }
    const memory = (processPeakBytes: number) => [
      { device: 'd', name: 'D', beforeBytes: 1, peakBytes: 9e9, afterBytes: 1, processPeakBytes },
    ]
    const comparisons = await compare(
      [testRun('a'), [repeated([900, 905, 910], { test, memory: memory(4e9) })]],
      [testRun('b'), [repeated([700, 705, 710], { test, memory: memory(5e9) })]],
    )
    expect(comparisons.map(({ name, metric, unit, better }) => [name, metric, unit, better])).toEqual([
      ['load, warm', 'load', 'ms', 'lower'],
      ['load, warm, peak memory', 'memory', 'bytes', 'lower'],
    ])
    expect(comparisons.map(changes)).toEqual([
      ['first', 'better'],
      ['first', 'unknown'],
    ])
    expect(comparisons[1]?.cells[1]?.change?.relative).toBeCloseTo(0.25)
  })

  it('are matched whatever their options are; those of a sweep are rows of their own', async () => {
    const swept = (threads: number, speed: number) =>
      repeated([speed, speed + 1, speed + 2], { options: { threads, contextLength: 4096 } })
    const plain = await compare(
      [testRun('a'), [swept(4, 50)]],
      [testRun('b'), [repeated([60, 61, 62], { options: { contextLength: 8192, keepAlive: 60 } })]],
    )
    expect(plain.map(({ name, cells }) => [name, cells.length])).toEqual([['tg128', 2]])
    const comparisons = await compare(
      [testRun('a'), [swept(4, 50), swept(8, 70)]],
      [testRun('b'), [swept(8, 70)]],
      [testRun('c'), [repeated([60, 61, 62])]],
    )
    expect(comparisons.map((one) => [one.name, changes(one)])).toEqual([
      ['tg128, threads 4', ['first', null, null]],
      ['tg128, threads 8', ['first', 'noise', null]],
      ['tg128, threads not told', [null, null, 'first']],
    ])
  })

  it('are not loaded with their samples where nothing stands beside them', async () => {
    const prompt: BenchmarkTest = { type: 'prompt', promptTokens: 512, depth: 4096 }
    const { runs, loadSamples, asked } = testRuns(
      [testRun('a'), [repeated([1, 2, 3], { test: prompt }), repeated([1, 2, 3])]],
      [testRun('b'), [repeated([1, 2, 3])]],
    )
    const comparisons = await compareRuns(runs, loadSamples)
    expect(comparisons.map(({ name }) => name)).toEqual(['pp512 @ d4096', 'tg128'])
    expect(asked).toEqual(['a 1', 'b 0'])
  })

  it('of a file of others have their own energy and depth beside them', async () => {
    const comparisons = await compare(
      [testRun('a'), [repeated([1, 2, 3], { tokensPerJoule: 2 })]],
      [testRun('b'), [repeated([1, 2, 3], { test: { ...generation, depth: 10 }, tokensPerJoule: 3 })]],
    )
    expect(comparisons.map(({ name, cells }) => [name, cells.map((cell) => cell?.value ?? null)])).toEqual([
      ['tg128', [2, null]],
      ['tg128, tokens per joule', [2, null]],
      ['tg128 @ d10', [null, 2]],
      ['tg128 @ d10, tokens per joule', [null, 3]],
    ])
  })
})

const load: BenchmarkTest = {
  type: 'serving',
  load: { by: 'concurrency', level: 8 },
  promptTokens: 512,
  outputTokens: 64,
  search: false,
}

/** Requests one after the other: TTFT, then a piece each `itl` ms, two tokens a piece. */
const requests = (count: number, ttft: (request: number) => number, itl: number): BenchmarkSample[] => {
  let at = 0
  return Array.from({ length: count }, (_, request) => {
    const plannedMs = at
    const firstMs = plannedMs + ttft(request)
    const pieceMs = Array.from({ length: 32 }, (_, piece) => firstMs + piece * itl)
    at = pieceMs.at(-1) ?? at
    return {
      plannedMs,
      sentMs: plannedMs,
      firstMs,
      pieceMs,
      endMs: at,
      promptTokens: 512,
      outputTokens: 64,
      error: null,
    }
  })
}

const served = (samples: readonly BenchmarkSample[], limitMs: number, test = load) => {
  const ends = samples.map((sample) => ('endMs' in sample ? sample.endMs : 0))
  const seconds = Math.max(...ends) / 1000
  const of = (figures: (samples: readonly BenchmarkSample[]) => { values: ArrayLike<number> }) =>
    percentilesOf(Array.from(figures(samples).values))
  const kept = Array.from(ttftMs(samples).values).filter((ms) => ms <= limitMs).length
  const serving: ServingFigures = {
    requests: samples.length,
    succeeded: samples.length,
    errors: {},
    durationSeconds: seconds,
    ttftMs: of(ttftMs),
    itlMs: of(itlMs),
    tpotMs: of(tpotMs),
    e2eMs: of(e2eMs),
    lateMs: percentilesOf([0]),
    requestsPerSecond: samples.length / seconds,
    inputTokensPerSecond: null,
    outputTokensPerSecond: (samples.length * 64) / seconds,
    tokenCount: 'server',
    goodput: { requestsPerSecond: kept / seconds, part: kept / samples.length },
    costUsd: null,
  }
  return { ...repeated([(samples.length * 64) / seconds], { test, serving }), samples }
}

const settings: ServingSettings = {
  kind: 'serving',
  loads: [{ by: 'concurrency', level: 8 }],
  arrivals: 'constant',
  promptTokens: 512,
  outputTokens: 64,
  requestsPerLoad: 200,
  warmUpRequests: 0,
  requestSeconds: 60,
  limits: { ttftMs: 150 },
  findHighestLoad: false,
  seed: 1,
}

describe('runs of a server', () => {
  const random = randomNumbers(4)
  const ttft = () => 80 + 40 * random()
  const run = (id: string) => testRun(id, { kind: 'serving', settings })

  it('are compared by all their figures, each from its own samples', async () => {
    const comparisons = await compare(
      [run('same'), [served(requests(200, ttft, 20), 150)]],
      [run('again'), [served(requests(200, ttft, 20), 150)]],
      [run('slow tokens'), [served(requests(200, ttft, 30), 150)]],
      [
        run('late'),
        [
          served(
            requests(200, () => 2 * ttft(), 20),
            150,
          ),
        ],
      ],
    )
    const name = '8 at once, 512 → 64 tokens'
    expect(comparisons.map((one) => [one.name.slice(name.length), one.unit, ...changes(one)])).toEqual([
      [', throughput', 'tokens/s', 'first', 'noise', 'worse', 'worse'],
      [', TTFT p50', 'ms', 'first', 'noise', 'noise', 'worse'],
      [', TTFT p99', 'ms', 'first', 'noise', 'noise', 'worse'],
      [', ITL p50', 'ms', 'first', 'noise', 'worse', 'noise'],
      [', ITL p99', 'ms', 'first', 'noise', 'worse', 'noise'],
      [', TPOT p50', 'ms', 'first', 'noise', 'worse', 'noise'],
      [', E2E p50', 'ms', 'first', 'noise', 'worse', 'worse'],
      [', E2E p99', 'ms', 'first', 'noise', 'worse', 'worse'],
      [', goodput', 'requests/s', 'first', 'noise', 'worse', 'worse'],
    ])
    expect(comparisons.every(({ name: full }) => full.startsWith(name))).toBe(true)
    const itl = find(comparisons, `${name}, ITL p50`).cells[2]
    expect(itl?.value).toBeCloseTo(30, 6)
    expect(itl?.change?.relative).toBeCloseTo(0.5, 6)
  })

  it('a request that stalls now and then is seen in the 99th percentile alone', async () => {
    const stalls = (request: number) => (request % 20 === 0 ? 4000 : 100)
    const comparisons = await compare(
      [
        run('a'),
        [
          served(
            requests(400, () => 100, 20),
            150,
          ),
        ],
      ],
      [run('b'), [served(requests(400, stalls, 20), 150)]],
    )
    const name = '8 at once, 512 → 64 tokens'
    expect(changes(find(comparisons, `${name}, TTFT p50`))).toEqual(['first', 'noise'])
    expect(find(comparisons, `${name}, TTFT p99`).cells[1]?.value).toBe(4000)
    expect(changes(find(comparisons, `${name}, TTFT p99`))).toEqual(['first', 'worse'])
  })

  it('leave out the steps of a search, which each run takes for itself', async () => {
    const step = served(requests(5, ttft, 20), 150, { ...load, search: true })
    expect(await compare([run('a'), [step]], [run('b'), [step]])).toEqual([])
  })
})

describe('figures of samples', () => {
  const samples = requests(3, () => 100, 20)
  const failed: BenchmarkSample = {
    plannedMs: 0,
    sentMs: 0,
    firstMs: 9,
    pieceMs: [9, 99],
    endMs: 5000,
    promptTokens: null,
    outputTokens: null,
    error: 'TIMED_OUT',
  }

  it('count each answer, and none that failed', () => {
    const all = [...samples, failed]
    expect(Array.from(ttftMs(all).values)).toEqual([100, 100, 100])
    expect(Array.from(e2eMs(all).values)).toEqual([720, 720, 720])
    expect(Array.from(tpotMs(all).values)).toEqual(Array(3).fill((31 * 20) / 63))
    const { values, groups } = itlMs(all)
    expect(values).toHaveLength(93)
    expect(new Set(Array.from(values))).toEqual(new Set([20]))
    expect([groups?.[0], groups?.[92]]).toEqual([0, 2])
  })

  it('over time have the throughput as their mean', () => {
    const { values } = tokensOverTime(samples)
    expect(values).toHaveLength(3)
    expect(statisticsOf(Array.from(values)).mean).toBeCloseTo((3 * 64) / 2.16, 9)
    expect(statisticsOf(Array.from(goodOverTime(samples, { ttftMs: 100 }).values)).mean).toBeCloseTo(3 / 2.16, 9)
    expect(Array.from(goodOverTime(samples, { itlMs: 19 }).values)).toEqual([0, 0, 0])
    expect(Array.from(goodOverTime(samples, { e2eMs: 700 }).values)).toEqual([0, 0, 0])
    expect(Array.from(goodOverTime(samples, { tpotMs: 9 }).values)).toEqual([0, 0, 0])
  })

  it('of an answer in one piece have no time between tokens', () => {
    const whole: BenchmarkSample = { ...failed, pieceMs: [9], outputTokens: 64, error: null }
    expect(Array.from(tpotMs([whole]).values)).toEqual([])
    expect(Array.from(itlMs([whole]).values)).toEqual([])
  })

  it('over time go on to the end of the last request, also of one that failed', () => {
    const { values } = tokensOverTime([...samples, failed])
    expect(statisticsOf(Array.from(values)).mean).toBeCloseTo((3 * 64) / 5, 9)
  })

  it('of half a million pieces come from a part of them, and are the same', () => {
    const pieceMs = (request: number) => Array.from({ length: 1000 }, (_, piece) => request * 20_000 + 100 + piece * 20)
    const many: BenchmarkSample[] = Array.from({ length: 500 }, (_, request) => ({
      ...failed,
      plannedMs: request * 20_000,
      firstMs: request * 20_000 + 100,
      pieceMs: pieceMs(request),
      endMs: request * 20_000 + 20_080,
      outputTokens: 2000,
      error: null,
    }))
    const pauses = Array.from(itlMs(many).values)
    expect(pauses.length).toBeGreaterThan(40_000)
    expect(pauses.length).toBeLessThanOrEqual(50_000)
    expect(new Set(pauses)).toEqual(new Set([20]))
    const seconds = (499 * 20_000 + 20_080) / 1000
    const { mean } = statisticsOf(Array.from(tokensOverTime(many).values))
    expect(mean).toBeCloseTo((500 * 2000) / seconds, 6)
  })

  it('over time are none where nothing was answered', () => {
    expect(tokensOverTime([failed]).values).toHaveLength(0)
    expect(tokensOverTime([]).values).toHaveLength(0)
  })
})
