import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { type Host, startHost } from '../support/headlessHost.ts'
import { alternate, type Bench, elapsed, mebibytes } from './measure.ts'
import { cpuSeconds, hasProcfs, noProcfs, processTree, pssBytes } from './procfs.ts'
import { atMost, judge, type Row, ratioAtMost } from './report.ts'

const MODELS = 1000
const RUNS = 10
const IDLE_WINDOWS = 5
const IDLE_WINDOW_MS = 12_000
const POLL_MS = 100

/** What is built in dist, with a catalog of many models: how soon it answers, and what it takes while nobody asks. */
export async function* headless(bench: Bench): AsyncGenerator<Row> {
  const library = await manyModels(bench)
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-bench-host-'))
  try {
    await catalogued(dataDir, library)
    bench.tell(`  start with ${MODELS} models`)
    yield await startToModels(dataDir)
    yield* await idle(bench, dataDir)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Files with headers and no weights. */
async function manyModels({ cacheDir, tell }: Bench): Promise<string> {
  const folder = join(cacheDir, 'library')
  await mkdir(folder, { recursive: true })
  const written = new Set(await readdir(folder))
  if (written.size < MODELS) tell(`  writing ${MODELS} headers into ${folder}`)
  for (let n = 0; n < MODELS; n++) {
    const name = `model-${n}.gguf`
    const shape = { layers: 1, width: 64, vocab: 512, weights: false, seed: n }
    if (!written.has(name)) await writeSampleModel(join(folder, name), { ...shape, name: `Model ${n}` })
  }
  return folder
}

async function catalogued(dataDir: string, library: string): Promise<void> {
  const host = await startHost(dataDir)
  await host.api('POST', '/api/v1/folders', { path: library })
  while ((await modelCount(host)) < MODELS) await delay(POLL_MS)
  await host.stop()
}

async function modelCount(host: Host): Promise<number> {
  const { body } = await host.api('GET', '/api/v1/models')
  if (typeof body !== 'object' || body === null || !('models' in body) || !Array.isArray(body.models))
    throw new Error('the host did not answer with models')
  return body.models.length
}

async function startToModels(dataDir: string): Promise<Row> {
  const run = promisify(execFile)
  const samples = await alternate(RUNS, {
    ours: async () => {
      const startedAt = performance.now()
      const host = await startHost(dataDir)
      const count = await modelCount(host)
      const elapsedMs = performance.now() - startedAt
      await host.stop()
      if (count !== MODELS) throw new Error(`${count} of ${MODELS} models were in the first answer`)
      return elapsedMs
    },
    node: () => elapsed(() => run(process.execPath, ['-e', '0'])),
  })
  return judge({
    name: `headless: start to the first answer with ${MODELS} models`,
    unit: 'ms',
    limit: ratioAtMost(6),
    ours: samples.ours,
    peer: { name: 'node -e 0', version: process.versions.node, samples: samples.node },
    note: 'over HTTP, all of them in the answer; code compiled the time before is cached, as from the second start on',
  })
}

async function* idle({ tell }: Bench, dataDir: string): AsyncGenerator<Row> {
  const cpu = { name: 'headless: processor while idle', unit: '% of a core', limit: atMost(1) }
  const memory = { name: 'headless: memory while idle', unit: 'MiB', limit: atMost(150) }
  if (!hasProcfs) {
    yield judge({ ...cpu, ours: noProcfs })
    yield judge({ ...memory, ours: noProcfs })
    return
  }
  const host = await startHost(dataDir)
  try {
    tell('  a minute of nothing, and then another')
    await delay(60_000)
    const shares: number[] = []
    const sizes: number[] = []
    for (let window = 0; window < IDLE_WINDOWS; window++) {
      const startedAt = performance.now()
      const before = usedSeconds(host.pid)
      await delay(IDLE_WINDOW_MS)
      shares.push(((usedSeconds(host.pid) - before) / (performance.now() - startedAt)) * 100_000)
      sizes.push(processTree(host.pid).reduce((sum, pid) => sum + mebibytes(pssBytes(pid)), 0))
    }
    const note = 'after a minute, no page open, no model loaded; the hardware is read once a second'
    yield judge({ ...cpu, ours: shares, note })
    yield judge({ ...memory, ours: sizes, note: `PSS of the host and its children; ${note}` })
  } finally {
    await host.stop()
  }
}

const usedSeconds = (root: number): number => processTree(root).reduce((sum, pid) => sum + cpuSeconds(pid), 0)
