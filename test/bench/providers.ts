import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, startHost } from '../support/headlessHost.ts'
import { startOllamaServer } from '../support/ollamaServer.ts'
import { type Bench, elapsed } from './measure.ts'
import { listOfTenThousand } from './providersWindow.ts'
import { judge, type Row, ratioAtMost } from './report.ts'

const runs = 60
const model = 'ollama/tiny:latest'

/** What one provider costs the others, and what ten thousand remote models cost the window. */
export async function* providers(bench: Bench): AsyncGenerator<Row> {
  bench.tell('  a server that accepts and never answers, beside one that does')
  yield* besideOneThatHangs()
  bench.tell('  ten thousand models in the window')
  yield* listOfTenThousand()
}

/** Two hosts, one of which has a second provider that hangs; the same calls to both in turn. */
async function* besideOneThatHangs(): AsyncGenerator<Row> {
  const ollama = await startOllamaServer()
  const silent = await startSilentServer()
  const folders = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'berth-bench-hang-'))))
  const [plain, beside] = await Promise.all(folders.map((folder) => startHost(folder)))
  if (!plain || !beside) throw new Error('The hosts did not start.')
  try {
    for (const host of [plain, beside]) {
      await ask(host, 'POST', '/api/v1/providers', { kind: 'ollama', address: ollama.url })
      await ask(host, 'POST', '/api/v1/models/load', { model })
    }
    // nobody waits for it: its first look takes as long as it may
    const hanging = beside.api('POST', '/api/v1/providers', { kind: 'openai', address: silent.url })
    for (const [name, call] of Object.entries(calls)) {
      const samples = await inTurn(call, plain, beside)
      yield judge({
        name: `providers: ${name} while another provider hangs`,
        unit: 'ms',
        limit: ratioAtMost(1.2),
        ours: samples.beside,
        peer: { name: 'without it', version: '', samples: samples.plain },
      })
    }
    void hanging.catch(() => {}) // the host is ended before its look is over
  } finally {
    await Promise.all([plain.stop(), beside.stop()])
    await Promise.all([ollama.close(), silent.close(), ...folders.map((folder) => rm(folder, { recursive: true }))])
  }
}

const calls: Readonly<Record<string, (host: Host) => Promise<unknown>>> = {
  'the list of models': (host) => ask(host, 'GET', '/api/v1/models'),
  'the state of one model': (host) => ask(host, 'GET', `/api/v1/models/status?model=${encodeURIComponent(model)}`),
  'the details of one model': (host) => ask(host, 'GET', `/api/v1/models/details?model=${encodeURIComponent(model)}`),
  'the list of providers': (host) => ask(host, 'GET', '/api/v1/providers'),
  'a check of a provider': (host) => ask(host, 'POST', '/api/v1/providers/check', { provider: 'ollama' }),
  'one answer': (host) =>
    ask(host, 'POST', '/api/v1/models/chat', { model, messages: [{ role: 'user', content: 'Hello' }] }),
}

const ask = async (host: Host, method: string, path: string, body?: object): Promise<void> => {
  const { status, body: answer } = await host.api(method, path, body)
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer).slice(0, 300)}`)
}

/** One after the other, so that what disturbs the machine disturbs both; the first three rounds do not count. */
const inTurn = async (call: (host: Host) => Promise<unknown>, plain: Host, beside: Host) => {
  const samples = { plain: [] as number[], beside: [] as number[] }
  for (let run = -3; run < runs; run++) {
    const times = { plain: await elapsed(() => call(plain)), beside: await elapsed(() => call(beside)) }
    if (run < 0) continue
    samples.plain.push(times.plain)
    samples.beside.push(times.beside)
  }
  return samples
}

/** Takes every connection and says nothing. */
const startSilentServer = async () => {
  const sockets = new Set<import('node:net').Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // whoever gave up closes as it likes
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
