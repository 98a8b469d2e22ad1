import { measureClientError } from '../../electron/benchmark/servingTest/clientError.ts'
import { createLoadClient } from '../../electron/benchmark/servingTest/loadClient.ts'
import type { EngineTest } from '../../electron/providers/provider.ts'
import { llamaBenchSpeed } from '../support/llamaBench.ts'
import { openEngines } from './engineHost.ts'
import { alternate, type Bench, findProgram } from './measure.ts'
import { benchModel } from './models.ts'
import { atMost, judge, type Row, ratioAtLeast } from './report.ts'

const RUNS = 5
const streamCounts = [1, 64] as const
const batch = 512
const tests: Readonly<Record<string, EngineTest>> = {
  pp512: { type: 'prompt', tokens: 512, depth: 0 },
  tg64: { type: 'generation', tokens: 64, depth: 0 },
  'tg32 @ d512': { type: 'generation', tokens: 32, depth: 512 },
}
const never = new AbortController().signal

/** What the benchmarks of the application measure, beside somebody else who measures the same. */
export async function* benchmark(bench: Bench): AsyncGenerator<Row> {
  yield* ownError(bench)
  yield* besideLlamaBench(bench)
}

async function* ownError({ tell }: Bench): AsyncGenerator<Row> {
  const client = createLoadClient()
  try {
    for (const streams of streamCounts) {
      tell(`  the load client's own error, ${streams} streams`)
      const samples: number[] = []
      for (let run = 0; run < RUNS; run++) samples.push((await measureClientError(client, streams, never)).p99)
      yield judge({
        name: `benchmark: own error of the load client, p99, ${streams} streams`,
        unit: 'ms',
        limit: atMost(1),
        ours: samples,
        note: 'from the server’s write to our socket, both on this machine',
      })
    }
  } finally {
    await client.close()
  }
}

async function* besideLlamaBench(bench: Bench): AsyncGenerator<Row> {
  const program = findProgram('llama-bench')
  const { threads } = bench
  const path = await benchModel(bench, '0.3B-Q8_0')
  const engines = openEngines(threads)
  try {
    await engines.load(path, { contextLength: 1024, batchSize: batch })
    for (const [name, test] of Object.entries(tests)) {
      bench.tell(`  ${name} beside ${program ?? 'nothing: no llama-bench in PATH'}`)
      const ours = async () => {
        const { tokens, ms } = await engines.measure(path, test)
        return (tokens * 1000) / ms
      }
      const theirs = async () =>
        program === null
          ? Number.NaN
          : llamaBenchSpeed({ file: program, cwd: bench.cacheDir }, { path, threads, batch }, test)
      const samples = await alternate(RUNS, { ours, theirs })
      yield judge({
        name: `benchmark: ${name}, 0.3B-Q8_0`,
        unit: 'tokens/s',
        limit: ratioAtLeast(0.95),
        ours: samples.ours,
        peer:
          program === null
            ? { absent: 'there is no llama-bench in PATH' }
            : { name: 'llama-bench', version: 'of PATH', samples: samples.theirs },
        note: `${threads} threads; another release of llama.cpp than ours`,
      })
    }
  } finally {
    await engines.close()
  }
}
