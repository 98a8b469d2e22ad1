import type { BenchmarkService } from '../benchmark/benchmarkService.ts'
import { os } from './base.ts'

const never = new AbortController().signal

export const benchmarksRouter = (benchmarks: BenchmarkService) =>
  os.benchmarks.router({
    list: os.benchmarks.list.handler(({ input }) => ({ benchmarks: benchmarks.list(input) })),
    get: os.benchmarks.get.handler(({ input }) => benchmarks.get(input.benchmark)),
    samples: os.benchmarks.samples.handler(async ({ input }) => ({
      samples: await benchmarks.samples(input.benchmark, input.position),
    })),
    plan: os.benchmarks.plan.handler(({ input }) => benchmarks.plan(input)),
    start: os.benchmarks.start.handler(({ input }) => benchmarks.start(input)),
    watch: os.benchmarks.watch.handler(({ input, signal = never }) => benchmarks.watch(input.benchmark, signal)),
    remove: os.benchmarks.remove.handler(({ input }) => ({ removed: benchmarks.remove(input.benchmarks) })),
    export: os.benchmarks.export.handler(({ input }) => benchmarks.export(input.benchmarks, input.format)),
    import: os.benchmarks.import.handler(({ input }) => benchmarks.import(input.text, input.label ?? null)),
    compare: os.benchmarks.compare.handler(({ input }) => benchmarks.compare(input.benchmarks)),
    history: os.benchmarks.history.handler(({ input }) => benchmarks.history(input.model)),
    fastest: os.benchmarks.fastest.handler(({ input }) => benchmarks.fastest(input)),
  })
