import { expect, onTestFinished, test, vi } from 'vitest'
import { AppError } from '../../lib/appError.ts'
import type { MachineWatch } from '../runner.ts'
import { createEngineRunner } from './engineRunner.ts'
import { aCache, aProvider, aRun, aSubject, model, scripted, settings } from './testRun.ts'

const run = createEngineRunner(aCache())
const twice = { least: 2, most: 2, relativeError: 0.01 }

/** Time passes only when its test lets it, by so many milliseconds. */
const standingClock = (): ((ms: number) => void) => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  return (ms) => void vi.advanceTimersByTime(ms)
}

test('each test is warmed up once, repeated until its interval is narrow, and saved with its samples', async () => {
  const { provider, asked } = scripted((_, number) => (number === 1 ? 5000 : 100 + (number % 2)))
  const { subject } = aSubject(provider)
  const { context, saved, samples } = aRun(subject)
  await run(context)
  expect(asked.map(({ type, tokens }) => `${type} ${tokens}`)).toEqual([
    ...Array.from({ length: 4 }, () => 'prompt 512'),
    'generation 1',
    ...Array.from({ length: 3 }, () => 'generation 64'),
  ])
  expect(saved.map(({ position, test, unit }) => ({ position, test, unit }))).toEqual([
    { position: 0, test: { type: 'prompt', promptTokens: 512, depth: 0 }, unit: 'tokens/s' },
    { position: 1, test: { type: 'generation', generatedTokens: 64, depth: 0 }, unit: 'tokens/s' },
  ])
  expect(samples[0]).toEqual([
    { ms: 100, value: 5120 },
    { ms: 101, value: 512_000 / 101 },
    { ms: 100, value: 5120 },
  ])
  expect(saved[0]?.statistics).toMatchObject({ count: 3, median: 5120, max: 5120 })
  expect(saved[0]?.notes).toEqual([])
})

test('a test that varies is repeated as often as it may be', async () => {
  const { provider } = scripted((_, number) => (number % 2 === 0 ? 100 : 200))
  const { context, saved } = aRun(aSubject(provider).subject)
  await run(context)
  expect(saved.map(({ statistics }) => statistics.count)).toEqual([5, 5])
})

test('it is told which test is measured, how often, and how much is done', async () => {
  const { provider } = scripted(() => 100)
  const { context, texts, fractions } = aRun(aSubject(provider).subject)
  await run(context)
  expect(texts).toEqual([
    'loading',
    'pp512',
    'pp512, 1 of 5',
    'pp512, 2 of 5',
    'pp512, 3 of 5',
    'tg64',
    'tg64, 1 of 5',
    'tg64, 2 of 5',
    'tg64, 3 of 5',
  ])
  expect(fractions).toEqual(fractions.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
  expect(Math.max(...fractions.map((each) => each ?? 0))).toBeLessThan(1)
})

const swept = settings({
  promptTokens: [128, 512],
  depths: [0, 256],
  repetition: twice,
  sweep: { threads: [1, 2], kvCacheType: ['f16', 'q8_0'] },
})

test('a sweep loads each combination anew, at positions that are the same each time', async () => {
  const measured: string[][] = []
  for (let time = 0; time < 2; time++) {
    const { subject, loads } = aSubject(scripted(() => 100).provider)
    const { context, saved } = aRun(subject, { settings: swept, options: { mmap: true } })
    await run(context)
    expect(loads).toEqual([
      { mmap: true, kvCacheType: 'f16', threads: 1 },
      { mmap: true, kvCacheType: 'f16', threads: 2 },
      { mmap: true, kvCacheType: 'q8_0', threads: 1 },
      { mmap: true, kvCacheType: 'q8_0', threads: 2 },
    ])
    expect(saved.map(({ position }) => position)).toEqual(Array.from({ length: 16 }, (_, index) => index))
    measured.push(saved.map(({ test, options }) => JSON.stringify([test, options])))
  }
  expect(measured[0]).toEqual(measured[1])
  expect(new Set(measured[0]).size).toBe(16)
})

test('what was measured before is not measured again, and a combination of such is not even loaded', async () => {
  const first = aRun(aSubject(scripted(() => 100).provider).subject, { settings: swept })
  await run(first.context)
  const kept = [0, 1, 2, 3, 5, 14, 15]
  const done = new Map(
    first.saved
      .filter(({ position }) => kept.includes(position))
      .map((each) => [each.position, { ...each, measuredAt: 1 }]),
  )
  const { subject, loads } = aSubject(scripted(() => 100).provider)
  const again = aRun(subject, { settings: swept, done })
  await run(again.context)
  expect(again.named()).toEqual([4, 6, 7, 8, 9, 10, 11, 12, 13])
  expect(loads).toHaveLength(3)
})

test.each(['OUT_OF_MEMORY', 'LOAD_FAILED', 'ENGINE_CRASHED', 'INVALID_INPUT'] as const)(
  'a combination that does not load (%s) is noted, and the others are measured',
  async (code) => {
    const { provider } = scripted(() => 100)
    const { subject } = aSubject(provider)
    const load: typeof subject.load = async (options, signal) => {
      if (options.threads === 1) throw new AppError(code, 'It does not fit.')
      return subject.load(options, signal)
    }
    const { context, notes, named } = aRun({ ...subject, load }, { settings: swept })
    await run(context)
    expect(named()).toEqual([4, 5, 6, 7, 12, 13, 14, 15])
    expect(notes).toEqual([
      { kind: 'unmeasured', text: 'f16 KV cache, 1 thread could not be measured: It does not fit.' },
      { kind: 'unmeasured', text: 'q8_0 KV cache, 1 thread could not be measured: It does not fit.' },
    ])
  },
)

test('where nothing can be loaded at all, the run fails with why', async () => {
  const failing = async () => {
    throw new AppError('OUT_OF_MEMORY', 'It does not fit.')
  }
  const { context } = aRun(aSubject(scripted(() => 100).provider, { load: failing }).subject, { settings: swept })
  await expect(run(context)).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' })
})

test('a server that went away ends the run, and what was measured stays', async () => {
  const { provider } = scripted((test) => {
    if (test.type === 'generation') throw new AppError('PROVIDER_UNREACHABLE')
    return 100
  })
  const { context, named } = aRun(aSubject(provider).subject)
  await expect(run(context)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
  expect(named()).toEqual([0])
})

test('a test that fails is noted; after a crash the model is loaded again for the next', async () => {
  const { provider } = scripted((test) => {
    if (test.tokens === 256) throw new AppError('INVALID_INPUT', 'Too long.')
    if (test.tokens === 512) throw new AppError('ENGINE_CRASHED', 'It crashed.')
    return 100
  })
  const { subject, loads } = aSubject(provider)
  let crashed = 0
  const load: typeof subject.load = async (options, signal) => {
    crashed++
    return subject.load(options, signal)
  }
  const { context, notes, named } = aRun(
    { ...subject, load },
    { settings: settings({ promptTokens: [128, 256, 512] }) },
  )
  await run(context)
  expect(named()).toEqual([0, 3])
  expect(notes.map(({ text }) => text)).toEqual([
    'pp256 could not be measured: Too long.',
    'pp512 could not be measured: It crashed.',
  ])
  expect(crashed).toBe(3)
  expect(loads).toHaveLength(2) // what is too long leaves it loaded
})

test('a process that crashed is not taken for a loaded one, so that only its own test is lost', async () => {
  let lives = false
  const { provider } = scripted((test) => {
    if (!lives) throw new AppError('MODEL_NOT_LOADED')
    if (test.tokens !== 256) return 100
    lives = false
    throw new AppError('ENGINE_CRASHED', 'It crashed.')
  })
  const { subject } = aSubject(provider)
  const load: typeof subject.load = async (options, signal) => {
    if (subject.instance() === null) lives = true
    return subject.load(options, signal)
  }
  const { context, notes, named } = aRun(
    { ...subject, load },
    { settings: settings({ promptTokens: [128, 256, 512] }) },
  )
  await run(context)
  expect(named()).toEqual([0, 2, 3])
  expect(notes).toEqual([{ kind: 'unmeasured', text: 'pp256 could not be measured: It crashed.' }])
})

test('cancelled, it ends at once and keeps what was saved', async () => {
  const cancel = new AbortController()
  const { provider } = scripted((test) => {
    if (test.type === 'generation') cancel.abort()
    return 100
  })
  const { context, named } = aRun(aSubject(provider).subject, { signal: cancel.signal })
  await expect(run(context)).rejects.toThrow()
  expect(named()).toEqual([0])
})

test('after the deadline nothing is begun, and what was not reached is named', async () => {
  const { provider, asked } = scripted(() => 100)
  const { context, saved, notes } = aRun(aSubject(provider).subject, { deadline: performance.now() - 1 })
  await run(context)
  expect(asked).toEqual([])
  expect(saved).toEqual([])
  expect(notes).toEqual([{ kind: 'unmeasured', text: 'There was no time for: pp512; tg64.' }])
})

test('a prompt that used all the time up is kept as it was, and said to be not warmed up', async () => {
  const pass = standingClock()
  const deadline = performance.now() + 100
  const { provider } = scripted(() => {
    pass(150)
    return 150
  })
  const { context, saved, notes } = aRun(aSubject(provider).subject, { deadline })
  await run(context)
  expect(saved).toMatchObject([{ position: 0, statistics: { count: 1, standardDeviation: null } }])
  expect(saved[0]?.notes).toEqual(['Measured once and not warmed up: there was no time for more.'])
  expect(notes).toEqual([{ kind: 'unmeasured', text: 'There was no time for: tg64.' }])
})

test('no test takes the time of those after it', async () => {
  const pass = standingClock()
  const { provider } = scripted((_, number) => {
    pass(20)
    return 20 + (number % 2) * 20
  })
  const repetition = { least: 3, most: 1000, relativeError: 0.0001 }
  const deadline = performance.now() + 1200
  const { context, saved } = aRun(aSubject(provider).subject, { settings: settings({ repetition }), deadline })
  await run(context)
  expect(saved).toHaveLength(2)
  for (const { statistics, notes } of saved) {
    expect(statistics.count).toBeGreaterThan(1)
    expect(notes).toEqual([`Repeated ${statistics.count} times: there was no time for more.`])
  }
})

test('a provider that does not measure its engine is refused', async () => {
  const { context } = aRun(aSubject(aProvider()).subject)
  await expect(run(context)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
})

const memory = [{ device: 'cpu', name: 'CPU', beforeBytes: 1, peakBytes: 3, afterBytes: 2, processPeakBytes: 2 }]
const watching = (pids: (number | null)[]): MachineWatch => ({
  readings: () => [],
  begin: (pid) => {
    pids.push(pid)
    return { end: () => ({ memory, joules: 3, processPeakBytes: 2 }) }
  },
})

test('memory and energy are those of its process; energy only where hardly anything else was done meanwhile', async () => {
  const pass = standingClock()
  const { provider } = scripted((test) => {
    pass(20)
    return test.type === 'prompt' ? 20 : 2
  })
  const pids: (number | null)[] = []
  const { context, saved } = aRun(aSubject(provider).subject, {
    settings: settings({ repetition: twice }),
    machine: watching(pids),
  })
  await run(context)
  expect(pids).toEqual([7, 7])
  expect(saved.map(({ tokensPerJoule }) => tokensPerJoule)).toEqual([expect.closeTo((512 * 2) / 3), null])
  expect(saved[0]?.memory).toEqual(memory)
})

test('of another machine neither memory nor energy is known', async () => {
  const { context, saved } = aRun(aSubject(scripted(() => 1000).provider, { local: false }).subject, {
    machine: watching([]),
  })
  await run(context)
  expect(saved.map(({ memory, tokensPerJoule }) => [memory, tokensPerJoule])).toEqual([
    [[], null],
    [[], null],
  ])
})

test.each([
  ['as it comes where that is enough', {}, [0], undefined],
  ['as long as the deepest test needs', {}, [0, 8192], 8256],
  ['as the person chose', { contextLength: 4096 }, [0, 8192], 4096],
])('the context is %s', async (_, options, depths, contextLength) => {
  const { subject, loads } = aSubject(scripted(() => 100).provider)
  await run(aRun(subject, { settings: settings({ depths }), options }).context)
  expect(loads).toEqual([contextLength === undefined ? {} : { contextLength }])
})

test('a context is not asked for where that is not taken', async () => {
  const base = scripted(() => 100).provider
  for (const facts of [
    { provider: { ...base, ignoredOptions: { contextLength: 'At its start.' } } },
    { model: model({ verbs: { ...model().verbs, load: false } }) },
  ]) {
    const { subject, loads } = aSubject(base, facts)
    await run(aRun(subject, { settings: settings({ depths: [8192] }) }).context)
    expect(loads).toEqual([{}])
  }
})
