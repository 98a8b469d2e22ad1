import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpHost } from '../../electron/headless/httpHost.ts'
import { listProcedures } from '../../electron/headless/routeTable.ts'
import type { ChatChunk } from '../../shared/contract/answers.ts'
import { type ErrorCode, ErrorData, errorCodes } from '../../shared/contract/errors.ts'
import type { JobId } from '../../shared/contract/jobs.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import { startOllamaServer } from '../support/ollamaServer.ts'
import { startOpenRouterServer } from '../support/openRouterServer.ts'
import { createTestApp } from '../support/testApp.ts'
import { type Carrier, type Client, carriers, type Hosted } from './carriers.ts'

let hosted: Hosted
let dataDir: string
/** Which procedures the suite has called, over any carrier. */
const called = new Set<string>()

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-contract-'))
  const app = await createTestApp({ dataDir })
  const token = 'contract-test-token'
  const { router, reportBug } = app
  const host = await createHttpHost({ router, token, uiDir: dataDir, version: '0', reportBug, now: Date.now, port: 0 })
  hosted = { app, host, token }
})
afterAll(async () => {
  await hosted.host.close()
  await hosted.app.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** The same client, noting what is called. */
const noting = <T extends object>(part: T, path: readonly string[] = []): T =>
  new Proxy(part, {
    get: (target, name, receiver) => {
      const value: unknown = Reflect.get(target, name, receiver)
      return typeof name === 'string' && name !== 'then' && typeof value === 'function'
        ? noting(value, [...path, name])
        : value
    },
    apply: (target, self, args) => {
      called.add(path.join('.'))
      return Reflect.apply(target as never, self, args)
    },
  })

/** The code of what a call rejects with, having checked that it carries what every error carries. */
const failureOf = async (call: Promise<unknown>): Promise<ErrorCode | string> => {
  const thrown = await call.then(
    () => 'it did not fail',
    (error: unknown) => error,
  )
  if (!(thrown instanceof ORPCError)) return String(thrown)
  const data = ErrorData.parse(thrown.data)
  expect(thrown).toMatchObject({ defined: true, status: errorCodes[thrown.code as ErrorCode].status })
  expect([thrown.message, data.advice, data.requestId]).toEqual([
    expect.any(String),
    expect.any(String),
    expect.any(String),
  ])
  return thrown.code
}

const unknownModel = ModelId.parse('embedded/no-such-model')
const hello = [{ role: 'user' as const, content: 'Say hello.' }]
const wrong = (value: unknown) => value as never // what a program without our types may send

const watching = async (client: Client, job: JobId): Promise<void> => {
  for await (const _ of await client.jobs.watch({ job })) return
}

const isStream = (answer: unknown): answer is AsyncIteratorObject<ChatChunk, unknown, void> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

const streamOf = async (client: Client, model: ModelId, maxTokens: number, signal?: AbortSignal) => {
  const answer = await client.models.chat({ model, messages: hello, maxTokens, stream: true }, signal && { signal })
  if (!isStream(answer)) throw new Error('It is no stream.')
  return answer
}

describe.each(Object.entries(carriers))('the contract over %s', (_, open) => {
  let carrier: Carrier
  let client: Client
  beforeAll(async () => {
    carrier = await open(hosted)
    client = noting(carrier.client)
  })
  afterAll(() => carrier.close())

  it('says that it is there, and what it is', async () => {
    expect(await client.system.health()).toEqual({ status: 'ok', version: '0.0.0-test' })
    expect(await client.system.get()).toMatchObject({ dataDir, notices: expect.any(Array) })
    expect(await client.system.dismiss({ id: 'nothing' })).toMatchObject({ dataDir })
    expect(await failureOf(client.system.dismiss(wrong({ id: 1 })))).toBe('INVALID_INPUT')
  })

  it('lists and checks providers', async () => {
    const { providers } = await client.providers.list()
    expect(providers.map(({ provider }) => provider)).toContain('embedded')
    expect(await client.providers.check({ provider: 'embedded' })).toMatchObject({ kind: 'embedded' })
    expect(await failureOf(client.providers.check({ provider: 'nobody' }))).toBe('PROVIDER_NOT_FOUND')
    expect(await failureOf(client.providers.check({ provider: '' }))).toBe('INVALID_INPUT')
  })

  it('finds servers, and says what is wrong with an address', async () => {
    expect(await client.providers.found()).toEqual({ found: expect.any(Array) })
    const refused = await client.providers.test({ kind: 'ollama', address: '127.0.0.1:1' })
    expect(refused).toMatchObject({ result: 'failed', problem: 'refused', code: 'PROVIDER_UNREACHABLE' })
    const typed = await client.providers.test({ kind: 'vllm', address: 'http://me:secret@box' })
    expect(typed).toMatchObject({ result: 'failed', problem: 'address', code: 'ADDRESS_INVALID' })
    expect(JSON.stringify(typed)).not.toContain('secret')
    expect(await failureOf(client.providers.test(wrong({ kind: 'embedded', address: 'x' })))).toBe('INVALID_INPUT')
  })

  it('explains names and versions', async () => {
    expect(await client.models.validateName({ name: 'qwen3:8b', version: '1.2.0' })).toEqual({
      valid: true,
      name: {
        valid: true,
        normalized: 'qwen3:8b',
        parts: { host: null, namespace: null, model: 'qwen3', tag: '8b' },
        problems: [],
      },
      version: {
        valid: true,
        normalized: '1.2.0',
        major: 1,
        minor: 2,
        patch: 0,
        prerelease: [],
        build: [],
        problems: [],
      },
    })
    expect(await client.models.validateName({ name: 'a b', version: '1.2' })).toMatchObject({
      valid: false,
      name: { problems: [{ part: 'model', at: 1, message: expect.any(String) }] },
      version: { problems: [{ part: 'patch', at: null, message: expect.any(String) }] },
    })
    expect(await failureOf(client.models.validateName({ name: 'x'.repeat(2001) }))).toBe('INVALID_INPUT')
  })

  it('keeps folders', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-folder-'))
    await writeFile(join(folder, 'broken.gguf'), 'GGUF')
    const added = await client.folders.add({ path: folder })
    expect(added).toMatchObject({ folder: { path: folder }, job: { kind: 'scan' } })
    expect(await failureOf(client.folders.add({ path: folder }))).toBe('FOLDER_EXISTS')
    expect(await failureOf(client.folders.add({ path: join(folder, 'missing') }))).toBe('PATH_UNUSABLE')
    expect(await failureOf(client.folders.add({ path: '' }))).toBe('INVALID_INPUT')
    expect(await failureOf(client.folders.add({ path: 'a\0b' }))).toBe('PATH_UNUSABLE')
    expect((await client.folders.list()).folders.map(({ path }) => path)).toContain(folder)
    expect((await client.folders.scan({ path: folder })).jobs).toEqual([expect.objectContaining({ subject: folder })])
    expect(await failureOf(client.folders.scan({ path: join(folder, 'missing') }))).toBe('FOLDER_NOT_FOUND')
    const { folders } = await client.folders.remove({ path: folder })
    expect(folders.map(({ path }) => path)).not.toContain(folder)
    expect(await failureOf(client.folders.remove({ path: folder }))).toBe('FOLDER_NOT_FOUND')
    await rm(folder, { recursive: true })
  })

  it('offers stores of other programs', async () => {
    expect(await client.folders.found()).toEqual({ stores: expect.any(Array) })
  })

  it('validates files, remembers what is said of them, compares, copies, hashes and forgets them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-files-'))
    const path = join(folder, 'model.gguf')
    const page = join(folder, 'page.gguf')
    await copyFile(fileURLToPath(new URL('../fixtures/gguf/llama-q5_0.gguf', import.meta.url)), path)
    await writeFile(page, '<!doctype html><title>Sign in</title>')

    expect(await client.files.validate({ path })).toMatchObject({
      isValid: true,
      verdict: 'ok',
      metadata: { format: 'GGUF', architecture: 'llama', tensorCount: 20 },
      requestId: expect.any(String),
    })
    const events = await client.files.validate({ path, stream: true })
    if (!(Symbol.asyncIterator in events)) throw new Error('It is no stream.')
    const types: string[] = []
    for await (const event of events) types.push(event.type)
    expect([types[0], types.at(-1)]).toEqual(['rung', 'report'])
    expect(await failureOf(client.files.validate({ path: join(folder, 'missing') }))).toBe('PATH_UNUSABLE')
    expect(await failureOf(client.files.validate(wrong({ path: '' })))).toBe('INVALID_INPUT')
    const nowhere = client.files.validate({ path: join(folder, 'missing'), stream: true })
    expect(await failureOf(nowhere)).toBe('PATH_UNUSABLE')

    const job = await client.files.batch({ path: folder })
    expect(job).toMatchObject({ kind: 'validate', subject: folder })
    await expect.poll(async () => (await client.files.list({ below: folder })).total).toBe(2)
    expect(await client.files.list({ below: folder, verdict: 'broken' })).toMatchObject({
      total: 1,
      files: [{ path: page }],
    })

    expect(await client.files.report({ path })).toMatchObject({ path, verdict: 'ok' })
    expect(await failureOf(client.files.report({ path: join(folder, 'missing') }))).toBe('FILE_NOT_KNOWN')
    const { content } = await client.files.report({ path })
    expect(await client.files.report({ content: content?.fingerprint })).toMatchObject({ verdict: 'ok', content })
    expect(await failureOf(client.files.report({ content: '0'.repeat(64) }))).toBe('FILE_NOT_KNOWN')
    expect(await failureOf(client.files.report({}))).toBe('INVALID_INPUT')
    expect(await client.files.export({ path, as: 'html' })).toMatchObject({ mediaType: 'text/html' })
    expect(await client.files.tensors({ path, search: 'attn_q', limit: 1 })).toMatchObject({ total: 2 })
    expect(await failureOf(client.files.tensors({ path: page }))).toBe('FILE_INVALID')
    expect((await client.files.compare({ left: path, right: path })).tensors).toMatchObject({ same: 20, rows: [] })

    const { files } = await client.files.label({ paths: [path], change: { addTags: ['small'], rating: 3 } })
    expect(files).toMatchObject([{ path, labels: { tags: ['small'], rating: 3 } }])
    expect(await failureOf(client.files.label({ paths: [path], change: { rating: 6 } }))).toBe('INVALID_INPUT')

    const target = join(folder, 'copy.gguf')
    const changes = [{ key: 'general.name', value: 'Other' }]
    expect(await client.files.writeMetadata({ path, target, changes })).toMatchObject({ kind: 'write' })
    await expect
      .poll(() =>
        client.files.report({ path: target }).then(
          ({ metadata }) => metadata.name,
          () => null,
        ),
      )
      .toBe('Other')
    expect(await failureOf(client.files.writeMetadata({ path, target, changes }))).toBe('FILE_EXISTS')

    expect(await client.files.hash({ paths: [path] })).toMatchObject({ kind: 'hash' })
    await expect
      .poll(async () => (await client.files.report({ path })).content?.sha256 ?? null)
      .toMatch(/^[0-9a-f]{64}$/)
    expect(await client.files.forget({ paths: [path, page, target] })).toEqual({ forgotten: 3 })
    await rm(folder, { recursive: true })
  })

  it('lists jobs and cancels none that it does not have', async () => {
    expect((await client.jobs.list({ limit: 5 })).jobs).toEqual(expect.any(Array))
    expect(await failureOf(client.jobs.list(wrong({ limit: 0 })))).toBe('INVALID_INPUT')
    expect(await failureOf(client.jobs.cancel({ job: 'none' as JobId }))).toBe('JOB_NOT_FOUND')
    expect(await failureOf(client.jobs.watch({ job: 'none' as JobId }))).toBe('JOB_NOT_FOUND') // and no stream begins
  })

  it('describes the machine, over time too', async () => {
    const { devices } = await client.hardware.get()
    const device = devices[0]?.device ?? 'cpu'
    const history = await client.hardware.history({ device, range: '5m' })
    expect(history).toMatchObject({ device, range: '5m' })
    expect(history.points.length).toBeLessThanOrEqual(500)
    expect(await failureOf(client.hardware.history(wrong({ device, range: '1y' })))).toBe('INVALID_INPUT')
    expect(await client.models.resources()).toMatchObject({ devices: expect.any(Array) })
  })

  it('keeps settings', async () => {
    const before = await client.settings.get()
    expect((await client.settings.change({ theme: 'dark' })).theme).toBe('dark')
    expect(await failureOf(client.settings.change(wrong({ theme: 'pink' })))).toBe('INVALID_INPUT')
    expect(await failureOf(client.settings.change({ lanHosts: ['http://x/'] }))).toBe('INVALID_INPUT')
    expect(await client.settings.change({ theme: before.theme })).toEqual(before)
  })

  it('names a model it does not have', async () => {
    expect(await failureOf(client.models.details({ model: unknownModel }))).toBe('MODEL_NOT_FOUND')
    expect(await failureOf(client.models.status({ model: unknownModel }))).toBe('MODEL_NOT_FOUND')
    expect(await failureOf(client.models.load({ model: unknownModel }))).toBe('MODEL_NOT_FOUND')
    expect(await failureOf(client.models.unload({ model: unknownModel }))).toBe('MODEL_NOT_FOUND')
    expect(await failureOf(client.models.chat({ model: unknownModel, messages: hello }))).toBe('MODEL_NOT_FOUND')
    expect(await failureOf(client.models.status(wrong({ model: 'no-slash' })))).toBe('INVALID_INPUT')
    expect(await failureOf(client.models.load({ model: unknownModel, options: { contextLength: -1 } }))).toBe(
      'INVALID_INPUT',
    )
    expect(await failureOf(client.models.load(wrong({ model: unknownModel, options: { threads: 1.5 } })))).toBe(
      'INVALID_INPUT',
    )
    expect(await failureOf(client.models.list(wrong({ state: 'asleep' })))).toBe('INVALID_INPUT')
  })

  it('says that the provider of a model does not answer, and changes and forgets connections', async () => {
    const added = await client.providers.add({
      kind: 'ollama',
      address: '127.0.0.1:1',
      name: 'Nobody',
      key: 'k-secret',
    })
    const { provider } = added
    expect(added).toMatchObject({ name: 'Nobody', key: { state: 'stored' }, status: { state: 'unreachable' } })
    expect(await failureOf(client.providers.add({ kind: 'ollama', address: '127.0.0.1:1' }))).toBe('PROVIDER_EXISTS')
    expect(await failureOf(client.providers.add({ kind: 'vllm', address: 'ftp://x' }))).toBe('ADDRESS_INVALID')
    const model = ModelId.parse(`${provider}/none:1b`)
    const down = /^PROVIDER_(UNREACHABLE|PAUSED)$/
    expect(await failureOf(client.models.details({ model }))).toMatch(down)
    expect(await failureOf(client.models.status({ model }))).toMatch(down)
    expect(await failureOf(client.models.load({ model }))).toMatch(down)
    expect(await failureOf(client.models.unload({ model }))).toMatch(down)
    expect(await failureOf(client.models.chat({ model, messages: hello }))).toMatch(down)
    expect(await client.providers.health({ provider })).toMatchObject({ problem: expect.any(String), account: null })
    const moved = await client.providers.change({ provider, address: '127.0.0.1:2', enabled: false })
    expect(moved).toMatchObject({ address: 'http://127.0.0.1:2', key: { state: 'none' }, status: { state: 'off' } })
    expect(await failureOf(client.providers.change({ provider: 'nobody' }))).toBe('PROVIDER_NOT_FOUND')
    const { providers } = await client.providers.remove({ provider })
    expect(providers.map((each) => each.provider)).toEqual(['embedded'])
    expect(await failureOf(client.providers.remove({ provider: 'embedded' }))).toBe('VERB_NOT_SUPPORTED')
    expect(await failureOf(client.providers.health({ provider }))).toBe('PROVIDER_NOT_FOUND')
  })

  it('says how keys are kept', async () => {
    expect(await client.secrets.get()).toMatchObject({ protection: 'memory', text: expect.any(String) })
    expect(await failureOf(client.secrets.unlock({ passphrase: 'short' }))).toBe('INVALID_INPUT')
  })

  it('pulls, creates, pushes, copies, renames, embeds, keeps and removes models of a provider', async () => {
    const digest = `sha256:${'d'.repeat(64)}`
    const ollama = await startOllamaServer({
      models: [{ name: 'chatty:1b' }, { name: 'minilm:latest', embedding: true }],
      registry: [{ name: 'new:1b', layers: [{ digest, bytes: 40_000 }] }],
    })
    await client.providers.add({ kind: 'ollama', address: ollama.url })
    const id = (key: string) => ModelId.parse(`ollama/${key}`)
    const ended = async ({ job }: { job: JobId }) => {
      for await (const each of await client.jobs.watch({ job })) if (each.endedAt !== null) return each
      throw new Error('The job has no end.')
    }
    const names = async () => (await client.models.list({ provider: 'ollama' })).models.map(({ key }) => key).sort()

    expect(await ended(await client.models.pull({ model: id('new:1b') }))).toMatchObject({
      kind: 'pull',
      state: 'done',
    })
    expect(await ended(await client.models.pull({ model: id('missing:1b') }))).toMatchObject({
      state: 'failed',
      error: { code: 'MODEL_NOT_FOUND' },
    })
    expect(await failureOf(client.models.pull({ model: ModelId.parse('nobody/x') }))).toBe('PROVIDER_NOT_FOUND')
    expect(await failureOf(client.models.pull({ model: ModelId.parse('embedded/x') }))).toBe('VERB_NOT_SUPPORTED')
    const made = await client.models.create({ model: id('made:1b'), source: { from: 'model', key: 'chatty:1b' } })
    expect(await ended(made)).toMatchObject({ kind: 'create', state: 'done' })
    expect(await client.models.copy({ model: id('made:1b'), to: 'me/copy:1b' })).toEqual({ model: 'ollama/me/copy:1b' })
    expect(await failureOf(client.models.copy({ model: id('made:1b'), to: 'chatty:1b' }))).toBe('MODEL_EXISTS')
    expect(await failureOf(client.models.copy({ model: id('made:1b'), to: 'no/such/na me' }))).toBe('NAME_INVALID')
    expect(await ended(await client.models.push({ model: id('me/copy:1b') }))).toMatchObject({ state: 'done' })
    expect(await client.models.rename({ model: id('made:1b'), to: 'renamed:1b' })).toEqual({
      model: 'ollama/renamed:1b',
    })
    expect(await names()).toEqual(['chatty:1b', 'me/copy:1b', 'minilm:latest', 'new:1b', 'renamed:1b'])

    expect(await client.models.removal({ model: id('renamed:1b') })).toMatchObject({ model: 'ollama/renamed:1b' })
    expect(await client.models.remove({ model: id('renamed:1b') })).toMatchObject({ model: 'ollama/renamed:1b' })
    expect(await names()).not.toContain('renamed:1b')
    expect(await failureOf(client.models.remove({ model: id('renamed:1b') }))).toBe('MODEL_NOT_FOUND')

    const minilm = id('minilm:latest')
    expect(await failureOf(client.models.embed({ model: minilm, input: ['a'] }))).toBe('MODEL_NOT_LOADED')
    expect(await failureOf(client.models.keepAlive({ model: minilm, keepAlive: 60 }))).toBe('MODEL_NOT_LOADED')
    await client.models.load({ model: minilm })
    const { embeddings } = await client.models.embed({ model: minilm, input: ['a', 'b'] })
    expect(embeddings).toHaveLength(2)
    expect(await client.models.keepAlive({ model: minilm, keepAlive: 'forever' })).toMatchObject({
      instances: [{ expiresAt: 'never' }],
    })
    expect(await failureOf(client.models.embed({ model: minilm, input: [] }))).toBe('INVALID_INPUT')
    expect(await failureOf(client.models.adapters({ model: minilm }))).toBe('VERB_NOT_SUPPORTED')
    const change = { change: 'remove' as const, id: 'x' }
    expect(await failureOf(client.models.changeAdapter({ model: minilm, change }))).toBe('VERB_NOT_SUPPORTED')
    await client.models.unload({ model: minilm })
    await client.providers.remove({ provider: 'ollama' })
    await ollama.close()
  })

  it('measures models, and answers from what was measured', { timeout: 60_000 }, async () => {
    const ollama = await startOllamaServer({ models: [{ name: 'minilm:latest', embedding: true }] })
    await client.providers.add({ kind: 'ollama', address: ollama.url })
    const model = ModelId.parse('ollama/minilm:latest')
    const repetition = { least: 2, most: 2, relativeError: 0.5 }
    const settings = { kind: 'embedding' as const, batchSizes: [1, 2], textTokens: 8, repetition }
    const { benchmarks } = client

    expect(await benchmarks.plan({ model })).toMatchObject({ kind: 'embedding', preset: 'quick', needsConsent: false })
    expect(await failureOf(benchmarks.plan({ model: unknownModel }))).toBe('MODEL_NOT_FOUND')
    expect(await failureOf(benchmarks.plan({ model, kind: 'engine' }))).toBe('VERB_NOT_SUPPORTED')
    expect(await failureOf(benchmarks.plan({ model, kind: 'serving', settings }))).toBe('INVALID_INPUT')
    expect(await failureOf(benchmarks.start({ model, options: { flashAttention: true } }))).toBe('VERB_NOT_SUPPORTED')
    const wide = { ...settings, repetition: { ...repetition, most: 1 } }
    expect(await failureOf(benchmarks.start({ model, settings: wide }))).toBe('INVALID_INPUT')

    const started = await benchmarks.start({ model, settings, label: 'mine' })
    expect(started).toMatchObject({ model, kind: 'embedding', preset: null, label: 'mine', job: expect.any(String) })
    const { benchmark } = started
    expect(await failureOf(benchmarks.remove({ benchmarks: [benchmark] }))).toBe('BUSY')
    let last = await benchmarks.get({ benchmark })
    for await (const each of await benchmarks.watch({ benchmark })) last = each
    expect(last).toMatchObject({ benchmark: { state: 'done', error: null, headline: { results: 2 } } })
    expect(last.results.map(({ unit }) => unit)).toEqual(['texts/s', 'texts/s'])
    expect((await benchmarks.samples({ benchmark, position: 1 })).samples).toHaveLength(2)
    expect(await benchmarks.get({ benchmark })).toEqual(last)
    const listed = await benchmarks.list({ model, kind: 'embedding', limit: 1, offset: 0 })
    expect(listed.benchmarks).toEqual([last.benchmark])

    expect((await benchmarks.history({ model })).trends).toHaveLength(2)
    expect(await benchmarks.fastest({ memoryBytes: 12e9, contextLength: 16_384, limit: 5 })).toEqual({
      models: expect.any(Array),
    })
    const { text, ...file } = await benchmarks.export({ benchmarks: [benchmark], format: 'json' })
    expect(file).toMatchObject({ mediaType: 'application/json', fileName: expect.stringMatching(/\.json$/) })
    expect(await failureOf(benchmarks.export({ benchmarks: [benchmark], format: wrong('xml') }))).toBe('INVALID_INPUT')
    const imported = await benchmarks.import({ text, label: 'again' })
    expect(imported).toMatchObject({ benchmarks: [{ source: 'file', label: 'again', state: 'done' }], skipped: [] })
    expect(await failureOf(benchmarks.import({ text: 'nothing' }))).toBe('FILE_INVALID')
    const both = [benchmark, ...imported.benchmarks.map((each) => each.benchmark)]
    const compared = await benchmarks.compare({ benchmarks: both })
    expect(compared.comparisons[0]?.cells).toMatchObject([
      { change: null },
      { change: { verdict: expect.any(String) } },
    ])
    const gone = 'gone' as typeof benchmark
    const rest = await benchmarks.compare({ benchmarks: [gone, ...both] })
    expect({ ...rest, gone: [] }).toEqual(compared)
    expect(rest.gone).toEqual([gone])

    expect(await benchmarks.remove({ benchmarks: both })).toEqual({ removed: both })
    for (const call of [
      benchmarks.get({ benchmark }),
      benchmarks.samples({ benchmark, position: 0 }),
      benchmarks.watch({ benchmark }), // and no stream begins
      benchmarks.remove({ benchmarks: [benchmark] }),
      benchmarks.compare({ benchmarks: [benchmark] }),
      benchmarks.export({ benchmarks: [benchmark], format: 'csv' }),
    ])
      expect(await failureOf(call)).toBe('BENCHMARK_NOT_FOUND')
    await client.providers.remove({ provider: 'ollama' })
    await ollama.close()
  })

  it('spends nothing that nobody agreed to', async () => {
    const server = await startOpenRouterServer({ key: 'k-benchmark' })
    const added = { kind: 'openrouter' as const, address: `${server.url}/api/v1`, key: 'k-benchmark' }
    await client.providers.add(added)
    const { models } = await client.models.list({ provider: 'openrouter' })
    const paid = models.find(({ price, verbs }) => verbs.chat && (price?.promptUsdPerMillion ?? 0) > 0)
    if (!paid) throw new Error('No model of the server has a price.')
    const { model } = paid
    const { estimatedUsd, needsConsent } = await client.benchmarks.plan({ model })
    expect([needsConsent, estimatedUsd]).toEqual([true, expect.any(Number)])
    for (const acceptedUsd of [undefined, (estimatedUsd ?? 1) / 2]) {
      const refused = client.benchmarks.start({ model, acceptedUsd })
      await expect(refused).rejects.toMatchObject({ code: 'COST_NOT_ACCEPTED', data: { details: { estimatedUsd } } })
    }
    expect((await client.benchmarks.list({ model })).benchmarks).toEqual([])
    await client.providers.remove({ provider: 'openrouter' })
    await server.close()
  })

  it('tells each subscriber what changes, until it leaves', async () => {
    const controller = new AbortController()
    const changes = await client.system.changes(undefined, { signal: controller.signal })
    expect((await changes.next()).value).toEqual({ type: 'subscribed' })
    const theme = (await client.settings.get()).theme === 'light' ? 'dark' : 'light'
    await client.settings.change({ theme })
    for await (const change of changes) if (change.type === 'settings' && change.settings.theme === theme) break
    controller.abort()
    await changes.next().catch(() => {})
  })

  it('loads the sample model, talks to it, is interrupted, and unloads it', { timeout: 120_000 }, async () => {
    const { model, notice } = await client.samples.create({})
    expect(notice).toMatch(/nonsense/)
    expect((await client.models.list({ search: 'sample' })).models.map((one) => one.model)).toContain(model)
    expect((await client.models.details({ model })).files).toHaveLength(1)
    expect(await failureOf(client.models.chat({ model, messages: hello }))).toBe('MODEL_NOT_LOADED')

    expect(await client.models.load({ model, options: { contextLength: 512 } })).toMatchObject({
      model,
      state: 'loaded',
    })
    expect((await client.models.instances()).instances).toEqual([expect.objectContaining({ model, state: 'loaded' })])
    expect(await client.models.status({ model })).toMatchObject({ model, state: 'loaded' })

    expect(await client.models.chat({ model, messages: hello, maxTokens: 4 })).toMatchObject({
      model,
      message: { role: 'assistant', content: expect.any(String) },
    })
    const chunks: ChatChunk[] = []
    for await (const chunk of await streamOf(client, model, 4)) chunks.push(chunk)
    expect(chunks.at(-1)).toMatchObject({ type: 'done', model })

    const controller = new AbortController()
    const interrupted = await streamOf(client, model, 400, controller.signal)
    await interrupted.next()
    controller.abort()
    await interrupted.next().catch(() => {})
    expect(await client.models.chat({ model, messages: hello, maxTokens: 1 })).toMatchObject({ model })

    expect(await client.models.unload({ model })).toMatchObject({ model, state: 'unloaded', instances: [] })
    const { jobs } = await client.jobs.list({})
    const load = jobs.find(({ kind }) => kind === 'load')
    if (load === undefined) throw new Error('The load is no job.')
    expect(await failureOf(client.jobs.cancel({ job: load.job }))).toBe('JOB_FINISHED')
    expect(await failureOf(watching(client, wrong('no-such-job')))).toBe('JOB_NOT_FOUND')
  })

  it('answers a load that nobody waits for with its job', { timeout: 60_000 }, async () => {
    const { model } = await client.samples.create(undefined)
    const job = await client.models.load({ model, wait: false })
    expect(job).toMatchObject({ kind: 'load', subject: model })
    await expect.poll(async () => (await client.models.status({ model })).state, { timeout: 30_000 }).toBe('loaded')
    await client.models.unload({ model })
  })
})

describe('the suite', () => {
  it('has called every procedure of the contract', () => {
    expect([...called].sort()).toEqual(
      listProcedures(hosted.app.router)
        .map(({ name }) => name)
        .sort(),
    )
  })
})
