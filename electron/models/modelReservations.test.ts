import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { ModelId } from '../../shared/contract/modelId.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'
import { createFakeProvider, providerInstance } from '../../test/support/fakeProvider.ts'
import { patience } from '../../test/support/patience.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createSpeedRepository } from '../catalog/speedRepository.ts'
import { createJobService } from '../jobs/jobService.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider } from '../providers/provider.ts'
import { createProviderService } from '../providers/providerService.ts'
import { createModelCare } from './modelCare.ts'
import { createModelService } from './modelService.ts'

const never = new AbortController().signal
const a = ModelId.parse('one/a')
const busy = (message: string) => expect.objectContaining({ code: 'BUSY', message })

/** A server that loads at once, and notes what it was asked. */
const start = async (change: (provider: Provider) => Provider = (provider) => provider) => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const asked: string[] = []
  const loads: LoadOptions[] = []
  const { provider: base, loaded } = createFakeProvider('one', ['a', 'b'])
  const fault: { load: AppError | null } = { load: null }
  const provider = change({
    ...base,
    load: async (key, options, _report, signal) => {
      asked.push('load')
      await delay(1)
      if (signal.aborted) throw new AppError('CANCELLED')
      if (fault.load) throw fault.load
      loads.push(options)
      loaded.set(key, providerInstance(key, { options }))
      return providerInstance(key, { options })
    },
    unload: async (key) => {
      asked.push('unload')
      loaded.delete(key)
    },
    keepAlive: async (key, keepAlive) => {
      asked.push(`keep ${keepAlive}`)
      const instance = loaded.get(key)
      if (instance) loaded.set(key, { ...instance, options: { ...instance.options, keepAlive } })
    },
    embed: async (_key, texts) => ({ embeddings: texts.map(() => [1]), promptTokens: null, costUsd: null }),
    copy: async () => 'copied',
    remove: async () => {},
  })
  const providers = createProviderService({ now: Date.now, onChange: (id, what) => models.providerChanged(id, what) })
  const jobs = createJobService({ jobs: createJobRepository(db), now: Date.now, publish: () => {}, onBug: () => {} })
  const models = createModelService({
    providers,
    speeds: createSpeedRepository(db),
    now: () => 1_000_000,
    runJob: (model, work) => jobs.run('load', model, work),
    estimate: () => null,
    capacityBytes: () => null,
    measure: (instance) => instance,
    sameAs: () => [],
    search: () => null,
    publish: { models: () => {}, instances: () => {} },
    mark: () => {},
  })
  const care = createModelCare({
    providers,
    models,
    runJob: (kind, id, work) => jobs.run(kind, id, work).job,
    now: Date.now,
  })
  await providers.add(provider)
  return { models, care, providers, loaded, asked, loads, fault }
}

describe('a model that is reserved', () => {
  it('is loaded, unloaded, kept, copied and removed by nobody else until it is released', async () => {
    const { models, care } = await start()
    const mine = models.reserve(a, 'measured')
    const refused = busy('one/a is being measured.')
    await expect(models.load(a, {}, true)).rejects.toEqual(refused)
    await expect(models.unload(a)).rejects.toEqual(refused)
    await expect(models.keepAlive(a, 60, never)).rejects.toEqual(refused)
    await expect(care.copy(a, 'c', never)).rejects.toEqual(refused)
    await expect(care.remove(a, never)).rejects.toEqual(refused)
    expect(() => care.push(a, false)).toThrow()
    expect(() => models.reserve(a, 'measured')).toThrow(refused)
    expect(await mine.release()).toBeNull()
    await models.load(a, {}, true)
    await models.unload(a)
  })

  it('answers nobody else, whose requests would be in its figures', async () => {
    const { models } = await start()
    await models.load(a, {}, true)
    const mine = models.reserve(a, 'measured')
    const refused = busy('one/a is being measured.')
    const question = { model: a, messages: [{ role: 'user' as const, content: 'Hello' }] }
    await expect(models.complete(question, never)).rejects.toEqual(refused)
    await expect(models.chat({ ...question, stream: true }, never).next()).rejects.toEqual(refused)
    await expect(models.embed({ model: a, input: ['Hello'] }, never)).rejects.toEqual(refused)
    await mine.release()
    const answer = models.chat({ ...question, stream: true }, never)
    expect((await answer.next()).done).toBe(false)
    await answer.return()
  })

  it('is not taken while it is loaded, removed or answers', async () => {
    const { models, loaded, providers } = await start()
    const loading = models.load(a, {}, true)
    expect(() => models.reserve(a, 'measured')).toThrow(busy('one/a is being loaded.'))
    await loading
    const release = models.hold(a, 'removed')
    expect(() => models.reserve(a, 'measured')).toThrow(busy('one/a is being removed.'))
    release()
    const answer = models.chat({ model: a, messages: [{ role: 'user', content: 'Hello' }], stream: true }, never)
    await answer.next()
    expect(() => models.reserve(a, 'measured')).toThrow(busy('one/a is answering.'))
    await answer.return()
    loaded.set('a', providerInstance('a', { activeRequests: 1 }))
    await providers.check('one')
    expect(() => models.reserve(a, 'measured')).toThrow(busy('one/a is answering.'))
    loaded.set('a', providerInstance('a'))
    await providers.check('one')
    await models.reserve(a, 'measured').release()
  })

  it('is loaded with the options asked for, again with others, and not again with the same', async () => {
    const { models, loads, asked } = await start()
    const mine = models.reserve(a, 'measured')
    expect(mine.instance()).toBeNull()
    expect((await mine.load({ contextLength: 512 }, never))?.options).toEqual({ contextLength: 512 })
    await mine.load({ contextLength: 512 }, never)
    await mine.load({ contextLength: 1024, keepAlive: 5 }, never)
    expect(mine.instance()?.options).toEqual({ contextLength: 1024 })
    expect(loads).toEqual([
      { contextLength: 512, keepAlive: 3600 },
      { contextLength: 1024, keepAlive: 3600 },
    ])
    await mine.release()
    expect(asked).toEqual(['load', 'unload', 'load', 'unload'])
    expect(models.status(a).state).toBe('unloaded')
  })

  it('is not loaded any more when its provider is removed, and that is told', async () => {
    const { models, providers } = await start()
    await models.load(a, {}, true)
    const mine = models.reserve(a, 'measured')
    await mine.load({ contextLength: 512 }, never)
    await providers.remove('one')
    expect(mine.instance()).toBeNull()
    expect(await mine.release()).toContain('one/a')
  })

  it('is afterwards loaded as it was before, whatever happened', async () => {
    const { models, loads } = await start()
    await models.load(a, { contextLength: 2048, keepAlive: 900 }, true)
    for (const what of ['load', 'unload', 'nothing'] as const) {
      const mine = models.reserve(a, 'measured')
      if (what !== 'nothing') await mine.load({ contextLength: 512 }, never)
      if (what === 'unload') await mine.unload(never)
      expect(await mine.release()).toBeNull()
      expect(models.status(a).instances[0]?.options).toEqual({ contextLength: 2048, keepAlive: 900 })
    }
    expect(loads).toHaveLength(5)
  })

  it('is not loaded anew where it is loaded as asked, and is only kept meanwhile', async () => {
    const { models, asked } = await start()
    await models.load(a, { contextLength: 2048, keepAlive: 900 }, true)
    const mine = models.reserve(a, 'measured')
    await mine.load({ contextLength: 2048 }, never)
    await mine.load({ contextLength: 2048 }, never)
    await mine.release()
    expect(asked).toEqual(['load', 'keep 3600', 'keep 900'])
  })

  it('keeps what its server tells of when it goes: pinned, or so many seconds', async () => {
    const { models, loaded, providers, asked } = await start()
    for (const expiresAt of ['never', 1_000_000 + 4_500] as const) {
      loaded.set('a', providerInstance('a', { expiresAt }))
      await providers.check('one')
      const mine = models.reserve(a, 'measured')
      await mine.load({}, never)
      await mine.release()
    }
    expect(asked).toEqual(['keep 3600', 'keep forever', 'keep 3600', 'keep 5'])
  })

  it('says what could not be put back, and is free again', async () => {
    const { models, fault } = await start()
    await models.load(a, { contextLength: 2048 }, true)
    const mine = models.reserve(a, 'measured')
    await mine.load({}, never)
    fault.load = new AppError('OUT_OF_MEMORY', 'too little')
    expect(await mine.release()).toBe('too little')
    fault.load = null
    await models.load(a, {}, true)
  })

  it('is put back without a load when Berth closes', async () => {
    const { models, asked } = await start()
    await models.load(a, { contextLength: 2048, keepAlive: 900 }, true)
    const mine = models.reserve(a, 'measured')
    await mine.load({}, never)
    await mine.release(true)
    expect(asked).toEqual(['load', 'unload', 'load', 'keep 900'])
  })

  it('ends its load when that is given up, and others find it unloaded', async () => {
    const { models, fault } = await start()
    const mine = models.reserve(a, 'measured')
    const leaving = new AbortController()
    const loading = mine.load({}, leaving.signal)
    await vi.waitFor(() => expect(models.status(a).state).toBe('loading'), patience)
    leaving.abort()
    await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await mine.release()).toBeNull()
    expect(models.status(a).state).toBe('unloaded')
    expect(fault.load).toBeNull()
  })

  it('needs neither where its server loads by itself', async () => {
    const { models, loaded, providers, asked } = await start(({ load: _, unload: __, keepAlive: ___, ...rest }) => rest)
    loaded.set('a', providerInstance('a', { options: { contextLength: 64 } }))
    await providers.check('one')
    const mine = models.reserve(a, 'measured')
    expect((await mine.load({}, never))?.options).toEqual({ contextLength: 64 })
    await mine.unload(never)
    expect(mine.instance()).not.toBeNull()
    expect(await mine.release()).toBeNull()
    expect(asked).toEqual([])
  })
})

it('a speed that was measured elsewhere is shown, also of a model that is gone', async () => {
  const { models } = await start()
  models.tellSpeed(a, 42)
  models.tellSpeed(ModelId.parse('gone/x'), 1)
  expect(models.get(a).tokensPerSecond).toBe(42)
})
