import { z } from 'zod'
import { BenchmarkTest, BenchmarkUnit } from './benchmarkResults.ts'
import { BenchmarkId } from './benchmarkSettings.ts'
import { LoadOptions } from './models.ts'

/** One figure of several runs beside the first of them. */
export const Comparison = z.object({
  /** what was measured, e.g. `tg128 @ d4096`; with the metric where one test has several */
  name: z.string(),
  test: BenchmarkTest,
  metric: z.enum(['speed', 'load', 'throughput', 'ttft', 'itl', 'tpot', 'e2e', 'goodput', 'memory', 'energy']),
  unit: z.string(),
  better: z.enum(['higher', 'lower']),
  /** in the order of the runs that are compared; null: that run did not measure it */
  cells: z.array(
    z
      .object({
        benchmark: BenchmarkId,
        position: z.number(),
        value: z.number(),
        interval: z.object({ low: z.number(), high: z.number() }).nullable(),
        /** beside the first run that has it; null for that one */
        change: z
          .object({
            /** (value − first) / first */
            relative: z.number().nullable(),
            /** 95 % of that part by bootstrap; null: too few samples to tell */
            interval: z.object({ low: z.number(), high: z.number() }).nullable(),
            verdict: z.enum(['better', 'worse', 'noise', 'unknown']),
          })
          .nullable(),
      })
      .nullable(),
  ),
})
export type Comparison = z.infer<typeof Comparison>

/** One test of one model over time, oldest first. */
export const BenchmarkTrend = z.object({
  name: z.string(),
  test: BenchmarkTest,
  options: LoadOptions,
  unit: BenchmarkUnit,
  points: z.array(
    z.object({
      benchmark: BenchmarkId,
      position: z.number(),
      at: z.number(),
      /** of the provider, or of the engine */
      version: z.string().nullable(),
      value: z.number(),
      interval: z.object({ low: z.number(), high: z.number() }).nullable(),
      /** beside the version before it */
      verdict: z.enum(['better', 'worse', 'noise', 'unknown']).nullable(),
      relative: z.number().nullable(),
    }),
  ),
})
export type BenchmarkTrend = z.infer<typeof BenchmarkTrend>

/** An answer to "which of my models is fastest within so much memory at so much context". */
export const FastestModel = z.object({
  model: z.string(),
  /** where it can be asked now; false: it was measured, and is gone */
  available: z.boolean(),
  benchmark: BenchmarkId,
  position: z.number(),
  tokensPerSecond: z.number(),
  /** tokens that were in the context while that was measured */
  measuredDepth: z.number(),
  memoryBytes: z.number(),
  /** measured at this context, or computed for it */
  memorySource: z.enum(['measured', 'estimated']),
  contextLength: z.number(),
  quantization: z.string().nullable(),
  parameterCount: z.number().nullable(),
  options: LoadOptions,
})
export type FastestModel = z.infer<typeof FastestModel>
