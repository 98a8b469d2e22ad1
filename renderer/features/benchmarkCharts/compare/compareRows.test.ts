import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../../../shared/contract/benchmarkAnswers.ts'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { aColumn, aRecord, tg } from '../testRun.ts'
import {
  baselineOf,
  columnsOf,
  compareGroups,
  goneWords,
  hasCommon,
  onlyDiffering,
  rowWords,
  runTitles,
  tallyOf,
  tallyWords,
} from './compareRows.ts'

type Verdict = NonNullable<NonNullable<Comparison['cells'][number]>['change']>['verdict']

const cell = (id: string, value: number, verdict: Verdict | null): Comparison['cells'][number] => ({
  benchmark: id as BenchmarkId, // of a test, not of the catalog
  position: 0,
  value,
  interval: null,
  change: verdict === null ? null : { relative: 0.1, interval: null, verdict },
})

const comparison = (name: string, depth: number, cells: Comparison['cells']): Comparison => ({
  name,
  test: tg(depth),
  metric: 'speed',
  unit: 'tokens/s',
  better: 'higher',
  cells,
})

const comparisons = [
  comparison('tg128', 0, [cell('b', 40, null), cell('a', 44, 'better')]),
  comparison('tg128 @ d4096', 4096, [cell('b', 30, null), cell('a', 30, 'noise')]),
]

describe('rows of a comparison', () => {
  const groups = compareGroups(comparisons, ['b', 'a'], ['a', 'b'])
  it('keeps the columns in their place whichever run is the baseline', () => {
    expect(groups.map(({ title }) => title)).toEqual(['tg128', 'tg128 @ d4096'])
    expect(groups[0]?.rows[0]?.cells.map((each) => each?.value)).toEqual([44, 40])
  })
  it('shows only what is more than noise when asked', () => {
    expect(onlyDiffering(groups).map(({ title }) => title)).toEqual(['tg128'])
  })
  it('counts for a run what is better, worse and neither', () => {
    expect(tallyWords(tallyOf(groups, 0))).toBe('1 better · 1 within noise')
    expect(tallyWords(tallyOf(groups, 1))).toBe('nothing in common with the baseline')
  })
  it('leaves an empty cell where a run did not measure it', () => {
    expect(compareGroups(comparisons, ['b', 'a'], ['a', 'b', 'c'])[0]?.rows[0]?.cells[2]).toBeNull()
  })
})

it('says which runs are gone, and stands the others beside the first that is there', () => {
  const { run } = aColumn('b', 'B', [])
  expect(goneWords({ gone: ['a'] })).toBe('One run was removed, and the others are compared without it: a.')
  expect(goneWords({ gone: ['a', 'c'] })).toBe('2 runs were removed, and the others are compared without them: a, c.')
  expect(baselineOf({ runs: [run], gone: ['a'] }, 'a')).toBe('b')
  expect(baselineOf({ runs: [run], gone: [] }, 'c')).toBe('c')
})

it('says beside a test only what the test does not say', () => {
  expect(rowWords({ name: 'tg128', metric: 'speed' }, 'tg128')).toBe('speed')
  expect(rowWords({ name: 'tg128, threads 4', metric: 'speed' }, 'tg128')).toBe('speed, threads 4')
  expect(rowWords({ name: '8 at once, TTFT p99', metric: 'ttft' }, '8 at once')).toBe('TTFT p99')
})

it('knows whether runs have anything in common', () => {
  expect(hasCommon(comparisons)).toBe(true)
  expect(hasCommon([comparison('tg128', 0, [cell('b', 40, null), null])])).toBe(false)
})

describe('the columns', () => {
  const a = aColumn('a', 'A', [], { record: aRecord('phi', 'Q4_K_M', 'b1') })
  const b = aColumn('b', 'B', [], { record: aRecord('phi', 'Q8_0', 'b1') })
  it('are called by what tells them apart', () => {
    expect([...runTitles([a, b]).values()]).toEqual(['A Q4_K_M', 'B Q8_0'])
    expect([...runTitles([a, { ...a, id: 'c', letter: 'B' }]).values()]).toEqual(['A phi', 'B phi'])
  })
  it('leave out a run that is no longer there, and keep the letters of the rest', () => {
    expect(columnsOf([b.run], ['a', 'b']).map(({ letter }) => letter)).toEqual(['B'])
  })
})
