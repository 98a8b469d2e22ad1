import { describe, expect, it } from 'vitest'
import type { BenchmarkSample } from '../../../../shared/contract/benchmarks.ts'
import { cumulative, histogramOf, mostBins, quantile, valuesOf } from './distribution.ts'

const request = (
  plannedMs: number,
  firstMs: number | null,
  pieceMs: number[],
  error: string | null = null,
): BenchmarkSample => ({
  plannedMs,
  sentMs: plannedMs + 5,
  firstMs,
  pieceMs,
  endMs: (pieceMs.at(-1) ?? plannedMs) + 1,
  promptTokens: null,
  outputTokens: null,
  error,
})

describe('times of raw samples', () => {
  const samples = [request(100, 150, [150, 160, 180]), request(0, 30, [30, 31]), request(0, null, [], 'TIMEOUT')]
  it('count from the planned arrival, not from when the request left', () => {
    expect([...valuesOf(samples, 'ttft')]).toEqual([30, 50])
    expect([...valuesOf(samples, 'e2e')]).toEqual([32, 81])
    expect([...valuesOf(samples, 'itl')]).toEqual([1, 10, 20])
  })
  it('are those of batches for an embedding', () => {
    expect([
      ...valuesOf(
        [
          { ms: 12, value: 1 },
          { ms: 8, value: 1 },
        ],
        'batch',
      ),
    ]).toEqual([8, 12])
    expect(valuesOf([{ ms: 12, value: 1 }], 'ttft').length).toBe(0)
  })
})

describe('the histogram', () => {
  const spread = Float64Array.from({ length: 5000 }, (_, index) => 100 + (index % 200)).sort()
  it('has all values, in a bounded number of bins without gaps', () => {
    const { bins, scale } = histogramOf(spread)
    expect(scale).toBe('linear')
    expect(bins.length).toBeLessThanOrEqual(mostBins)
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(5000)
    for (const [index, bin] of bins.entries()) if (index > 0) expect(bin.from).toBeCloseTo(bins[index - 1]?.to ?? 0)
  })
  it('goes by orders of magnitude when a stall would make one bar of the rest', () => {
    const stalled = Float64Array.from([...spread.slice(0, 1000), 20_000]).sort()
    const { bins, scale } = histogramOf(stalled)
    expect(scale).toBe('log')
    expect(bins.at(-1)?.count).toBe(1)
    expect(bins.filter(({ count }) => count > 0).length).toBeGreaterThan(2)
  })
  it('bears pieces that came together, one value, and values that are all the same', () => {
    const { bins, scale } = histogramOf(Float64Array.from([0, 0, 0, 0.5, 0.6, 900]))
    expect(scale).toBe('log')
    expect(bins.every(({ from, to }) => Number.isFinite(from) && Number.isFinite(to) && from > 0)).toBe(true)
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(6)
    expect(histogramOf(Float64Array.from([7])).bins).toEqual([{ from: 7, to: 7, count: 1 }])
    expect(histogramOf(Float64Array.from([7, 7, 7])).bins).toHaveLength(1)
  })
})

it('has quantiles between the two nearest values, as NumPy does', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
  expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85)
})

it('rises from the least to the most', () => {
  const steps = cumulative(Float64Array.from({ length: 1000 }, (_, index) => index))
  expect(steps.length).toBe(201)
  expect(steps[0]).toEqual({ ms: 0, part: 0 })
  expect(steps.at(-1)).toEqual({ ms: 999, part: 1 })
  expect(cumulative(new Float64Array())).toEqual([])
})
