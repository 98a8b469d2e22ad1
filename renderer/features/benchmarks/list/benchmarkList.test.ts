import { expect, it } from 'vitest'
import { aBenchmark, aModel, noHeadline } from '../../../lib/testMirror.ts'
import {
  compareRuns,
  disturbedText,
  filterRuns,
  modelsIn,
  newestFirst,
  noFilter,
  throughputText,
} from './benchmarkList.ts'

const models = new Map([['ollama/qwen3:8b', aModel('ollama/qwen3:8b', { name: 'Qwen3 8B' })]])
const engine = aBenchmark('engine', {
  model: 'ollama/qwen3:8b',
  createdAt: 2,
  label: 'after the new driver',
  headline: { ...noHeadline, results: 2, tokensPerSecond: 41 },
})
const serving = aBenchmark('serving', {
  kind: 'serving',
  preset: null,
  createdAt: 1,
  headline: { ...noHeadline, results: 2, throughput: 310, tokensPerSecond: null },
})
const running = aBenchmark('running', { state: 'running', createdAt: 3 })
const runs = [engine, serving, running]
const ids = (list: readonly { readonly benchmark: string }[]) => list.map(({ benchmark }) => benchmark)

it('finds runs by what a person remembers of them', () => {
  const find = (search: string) => ids(filterRuns(runs, { ...noFilter, search }, models))
  expect(find('qwen driver')).toEqual(['engine'])
  expect(find('own settings')).toEqual(['serving'])
  expect(find('')).toEqual(['engine', 'serving', 'running'])
  expect(ids(filterRuns(runs, { ...noFilter, state: 'running' }, models))).toEqual(['running'])
  expect(ids(filterRuns(runs, { ...noFilter, kind: 'serving', model: 'embedded/phi' }, models))).toEqual(['serving'])
})

it('sorts unknown figures last, whichever way', () => {
  const sorted = (descending: boolean) => ids([...runs].sort(compareRuns({ column: 'generation', descending }, models)))
  expect(sorted(true)).toEqual(['engine', 'running', 'serving'])
  expect(sorted(false)).toEqual(['engine', 'running', 'serving'])
  expect(ids([...runs].sort(compareRuns(newestFirst, models)))).toEqual(['running', 'engine', 'serving'])
})

it('names every measured model once, and those that are called alike by their whole name', () => {
  expect(modelsIn(runs, models)).toEqual([
    { value: 'embedded/phi', label: 'embedded/phi' },
    { value: 'ollama/qwen3:8b', label: 'Qwen3 8B' },
  ])
  const alike = new Map([...models, ['embedded/phi', aModel('embedded/phi', { name: 'Qwen3 8B' })]])
  expect(modelsIn(runs, alike).map(({ label }) => label)).toEqual([
    'Qwen3 8B (embedded/phi)',
    'Qwen3 8B (ollama/qwen3:8b)',
  ])
})

it('gives a throughput with its unit', () => {
  expect(throughputText(serving)).toBe('310 tok/s')
  expect(throughputText({ ...serving, headline: { ...noHeadline, textsPerSecond: 12.5 } })).toBe('12.5 texts/s')
  expect(throughputText(running)).toBe('–')
})

it('says each kind of disturbance once', () => {
  const busy = { kind: 'load', text: 'Another program used 80 % of the CPU.', at: 1 } as const
  expect(disturbedText({ disturbances: [busy, { ...busy, at: 2 }, { ...busy, kind: 'battery' }] })).toBe(
    'busy, battery',
  )
  expect(disturbedText({ disturbances: [] })).toBeNull()
})
