import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Job } from '../../shared/contract/jobs.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import type { Model } from '../../shared/contract/models.ts'
import { createFakeProvider, providerInstance } from '../../test/support/fakeProvider.ts'
import { patience } from '../../test/support/patience.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createSpeedRepository } from '../catalog/speedRepository.ts'
import { createJobService } from '../jobs/jobService.ts'
import { AppError } from '../lib/appError.ts'
import { createProviderService } from '../providers/providerService.ts'
import { createModelService } from './modelService.ts'

const a = ModelId.parse('one/a')
const b = ModelId.parse('one/b:latest')

const start = async (options: { estimate?: number; capacity?: number } = {}) => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const published: Model[] = []
  const marks: string[] = []
  const jobs: Job[] = []
  const jobService = createJobService({
    jobs: createJobRepository(db),
    now: Date.now,
    publish: (job) => void jobs.push(job),
    onBug: (error) => {
      throw error
    },
  })
  const fake = createFakeProvider('one', ['a', 'b:latest'])
  const providers = createProviderService({ now: Date.now, onChange: (id, what) => service.providerChanged(id, what) })
  const service = createModelService({
    providers,
    speeds: createSpeedRepository(db),
    now: Date.now,
    runJob: (model, work) => jobService.run('load', model, work),
    estimate: () => options.estimate ?? null,
    capacityBytes: () => options.capacity ?? null,
    measure: (instance) => instance,
    sameAs: () => [],
    search: () => null,
    publish: { models: (changed) => void published.push(...changed), instances: () => {} },
    mark: (kind, model) => void marks.push(`${kind} ${model}`),
  })
  onTestFinished(() => providers.close())
  await providers.add(fake.provider)
  const state = (id = a) => service.status(id).state
  return { service, fake, providers, marks, jobs, jobService, published, state }
}

const settled = () => vi.waitFor(() => {})

describe('models', () => {
  it('of all providers stand in one list, and can be searched', async () => {
    const { service } = await start()
    expect(service.list({}).map(({ model, provider, key, state }) => [model, provider, key, state])).toEqual([
      ['one/a', 'one', 'a', 'unloaded'],
      ['one/b:latest', 'one', 'b:latest', 'unloaded'],
    ])
    expect(service.list({ search: 'LATEST one' }).map((model) => model.model)).toEqual(['one/b:latest'])
  })

  it('load, and two clicks are one load', async () => {
    const { service, fake, state, marks } = await start()
    const both = [service.load(a, {}, true), service.load(a, {}, true)]
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    expect(state()).toBe('loading')
    fake.loads[0]?.finish()
    expect(await Promise.all(both)).toMatchObject([
      { model: 'one/a', state: 'loaded' },
      { model: 'one/a', state: 'loaded' },
    ])
    expect(state()).toBe('loaded')
    expect(await service.load(a, {}, true)).toMatchObject({ state: 'loaded' })
    expect(fake.loads).toHaveLength(1)
    expect(marks).toEqual(['load one/a'])
  })

  it('answer a job at once where nobody wants to wait', async () => {
    const { service, fake, jobs } = await start()
    expect(await service.load(a, {}, false)).toMatchObject({ kind: 'load', subject: 'one/a', state: 'running' })
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    fake.loads[0]?.finish()
    await vi.waitFor(() => expect(jobs.at(-1)).toMatchObject({ state: 'done' }), patience)
  })

  it('are busy for a load with other options', async () => {
    const { service, fake } = await start()
    const load = service.load(a, { contextLength: 1024 }, true)
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    await expect(service.load(a, { contextLength: 2048 }, true)).rejects.toMatchObject({ code: 'BUSY' })
    fake.loads[0]?.finish()
    await load
    await expect(service.load(a, { contextLength: 2048 }, true)).rejects.toMatchObject({ code: 'BUSY' })
  })

  it('say why a load failed until the next one', async () => {
    const { service, fake } = await start()
    const load = service.load(a, {}, true)
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    fake.loads[0]?.fail(new AppError('LOAD_FAILED', 'unknown tokenizer'))
    await expect(load).rejects.toMatchObject({ code: 'LOAD_FAILED' })
    expect(service.status(a)).toMatchObject({ state: 'failed', reason: 'unknown tokenizer' })
    void service.load(a, {}, false)
    expect(service.status(a)).toMatchObject({ state: 'loading', reason: null })
  })

  it('end a load that is unloaded, and leave no failure behind', async () => {
    const { service, fake, state } = await start()
    const load = service.load(a, {}, true)
    const refused = expect(load).rejects.toMatchObject({ code: 'CANCELLED' })
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    expect(await service.unload(a)).toMatchObject({ state: 'unloaded', instances: [] })
    await refused
    expect(state()).toBe('unloaded')
  })

  it('end a load whose job is cancelled', async () => {
    const { service, fake, jobService, state } = await start()
    const job = await service.load(a, {}, false)
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    if ('job' in job) expect(await jobService.cancel(job.job)).toMatchObject({ state: 'cancelled' })
    expect(state()).toBe('unloaded')
  })

  it('unload once for two who ask, and again is no error', async () => {
    const { service, fake, marks } = await start()
    fake.loaded.set('a', providerInstance('a'))
    fake.announce('instances')
    await vi.waitFor(() => expect(service.status(a).state).toBe('loaded'), patience)
    await Promise.all([service.unload(a), service.unload(a)])
    expect(fake.unloads).toEqual(['a'])
    expect(await service.unload(a)).toMatchObject({ state: 'unloaded' })
    expect(marks).toEqual(['unload one/a'])
  })

  it('are refused before the load when the whole machine could not hold them, with what is missing', async () => {
    const { service, fake } = await start({ estimate: 3_000_000_000, capacity: 1_000_000_000 })
    await expect(service.load(a, {}, true)).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      details: { missingBytes: 2_000_000_000 },
    })
    expect(fake.loads).toHaveLength(0)
  })

  it('answer when they are loaded, and keep the measured speed', async () => {
    const { service, fake } = await start()
    const request = { model: a, messages: [{ role: 'user' as const, content: 'say hello' }] }
    await expect(service.complete(request, new AbortController().signal)).rejects.toMatchObject({
      code: 'MODEL_NOT_LOADED',
    })
    fake.loaded.set('a', providerInstance('a'))
    fake.announce('instances')
    await vi.waitFor(() => expect(service.status(a).state).toBe('loaded'), patience)
    expect(await service.complete(request, new AbortController().signal)).toMatchObject({
      message: { content: 'hello' },
      usage: { completionTokens: 2 },
    })
    expect(service.list({})[0]?.tokensPerSecond).toBe(42)
    expect(service.instances()[0]?.lastChat).toMatchObject({ tokensPerSecond: 42, ttftMs: 5 })
  })

  it('that nobody has are not found, and a provider that is down is said to be down', async () => {
    const { service, fake, providers } = await start()
    expect(() => service.status(ModelId.parse('one/none'))).toThrow(
      expect.objectContaining({ code: 'MODEL_NOT_FOUND' }),
    )
    expect(() => service.status(ModelId.parse('two/none'))).toThrow(
      expect.objectContaining({ code: 'MODEL_NOT_FOUND' }),
    )
    const down = createFakeProvider('down', [])
    down.goDown(new AppError('PROVIDER_UNREACHABLE', 'connection refused'))
    await providers.add(down.provider)
    expect(() => service.status(ModelId.parse('down/x'))).toThrow(
      expect.objectContaining({ code: 'PROVIDER_UNREACHABLE' }),
    )
    down.goDown(new AppError('PROVIDER_TIMEOUT', 'down at http://x did not answer.'))
    await providers.check('down')
    expect(() => service.status(ModelId.parse('down/x'))).toThrow(
      expect.objectContaining({ code: 'PROVIDER_TIMEOUT', message: 'down at http://x did not answer.' }),
    )
    const slow = createFakeProvider('slow', []).provider
    void providers.add({ ...slow, status: () => new Promise(() => {}) })
    expect(() => service.status(ModelId.parse('slow/x'))).toThrow(expect.objectContaining({ code: 'PROVIDER_BUSY' }))
    fake.goDown(new AppError('PROVIDER_UNREACHABLE', 'gone'))
    await providers.check('one')
    expect(service.list({})[0]).toMatchObject({ model: 'one/a', stale: true, reason: 'gone' })
  })

  it('whose engine ended by itself are failed, with a mark on the chart', async () => {
    const { service, fake, marks } = await start()
    fake.loaded.set('a', providerInstance('a'))
    fake.announce('instances')
    await vi.waitFor(() => expect(service.status(a).state).toBe('loaded'), patience)
    fake.loaded.set('a', providerInstance('a', { state: 'failed', reason: 'killed by SIGKILL' }))
    fake.announce('instances')
    await vi.waitFor(
      () => expect(service.status(a)).toMatchObject({ state: 'failed', reason: 'killed by SIGKILL' }),
      patience,
    )
    expect(marks).toEqual(['crash one/a'])
  })

  it('are announced one by one when their state changes', async () => {
    const { service, fake, published } = await start()
    await settled()
    published.length = 0
    void service.load(b, {}, false)
    await vi.waitFor(() => expect(fake.loads).toHaveLength(1), patience)
    expect(published.map(({ model, state }) => [model, state])).toEqual([['one/b:latest', 'loading']])
  })
})
