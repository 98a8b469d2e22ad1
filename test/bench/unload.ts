import { setTimeout as delay } from 'node:timers/promises'
import { openEngines } from './engineHost.ts'
import { askNode, type Bench, isAlive, mebibytes } from './measure.ts'
import { benchModel } from './models.ts'
import { anonymousBytes, anonymousBytesOfAll, hasProcfs, noProcfs } from './procfs.ts'
import { atMost, judge, percentile, type Row } from './report.ts'

const RUNS = 5
const ROUNDS = 50
const POLL_MS = 10
const GIVE_UP_MS = 20_000
/** Of the engine's memory: others on the machine may take some meanwhile. */
const RETURNED = 0.8

/** What unloadRounds.ts answers. */
interface Rounds {
  readonly engines: number
  readonly left: number
  /** of the host, after each round */
  readonly hostBytes: readonly number[]
}

/** Whether an unload gives everything back. */
export async function* unload(bench: Bench): AsyncGenerator<Row> {
  bench.tell('  1.1 GB, until the memory is back')
  yield await untilBack(bench)
  bench.tell(`  ${ROUNDS} rounds of load and unload`)
  yield* await afterRounds(bench)
}

async function untilBack(bench: Bench): Promise<Row> {
  const figure = {
    name: 'unload: until process and memory are gone',
    unit: 's',
    limit: atMost(2),
    note: `loaded without mmap; back is when the anonymous memory of the machine has fallen by ${RETURNED * 100} % of the engine’s`,
  }
  if (!hasProcfs) return judge({ ...figure, ours: noProcfs })
  const path = await benchModel(bench, '1B-Q8_0')
  const engines = openEngines(bench.threads)
  const samples: number[] = []
  const sizes: number[] = []
  try {
    for (let run = 0; run <= RUNS; run++) {
      const { pid } = await engines.load(path, { mmap: false })
      const held = anonymousBytes(pid ?? 0)
      const before = anonymousBytesOfAll()
      const startedAt = performance.now()
      await engines.unload(path)
      while (isAlive(pid ?? 0) || anonymousBytesOfAll() > before - held * RETURNED) {
        if (performance.now() - startedAt > GIVE_UP_MS) break
        await delay(POLL_MS)
      }
      if (run === 0) continue
      samples.push((performance.now() - startedAt) / 1000)
      sizes.push(mebibytes(held))
    }
  } finally {
    await engines.close()
  }
  return judge({ ...figure, ours: samples, note: `${percentile(sizes, 0.5).toFixed(0)} MiB; ${figure.note}` })
}

async function* afterRounds(bench: Bench): AsyncGenerator<Row> {
  const path = await benchModel(bench, 'tiny')
  const script = new URL('unloadRounds.ts', import.meta.url)
  const { engines, left, hostBytes } = (await askNode(
    script,
    [path, String(ROUNDS), String(bench.threads)],
    ['--expose-gc'],
  )) as Rounds
  yield judge({
    name: `unload: engine processes left after ${ROUNDS} rounds`,
    unit: 'processes',
    limit: atMost(0),
    ours: [left],
    note: `of ${engines} that were started`,
  })
  const first = percentile(hostBytes.slice(0, 5), 0.5)
  yield judge({
    name: `unload: growth of the host after ${ROUNDS} rounds`,
    unit: '%',
    limit: atMost(5),
    ours: hostBytes.slice(-5).map((bytes) => (bytes / first - 1) * 100),
    note: `the last five rounds beside the median of the first five, ${mebibytes(first).toFixed(0)} MiB; after a collection`,
  })
}
