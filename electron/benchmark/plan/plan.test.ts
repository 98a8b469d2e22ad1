import { describe, expect, it, test } from 'vitest'
import { type BenchmarkKind, BenchmarkPreset, BenchmarkSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { Model, Price } from '../../../shared/contract/models.ts'
import type { ProviderKind } from '../../../shared/contract/providers.ts'
import { maxSearchSteps } from '../servingTest/highestLoad.ts'
import { factsOf, idOf, modelOf, providerOf, settings } from '../testRuns.ts'
import { checkConsent, planRun } from './plan.ts'
import { durationNote } from './planNotes.ts'
import { presetSettings } from './presets.ts'
import { costOf } from './price.ts'
import { secondsOf, workOf } from './work.ts'

const request = { model: idOf('a') }
const kinds: readonly BenchmarkKind[] = ['engine', 'serving', 'embedding']
const withVerbs = (verbs: Partial<Model['verbs']>) =>
  modelOf(idOf('a'), { verbs: { ...modelOf(idOf('a')).verbs, ...verbs } })
const withoutMeasure = () => {
  const { measure: _, ...provider } = providerOf()
  return provider
}

describe('the kind of a run', () => {
  it('is engine where the provider tells its own figures, else serving, else embedding', () => {
    expect(planRun(request, factsOf()).kind).toBe('engine')
    expect(planRun(request, factsOf({ provider: withoutMeasure() })).kind).toBe('serving')
    expect(planRun(request, factsOf({ model: withVerbs({ chat: false }) })).kind).toBe('embedding')
  })

  it('is refused with the words why, where the model cannot be measured so', () => {
    const plan = (kind: BenchmarkKind, facts = {}) => planRun({ ...request, kind }, factsOf(facts))
    expect(() => plan('engine', { provider: withoutMeasure() })).toThrow('does not tell what its engine takes')
    const model = { ...withVerbs({ embed: false }), cannot: { embed: 'It makes no vectors.' } }
    expect(() => plan('embedding', { model })).toThrow('It makes no vectors.')
    const nothing = withVerbs({ chat: false, embed: false })
    expect(() => planRun(request, factsOf({ model: nothing }))).toThrow(
      expect.objectContaining({ code: 'VERB_NOT_SUPPORTED' }),
    )
  })

  it('is that of the settings, and not another', () => {
    expect(planRun({ ...request, settings: settings() }, factsOf())).toMatchObject({ kind: 'engine', preset: null })
    expect(() => planRun({ ...request, kind: 'serving', settings: settings() }, factsOf())).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

test('load options that its server does not take are refused before anything is measured', () => {
  const facts = factsOf({ provider: providerOf({ ignoredOptions: { threads: 'Threads are set by the server.' } }) })
  expect(() => planRun({ ...request, options: { threads: 2 } }, facts)).toThrow('Threads are set by the server.')
  const swept = settings()
  if (swept.kind === 'engine') swept.sweep.threads.push(1, 2)
  expect(() => planRun({ ...request, settings: swept }, facts)).toThrow('Threads are set by the server.')
  const unloadable = factsOf({ model: withVerbs({ load: false }) })
  expect(() => planRun({ ...request, options: { threads: 2 } }, unloadable)).toThrow('with options of its own')
  expect(planRun({ ...request, options: { contextLength: 512 } }, facts).kind).toBe('engine')
})

test('a sweep of more tests than anybody could wait for is refused before it is built', () => {
  const swept = settings()
  if (swept.kind !== 'engine') throw new Error('they are of an engine')
  const values = Array.from({ length: 20 }, (_, index) => index + 1)
  const sweep = { ...swept.sweep, threads: values, gpuLayers: values }
  const plan = (more: object) =>
    planRun({ ...request, settings: { ...swept, sweep: { ...sweep, ...more } } }, factsOf())
  expect(plan({}).tests).toBeGreaterThanOrEqual(400)
  const contextLength = values.map((value) => value * 512)
  expect(() => plan({ contextLength, batchSize: values })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('at most 10000') }),
  )
})

describe('a preset', () => {
  it.each(kinds.flatMap((kind) => BenchmarkPreset.options.map((preset) => [kind, preset] as const)))(
    'of %s, %s, is valid and fits every context',
    (kind, preset) => {
      for (const room of [null, 8, 33, 64, 100, 512, 2048, 131_072]) {
        const chosen = presetSettings(kind, preset, room)
        expect(BenchmarkSettings.parse(chosen)).toEqual(chosen)
        const limit = room === null ? Number.POSITIVE_INFINITY : Math.max(room / 2, room - 64)
        if (chosen.kind === 'serving') expect(chosen.promptTokens + chosen.outputTokens).toBeLessThanOrEqual(limit)
        if (chosen.kind === 'embedding') expect(chosen.textTokens).toBeLessThanOrEqual(limit)
        if (chosen.kind !== 'engine') continue
        expect(Math.max(...chosen.promptTokens)).toBeLessThanOrEqual(limit)
        expect(Math.max(...chosen.depths) + Math.max(...chosen.generatedTokens)).toBeLessThanOrEqual(limit)
      }
    },
  )

  it('is shortened to the context that is asked for, and says so', () => {
    const { settings: chosen, notes } = planRun(
      { ...request, preset: 'standard', options: { contextLength: 1024 } },
      factsOf({ model: modelOf(idOf('a'), { contextLength: 8192 }) }),
    )
    expect(chosen).toMatchObject({ promptTokens: [128, 512], depths: [0] })
    expect(notes.join(' ')).toContain('to fit its context of 1024 tokens')
  })

  it('says how long it takes before it begins, and is never longer than its budget', () => {
    const known = { promptTokensPerSecond: 500, tokensPerSecond: 50, textsPerSecond: null, loadMs: 2000 }
    const plan = planRun(request, factsOf({ known }))
    // five times 512 tokens read and 64 generated, one load, one look at the machine
    expect(plan.estimatedSeconds).toBeCloseTo((5 * 512) / 500 + (5 * 64) / 50 + 2 + 2)
    expect(durationNote(plan)).toBe('Quick takes about 16 s, and begins nothing new after 30 s.')
    const slow = planRun(request, factsOf({ known: { ...known, promptTokensPerSecond: 5 } }))
    expect([slow.estimatedSeconds, slow.budgetSeconds]).toEqual([30, 30])
    expect(durationNote(slow)).toContain('keeps what it has')
    expect(plan.notes.join(' ')).not.toContain('16 s') // nobody reads it twice
    expect(planRun(request, factsOf()).estimatedSeconds).toBeNull()
  })
})

test('the work of an engine sweep is that of all its combinations', () => {
  const swept = settings([100, 200])
  if (swept.kind !== 'engine') return expect.unreachable()
  swept.generatedTokens = [10]
  swept.depths = [0, 50]
  swept.measureLoad = true
  swept.sweep.threads = [1, 2]
  swept.sweep.kvCacheType = ['f16', 'q8_0']
  expect(workOf(swept)).toMatchObject({
    tests: 4 * (2 + 2 + 2),
    loads: 4 * 6,
    promptTokens: 4 * (2 * 300 + 50),
    outputTokens: 4 * 2 * 2 * 10,
  })
})

test('a price is that of the most repetitions, a time that of usual ones', () => {
  const quick = presetSettings('embedding', 'quick', null)
  expect([workOf(quick).texts, workOf(quick, 'most').texts]).toEqual([9 * 5, 9 * 6])
})

test('a price is that of the longest search, and of the answers before the first load', () => {
  const thorough = presetSettings('serving', 'thorough', null)
  expect(workOf(thorough, 'most')).toMatchObject({ tests: 10 + maxSearchSteps, requests: 1 + 4 + 22 * 64 })
})

test('time is unknown where no speed is known, and at least what arrivals at a rate take', () => {
  const none = { promptTokensPerSecond: null, tokensPerSecond: null, textsPerSecond: null, loadMs: null }
  const work = workOf(presetSettings('serving', 'standard', null))
  expect(secondsOf(work, none)).toBeNull()
  expect(secondsOf(work, { ...none, tokensPerSecond: 1e9 })).toBe(32 / 0.5 + 32 + 16 + 2)
  const embedding = workOf(presetSettings('embedding', 'quick', null))
  expect(secondsOf(embedding, { ...none, tokensPerSecond: 10 })).toBeNull()
  expect(secondsOf(embedding, { ...none, textsPerSecond: 9 })).toBe(5 + 2)
})

describe('the price', () => {
  const price: Price = { promptUsdPerMillion: 1, completionUsdPerMillion: 10, requestUsd: 0.001, free: false }
  const work = { tests: 1, loads: 1, requests: 10, promptTokens: 1e6, outputTokens: 1e5, texts: 0, waitSeconds: 0 }
  const cost = (of: Price | null, kind: ProviderKind = 'openrouter', host: string | null = 'openrouter.ai') =>
    costOf({ price: of }, kind, host, work)

  it('is that of all tokens and requests, and needs consent', () => {
    expect(cost(price)).toEqual({ estimatedUsd: 2.01, needsConsent: true })
    expect(cost({ ...price, free: true })).toEqual({ estimatedUsd: null, needsConsent: false })
    const zero = { promptUsdPerMillion: 0, completionUsdPerMillion: 0, requestUsd: null, free: false }
    expect(cost(zero).needsConsent).toBe(false)
  })

  it('is unknown, and needs consent, where a provider may charge and tells none', () => {
    const unknown = { estimatedUsd: null, needsConsent: true }
    expect(cost(null)).toEqual(unknown)
    expect(cost({ ...price, completionUsdPerMillion: null })).toEqual(unknown)
    expect(cost(null, 'openai', 'api.example.com')).toEqual(unknown)
  })

  it.each([
    ['embedded', null],
    ['openai', null],
    ['openai', '192.168.1.4:8080'],
    ['openai', '10.0.0.2'],
    ['openai', 'workstation:1234'],
    ['openai', 'box.local'],
    ['ollama', 'far.example.com'],
  ] as const)('is nothing of %s at %s', (kind, host) => {
    expect(cost(null, kind, host)).toEqual({ estimatedUsd: null, needsConsent: false })
  })

  it('is agreed to before anything is spent', () => {
    const plan = { ...planRun(request, factsOf()), needsConsent: true, estimatedUsd: 2.01 }
    const refused = expect.objectContaining({ code: 'COST_NOT_ACCEPTED', details: { estimatedUsd: 2.01 } })
    expect(() => checkConsent(plan, undefined)).toThrow(refused)
    expect(() => checkConsent(plan, 2)).toThrow(refused)
    checkConsent(plan, 2.01)
    expect(() => checkConsent({ ...plan, estimatedUsd: null }, 0)).toThrow('tells no price')
    checkConsent({ ...plan, estimatedUsd: null }, 0.5)
    checkConsent({ ...plan, needsConsent: false }, undefined)
  })
})

test('what a person should know is said', () => {
  const notes = (facts: Parameters<typeof factsOf>[0], kind: BenchmarkKind = 'engine') =>
    planRun({ ...request, kind, preset: 'standard' }, factsOf(facts)).notes.join(' ')
  expect(notes({ model: modelOf(idOf('a'), { state: 'loaded' }) })).toContain('unloaded for this and loaded again')
  expect(notes({})).toContain('It is loaded for this, and unloaded afterwards.')
  expect(notes({ model: withVerbs({ load: false, unload: false }) })).not.toContain('unloaded')
  expect(notes({ provider: providerOf({ kind: 'embedded' }) }, 'serving')).toContain('answers one at a time')
  expect(planRun(request, factsOf()).notes.join(' ')).toContain('rough')
  const price = { promptUsdPerMillion: 1, completionUsdPerMillion: 1, requestUsd: null, free: false }
  expect(notes({ model: modelOf(idOf('a'), { price }) }, 'serving')).toMatch(/costs money: at most about \$0\.\d+/)
})
