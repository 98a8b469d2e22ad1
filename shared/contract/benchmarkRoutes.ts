import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure, wholeNumber } from './base.ts'
import { BenchmarkTrend, Comparison, FastestModel } from './benchmarkAnswers.ts'
import { BenchmarkId, BenchmarkKind, BenchmarkRequest } from './benchmarkSettings.ts'
import { Benchmark, BenchmarkFormat, BenchmarkPlan, BenchmarkSample, BenchmarkWithResults } from './benchmarks.ts'
import { ModelId } from './modelId.ts'
import { providerFaults } from './modelRoutes.ts'

const Runs = z.strictObject({ benchmarks: z.array(BenchmarkId).min(1).max(100) })
const OneRun = z.strictObject({ benchmark: BenchmarkId })

export const benchmarks = {
  list: procedure({ method: 'GET', path: '/benchmarks', summary: 'Benchmark runs, newest first', access: 'user' })
    .input(
      z.strictObject({
        model: ModelId.optional(),
        kind: BenchmarkKind.optional(),
        limit: wholeNumber(1, 1000).optional(),
        /** how many of the newest to leave out; an answer shorter than `limit` is the last */
        offset: wholeNumber(0, 1_000_000).optional(),
      }),
    )
    .output(z.object({ benchmarks: z.array(Benchmark) })),
  get: procedure({ method: 'GET', path: '/benchmarks/run', summary: 'One run with its results', access: 'user' }, [
    'BENCHMARK_NOT_FOUND',
  ])
    .input(OneRun)
    .output(BenchmarkWithResults),
  samples: procedure(
    { method: 'GET', path: '/benchmarks/samples', summary: 'The raw samples of one result', access: 'user' },
    ['BENCHMARK_NOT_FOUND'],
  )
    .input(z.strictObject({ benchmark: BenchmarkId, position: wholeNumber(0, 100_000) }))
    .output(z.object({ samples: z.array(BenchmarkSample) })),
  plan: procedure(
    {
      method: 'POST',
      path: '/benchmarks/plan',
      summary: 'What a run would do, how long it would take and what it would cost',
      access: 'user',
    },
    ['MODEL_NOT_FOUND', 'VERB_NOT_SUPPORTED', ...providerFaults],
  )
    .input(BenchmarkRequest)
    .output(BenchmarkPlan),
  start: procedure(
    {
      method: 'POST',
      path: '/benchmarks',
      summary: 'Measure a model: queues a run and answers it at once',
      access: 'user',
    },
    ['MODEL_NOT_FOUND', 'VERB_NOT_SUPPORTED', 'COST_NOT_ACCEPTED', 'BUSY', 'CANCELLED', ...providerFaults],
  )
    .input(BenchmarkRequest)
    .output(Benchmark),
  watch: procedure(
    {
      method: 'GET',
      path: '/benchmarks/watch',
      summary: 'One run with its results as server-sent events, each time it changes, until it ends',
      access: 'user',
    },
    ['BENCHMARK_NOT_FOUND'],
  )
    .input(OneRun)
    .output(eventIterator(BenchmarkWithResults)),
  remove: procedure(
    { method: 'POST', path: '/benchmarks/remove', summary: 'Remove runs that have ended', access: 'user' },
    ['BENCHMARK_NOT_FOUND', 'BUSY'],
  )
    .input(Runs)
    .output(z.object({ removed: z.array(BenchmarkId) })),
  export: procedure(
    {
      method: 'POST',
      path: '/benchmarks/export',
      summary: 'Runs as a file: JSON, CSV, Markdown, JSONL of llama-bench',
      access: 'user',
    },
    ['BENCHMARK_NOT_FOUND'],
  )
    .input(Runs.extend({ format: BenchmarkFormat }))
    .output(
      z.object({
        fileName: z.string(),
        mediaType: z.string(),
        text: z.string(),
        /** what had no place in this format, for people */
        leftOut: z.string().optional(),
      }),
    ),
  import: procedure(
    {
      method: 'POST',
      path: '/benchmarks/import',
      summary: 'Take in what llama-bench wrote (-o json, jsonl, csv), or a JSON export of Berth',
      access: 'user',
    },
    ['FILE_INVALID'],
  )
    .input(z.strictObject({ text: z.string().min(1).max(7_000_000), label: z.string().max(200).optional() }))
    .output(
      z.object({
        benchmarks: z.array(Benchmark),
        /** results that an earlier import took in: they are not copied again */
        already: z.number(),
        skipped: z.array(z.string()),
      }),
    ),
  compare: procedure(
    {
      method: 'POST',
      path: '/benchmarks/compare',
      summary: 'Runs beside the first of them, and what is more than noise',
      access: 'user',
    },
    ['BENCHMARK_NOT_FOUND'],
  )
    .input(z.strictObject({ benchmarks: z.array(BenchmarkId).min(1).max(20) }))
    .output(
      z.object({
        runs: z.array(BenchmarkWithResults),
        comparisons: z.array(Comparison),
        /** asked for, and not there any more: the others are compared without them */
        gone: z.array(BenchmarkId),
      }),
    ),
  history: procedure({
    method: 'GET',
    path: '/benchmarks/history',
    summary: 'Each test of one model over time and engine versions, with what became slower',
    access: 'user',
  })
    .input(z.strictObject({ model: ModelId }))
    .output(z.object({ trends: z.array(BenchmarkTrend) })),
  fastest: procedure({
    method: 'GET',
    path: '/benchmarks/fastest',
    summary: 'Measured models that fit, fastest first',
    access: 'user',
  })
    .input(
      z.strictObject({
        /** memory they may take, all devices together; without it any */
        memoryBytes: wholeNumber(1, 1_000_000_000_000_000).optional(),
        contextLength: wholeNumber(1, 16_777_216).optional(),
        limit: wholeNumber(1, 100).optional(),
      }),
    )
    .output(z.object({ models: z.array(FastestModel) })),
}
