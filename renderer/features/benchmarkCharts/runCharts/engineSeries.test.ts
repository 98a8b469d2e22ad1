import { describe, expect, it } from 'vitest'
import { aResult, pp, tg } from '../testRun.ts'
import { differingOptions, hasDepths, optionsText, speedPanes } from './engineSeries.ts'

describe('panes of an engine run', () => {
  const results = [
    aResult(0, { type: 'load', cache: 'warm' }, 900),
    aResult(1, tg(4096), 36),
    aResult(2, tg(0), 41),
    aResult(3, pp(0), 900),
    aResult(4, { type: 'prompt', promptTokens: 2048, depth: 0 }, 950),
  ]
  it('keeps reading and generating apart, with a line for each length', () => {
    const panes = speedPanes(results)
    expect(panes.map(({ id }) => id)).toEqual(['prompt', 'generation'])
    expect(panes[0]?.series.map(({ name }) => name)).toEqual(['pp512', 'pp2048'])
    expect(panes[1]?.series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      [0, 41],
      [4096, 36],
    ])
  })
  it('has nothing to draw a line through at one depth', () => {
    // prompts are often read at one depth while generation is measured at several
    expect(speedPanes(results).map(hasDepths)).toEqual([false, true])
    expect(speedPanes([])).toEqual([])
  })
  it('takes the best combination of a sweep at each depth', () => {
    const swept = [
      aResult(0, tg(0), 30, { options: { threads: 4 } }),
      aResult(1, tg(0), 35, { options: { threads: 8 } }),
    ]
    expect(speedPanes(swept)[0]?.series[0]?.points.map(({ y }) => y)).toEqual([35])
    expect(differingOptions(swept)).toEqual(['threads'])
  })
})

it('says only the options that matter', () => {
  expect(optionsText({ threads: 8, mmap: true }, ['threads'])).toBe('8 threads')
  expect(optionsText({ mmap: true }, ['threads'])).toBe('the provider’s own choice')
})
