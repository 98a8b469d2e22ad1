import { execFile, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { request } from 'undici'
import llamaPackage from '../../node_modules/node-llama-cpp/package.json' with { type: 'json' }
import { freePort } from '../support/freePort.ts'
import { startDirect } from './direct.ts'
import { openEngines } from './engineHost.ts'
import { alternate, type Bench, elapsed, findProgram } from './measure.ts'
import { benchModel } from './models.ts'
import { judge, type Row, ratioAtMost } from './report.ts'

const RUNS = 5
const POLL_MS = 5

/** From the wish to have a model to being able to ask it, the file being in the system's cache. */
export async function* load(bench: Bench): AsyncGenerator<Row> {
  const { threads } = bench
  const path = await benchModel(bench, '1B-Q8_0')
  const engines = openEngines(threads)
  const program = findProgram('llama-server')
  bench.tell(`  beside ${program ?? 'node-llama-cpp'}`)
  try {
    const samples = await alternate(RUNS, {
      ours: async () => {
        const elapsedMs = await elapsed(() => engines.load(path))
        await engines.unload(path)
        return elapsedMs
      },
      theirs: () => (program === null ? directLoadMs(path, threads) : serverReadyMs(program, path, threads)),
    })
    yield judge({
      name: 'load: 1.1 GB, cached',
      unit: 'ms',
      limit: ratioAtMost(1.25),
      ours: samples.ours,
      peer: {
        ...(program === null
          ? { name: 'node-llama-cpp', version: llamaPackage.version }
          : { name: 'llama-server', version: await versionOf(program) }),
        samples: samples.theirs,
      },
      note: 'context of 4096 tokens, one request at a time; llama-server as it starts, with its warm-up, which Berth has not',
    })
  } finally {
    await engines.close()
  }
}

async function directLoadMs(path: string, threads: number): Promise<number> {
  const startedAt = performance.now()
  const direct = await startDirect(path, threads)
  const elapsedMs = performance.now() - startedAt
  await direct.close()
  return elapsedMs
}

async function serverReadyMs(program: string, path: string, threads: number): Promise<number> {
  const port = await freePort()
  const where = ['--host', '127.0.0.1', '--port', String(port), '-m', path]
  const options = ['-c', '4096', '-np', '1', '-t', String(threads), '-ngl', '0']
  const startedAt = performance.now()
  const server = spawn(program, [...where, ...options], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()))
  let running = true
  void ended.then(() => {
    running = false
  })
  while (!(await answers(`http://127.0.0.1:${port}/health`))) {
    if (!running) throw new Error('llama-server ended before it was ready')
    await delay(POLL_MS)
  }
  const elapsedMs = performance.now() - startedAt
  server.kill()
  await ended
  return elapsedMs
}

const answers = (url: string): Promise<boolean> =>
  request(url, { reset: true }).then(
    async ({ statusCode, body }) => {
      await body.dump()
      return statusCode === 200
    },
    () => false, // it does not listen yet
  )

async function versionOf(program: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, ['--version'])
  return /^version: (.*?)( \(|$)/m.exec(stdout + stderr)?.[1] ?? 'unknown'
}
