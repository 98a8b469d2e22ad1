import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { BenchmarkId, BenchmarkRequest, BenchmarkSettings } from '../shared/contract/benchmarkSettings.ts'
import { ModelId } from '../shared/contract/modelId.ts'
import { startOllamaServer } from '../test/support/ollamaServer.ts'
import { patience } from '../test/support/patience.ts'
import { tempDir } from '../test/support/tempDir.ts'
import { createTestApp } from '../test/support/testApp.ts'
import { startWatchedProxy } from '../test/support/watchedProxy.ts'
import type { App, AppDeps } from './app.ts'

vi.setConfig({ testTimeout: 90_000 })
const never = new AbortController().signal

const start = async (deps: Partial<AppDeps> = {}) => {
  const app = await createTestApp(deps)
  onTestFinished(() => app.close())
  return app
}
const engineSettings = (promptTokens: number[], times = 1): BenchmarkSettings => ({
  kind: 'engine',
  promptTokens,
  generatedTokens: [8],
  depths: [0],
  measureLoad: false,
  repetition: { least: times, most: times, relativeError: 0.0001 },
  sweep: { contextLength: [], kvCacheType: [], gpuLayers: [], threads: [], flashAttention: [], batchSize: [] },
})
const ended = async ({ services: { benchmarks } }: App, id: BenchmarkId) => {
  for await (const value of benchmarks.watch(id, never)) if (value.benchmark.endedAt !== null) return value
  throw new Error('It ended without its end.')
}

it('measures the embedded engine, says what that was, and loads again what was loaded', async () => {
  const app = await start()
  const { benchmarks, models, samples, jobs } = app.services
  const { model } = await samples.create()
  await models.load(model, { contextLength: 512, keepAlive: 300 }, true)
  const { benchmark } = benchmarks.start({ model, settings: engineSettings([32]), options: { contextLength: 256 } })
  await vi.waitFor(() => expect(benchmarks.get(benchmark).benchmark.state).toBe('running'), patience)
  await expect(models.unload(model)).rejects.toMatchObject({ code: 'BUSY', message: `${model} is being measured.` })
  const { benchmark: run, results } = await ended(app, benchmark)
  expect(run).toMatchObject({
    state: 'done',
    record: {
      model: { contentHash: expect.stringMatching(/^(sha256:[0-9a-f]{64}|f1:)/), quantization: 'Q4_0' },
      provider: { kind: 'embedded', version: 'test', host: null },
      berthVersion: '0.0.0-test',
      devices: expect.arrayContaining([expect.objectContaining({ device: expect.any(String) })]),
      backend: 'CPU',
    },
  })
  expect(results.map(({ test }) => test.type)).toEqual(['prompt', 'generation'])
  expect(results[0]?.options).toMatchObject({ contextLength: 256 })
  expect(models.status(model)).toMatchObject({
    state: 'loaded',
    instances: [{ options: { contextLength: 512, keepAlive: 300 } }],
  })
  expect(models.get(model).tokensPerSecond).toBe(results[1]?.statistics.mean)
  expect(jobs.list(10).find(({ kind }) => kind === 'benchmark')).toMatchObject({ state: 'done', subject: model })
  const trends = await benchmarks.history(model)
  expect(trends.trends.map(({ name }) => name)).toEqual(expect.arrayContaining(['pp32', 'tg8']))
  expect(benchmarks.fastest({}).models).toMatchObject([{ model, available: true, benchmark }])
  const exported = await benchmarks.export([benchmark], 'json')
  const imported = await benchmarks.import(exported.text, null)
  expect(imported).toMatchObject({ benchmarks: [{ source: 'file', state: 'done' }], skipped: [] })
  const copy = imported.benchmarks[0]?.benchmark ?? benchmark
  const compared = await benchmarks.compare([benchmark, copy])
  expect(compared.comparisons.find(({ name }) => name.startsWith('pp32'))?.cells).toHaveLength(2)
})

/** Until the first result is there, and long before the last. */
const begun = async (app: App, id: BenchmarkId) =>
  vi.waitFor(() => expect(app.services.benchmarks.get(id).results.length).toBeGreaterThan(0), {
    timeout: 30_000,
    interval: 5,
  })

it('goes on after Berth was closed, and measures nothing a second time', async () => {
  const dataDir = tempDir()
  const first = await start({ dataDir })
  const { model } = await first.services.samples.create()
  const request: BenchmarkRequest = { model, settings: engineSettings([16, 2000, 64], 2), budgetSeconds: 600 }
  const { benchmark, job } = first.services.benchmarks.start(request)
  await begun(first, benchmark)
  const before = first.services.benchmarks.get(benchmark)
  await first.close()

  const again = await start({ dataDir })
  expect(again.services.benchmarks.get(benchmark).benchmark.state).toBe('running')
  await vi.waitFor(() => expect(again.services.benchmarks.get(benchmark).benchmark.job).not.toBe(job), patience)
  const after = await ended(again, benchmark)
  expect(after.benchmark).toMatchObject({ state: 'done', startedAt: before.benchmark.startedAt })
  expect(after.results.map(({ position }) => position)).toEqual([0, 1, 2, 3])
  expect(after.results.slice(0, before.results.length)).toEqual(before.results)
  expect(again.services.models.status(model).state).toBe('unloaded')
})

const program = fileURLToPath(new URL('./headless/main.ts', import.meta.url))

it('goes on after the process was killed', async () => {
  const dataDir = tempDir()
  const child = spawn(process.execPath, [program, '--data-dir', dataDir, '--token', 't', '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:1' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let address = ''
  for await (const line of createInterface(child.stdout)) {
    address = /ready at (http:\/\/[^/\s]+)/.exec(line)?.[1] ?? ''
    if (address) break
  }
  const headers = { authorization: 'Bearer t', 'content-type': 'application/json' }
  const ask = async (method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> =>
    (await fetch(`${address}/api/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })).json()
  await ask('POST', '/samples', {})
  const model = ModelId.parse('embedded/berth-sample')
  const run = await ask('POST', '/benchmarks', { model, settings: engineSettings([16, 2000], 2) })
  const { benchmark } = run as { benchmark: BenchmarkId } // as the contract says
  await vi.waitFor(
    async () => expect(await ask('GET', `/benchmarks/run?benchmark=${benchmark}`)).not.toMatchObject({ results: [] }),
    { timeout: 30_000, interval: 5 },
  )
  child.kill('SIGKILL')
  await once(child, 'exit')

  const app = await start({ dataDir })
  expect(app.services.benchmarks.get(benchmark).benchmark.state).toBe('running')
  const { benchmark: after, results } = await ended(app, benchmark)
  expect(after.state).toBe('done')
  expect(results.map(({ position }) => position)).toEqual([0, 1, 2])
  expect(
    app.services.jobs
      .list(20)
      .filter(({ kind }) => kind === 'benchmark')
      .map(({ state }) => state),
  ).toEqual(['done', 'failed'])
})

it('waits for a provider that is not there when Berth starts, and goes on when it is', async () => {
  const dataDir = tempDir()
  const models = [{ name: 'minilm:latest', embedding: true }]
  const server = await startOllamaServer({ models })
  onTestFinished(() => server.close())
  let isThere = true
  // its port stays taken: another test could listen there meanwhile
  const address = await startWatchedProxy({ target: server.url, instead: () => (isThere ? null : 'cut') })
  onTestFinished(() => address.close())
  const first = await start({ dataDir })
  await first.services.connections.add({ kind: 'ollama', address: address.origin })
  const model = ModelId.parse('ollama/minilm:latest')
  const settings: BenchmarkSettings = {
    kind: 'embedding',
    batchSizes: [1, 2],
    textTokens: 8,
    repetition: { least: 2, most: 2, relativeError: 0.1 },
  }
  const { benchmark } = first.services.benchmarks.start({ model, settings })
  await first.close()
  isThere = false

  const again = await start({ dataDir })
  const progress = () => again.services.jobs.list(20).find(({ state }) => state === 'running')?.progress?.text
  await vi.waitFor(() => expect(progress()).toMatch(/^Waiting: /), patience)
  expect(again.services.benchmarks.get(benchmark).benchmark.state).toBe('running')
  isThere = true
  const { benchmark: run, results } = await ended(again, benchmark)
  expect(run).toMatchObject({ state: 'done', error: null, record: { provider: { kind: 'ollama', host: null } } })
  expect(results.map(({ unit }) => unit)).toEqual(['texts/s', 'texts/s'])
  expect(again.services.models.status(model).state).toBe('unloaded')
})
