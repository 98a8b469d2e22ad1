import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Job } from '../../shared/contract/jobs.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import { createFakeProvider, providerInstance, providerModel } from '../../test/support/fakeProvider.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createSpeedRepository } from '../catalog/speedRepository.ts'
import { createJobService } from '../jobs/jobService.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider, ReportTransfer } from '../providers/provider.ts'
import { createProviderService } from '../providers/providerService.ts'
import { createModelCare } from './modelCare.ts'
import { createModelService } from './modelService.ts'

const never = new AbortController().signal
const id = (text: string) => ModelId.parse(text)

const start = async (verbs: Partial<Provider> = {}, shape = (provider: Provider): Provider => provider) => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const jobs: Job[] = []
  const jobService = createJobService({
    jobs: createJobRepository(db),
    now: Date.now,
    publish: (job) => void jobs.push(job),
    onBug: (error) => {
      throw error
    },
  })
  const fake = createFakeProvider('one', [])
  const keys = ['a', 'b']
  const calls: string[] = []
  const provider: Provider = {
    ...fake.provider,
    cannot: { push: 'One has no registry.' },
    models: async () => keys.map((key) => providerModel(key)),
    copy: async (key, to) => {
      calls.push(`copy ${key} ${to}`)
      keys.push(to)
      return to
    },
    removal: async () => ({ freedBytes: 1_000, sharedWith: ['b'], alsoRemoved: ['c'], notes: ['b stays.'] }),
    remove: async (key) => {
      calls.push(`remove ${key}`)
      keys.splice(keys.indexOf(key), 1)
    },
    unload: async (key) => {
      calls.push(`unload ${key}`)
      fake.loaded.delete(key)
    },
    ...verbs,
  }
  const providers = createProviderService({ now: Date.now, onChange: () => {} })
  onTestFinished(() => providers.close())
  const models = createModelService({
    providers,
    speeds: createSpeedRepository(db),
    now: Date.now,
    runJob: (model, work) => jobService.run('load', model, work),
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
    runJob: (kind, model, work) => jobService.run(kind, model, work).job,
    now: Date.now,
  })
  await providers.add(shape(provider))
  const names = () => models.list({}).map(({ key }) => key)
  const ended = async ({ job }: Job) => {
    for await (const each of jobService.watch(job, undefined)) if (each.endedAt !== null) return each
    throw new Error('The job has no end.')
  }
  return { care, models, fake, calls, keys, names, jobs, ended, jobService, providers }
}

describe('a pull', () => {
  const pulling = () => {
    const asked: unknown[] = []
    let go: (error?: unknown) => void = () => {}
    let tell: ReportTransfer = () => {}
    const pull: Provider['pull'] = (request, report, signal) => {
      asked.push(request)
      tell = report
      return new Promise((resolve, reject) => {
        go = (error) => (error ? reject(error) : resolve('new:latest'))
        signal.addEventListener('abort', () => reject(new AppError('CANCELLED')))
      })
    }
    return {
      pull,
      asked,
      go: (error?: unknown) => go(error),
      tell: (...args: Parameters<ReportTransfer>) => tell(...args),
    }
  }

  it('is a job with bytes, that others join, and its model is listed when it ends', async () => {
    const { pull, asked, go, tell } = pulling()
    const { care, keys, names, ended, jobService } = await start({ pull })
    const job = care.pull(id('one/new'), { insecure: true })
    expect(care.pull(id('one/new'), { insecure: true }).job).toBe(job.job)
    await expect.poll(() => asked).toEqual([{ name: 'new', insecure: true }])
    tell('pulling 123', {
      doneBytes: 50,
      totalBytes: 200,
      parts: [{ name: '123', doneBytes: 50, totalBytes: 200 }],
    })
    expect(jobService.list(1)[0]?.progress).toMatchObject({
      fraction: 0.25,
      text: 'pulling 123',
      transfer: { doneBytes: 50, totalBytes: 200, bytesPerSecond: null },
    })
    keys.push('new:latest')
    go()
    expect(await ended(job)).toMatchObject({ kind: 'pull', state: 'done', result: 'Pulled new:latest' })
    expect(names()).toContain('new:latest')
    expect(care.pull(id('one/new'), {}).job).not.toBe(job.job)
  })

  it('says why it failed, and can be cancelled', async () => {
    const { pull, asked, go } = pulling()
    const { care, ended, jobService } = await start({ pull })
    const failing = care.pull(id('one/new'), {})
    await expect.poll(() => asked).toHaveLength(1)
    go(new AppError('MODEL_NOT_FOUND', 'The registry has no model new.'))
    expect(await ended(failing)).toMatchObject({ state: 'failed', error: { code: 'MODEL_NOT_FOUND' } })
    const cancelled = care.pull(id('one/new'), {})
    await expect.poll(() => asked).toHaveLength(2)
    expect((await jobService.cancel(cancelled.job)).state).toBe('cancelled')
  })

  it('is refused where there is no such provider or verb, with the words of the provider', async () => {
    const { care } = await start({ cannot: { pull: 'One downloads nothing.' } })
    expect(() => care.pull(id('nobody/x'), {})).toThrow('There is no provider for nobody/x')
    expect(() => care.pull(id('one/x'), {})).toThrow('One downloads nothing.')
    expect(() => care.push(id('one/a'), false)).toThrow()
  })
})

describe('models of a provider', () => {
  it('are copied, and their provider says which names are taken', async () => {
    const { care, names } = await start()
    expect(await care.copy(id('one/a'), 'c', never)).toEqual({ model: 'one/c' })
    expect(names()).toEqual(['a', 'b', 'c'])
    await expect(care.copy(id('one/x'), 'y', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  it('are renamed: the new name stands before the old one goes', async () => {
    const { care, names, calls } = await start()
    expect(await care.rename(id('one/a'), 'z', never)).toEqual({ model: 'one/z' })
    expect(calls).toEqual(['copy a z', 'remove a'])
    expect(names()).toEqual(['b', 'z'])
  })

  it('are removed after they were unloaded, and say what that frees beforehand', async () => {
    const { care, fake, providers, names, calls } = await start()
    fake.loaded.set('a', providerInstance('a'))
    await providers.check('one')
    const freed = {
      model: 'one/a',
      freedBytes: 1_000,
      sharedWith: ['one/b'],
      alsoRemoved: ['one/c'],
      notes: ['b stays.'],
    }
    expect(await care.removal(id('one/a'), never)).toEqual(freed)
    expect(await care.remove(id('one/a'), never)).toEqual(freed)
    expect(calls).toEqual(['unload a', 'remove a'])
    expect(names()).toEqual(['b'])
  })

  it('keep what one cannot do, though its provider can', async () => {
    const lacks = { remove: 'It is only shown here.', chat: 'It writes no text.' }
    const { care, models } = await start({ models: async () => [providerModel('a', { lacks })] })
    await expect(care.removal(id('one/a'), never)).rejects.toMatchObject({
      code: 'VERB_NOT_SUPPORTED',
      message: lacks.remove,
    })
    await expect(care.rename(id('one/a'), 'b', never)).rejects.toThrow(lacks.remove)
    expect(models.list({})[0]).toMatchObject({
      verbs: { chat: false, remove: false, copy: true, load: true, embed: false, push: false },
      cannot: lacks,
    })
  })

  it('are created once at a time', async () => {
    const made: string[] = []
    const waiting = Promise.withResolvers<void>()
    const { care, ended } = await start({
      create: async ({ key }) => {
        made.push(key)
        await waiting.promise
        return key
      },
    })
    const source = { from: 'model' as const, key: 'a' }
    const job = care.create({ model: id('one/new'), source })
    expect(() => care.create({ model: id('one/new'), source })).toThrow('is being created')
    waiting.resolve()
    expect(await ended(job)).toMatchObject({ state: 'done', result: 'Created new' })
    expect(made).toEqual(['new'])
  })
})

describe('answers', () => {
  it('of embeddings come as many as there were texts, or it is a fault', async () => {
    const embed: Provider['embed'] = async (_, input) => ({
      embeddings: input.slice(0, 2).map(() => [1, 0]),
      promptTokens: 4,
      costUsd: null,
    })
    const { models, fake, providers } = await start({ embed })
    await expect(models.embed({ model: id('one/a'), input: ['x'] }, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_LOADED',
    })
    fake.loaded.set('a', providerInstance('a'))
    await providers.check('one')
    expect(await models.embed({ model: id('one/a'), input: ['x', 'y'] }, never)).toMatchObject({
      model: 'one/a',
      embeddings: [
        [1, 0],
        [1, 0],
      ],
    })
    await expect(models.embed({ model: id('one/a'), input: ['x', 'y', 'z'] }, never)).rejects.toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
    })
  })

  it('need no load where there is nothing to load', async () => {
    const { models } = await start({ cannot: { load: 'It runs elsewhere.' } }, ({ load, unload, ...remote }) => remote)
    expect(models.status(id('one/a')).state).toBe('available')
    const answer = await models.complete({ model: id('one/a'), messages: [{ role: 'user', content: 'Hi' }] }, never)
    expect(answer.message.content).toBe('hello')
    await expect(models.load(id('one/a'), {}, true)).rejects.toThrow('It runs elsewhere.')
  })
})

describe('several instances of one model', () => {
  it('have names of their own, and one is unloaded without the others', async () => {
    const unloaded: (string | null)[] = []
    const { models, providers } = await start({
      instances: async () => [providerInstance('a', { instance: 'a' }), providerInstance('a', { instance: 'a:2' })],
      unload: async (_, instance) => void unloaded.push(instance),
    })
    await providers.check('one')
    expect(models.status(id('one/a')).instances.map((each) => each.id)).toEqual(['one/a#a', 'one/a#a:2'])
    const [, second] = models.status(id('one/a')).instances
    await models.unload(id('one/a'), second?.id)
    await models.unload(id('one/a'))
    expect(unloaded).toEqual(['a:2', null])
  })

  it('are kept alive by choice, when loaded', async () => {
    const kept: unknown[] = []
    const { models, fake, providers } = await start({ keepAlive: async (key, value) => void kept.push([key, value]) })
    await expect(models.keepAlive(id('one/a'), 'forever', never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
    fake.loaded.set('a', providerInstance('a'))
    await providers.check('one')
    await models.keepAlive(id('one/a'), 60, never)
    expect(kept).toEqual([['a', 60]])
  })
})
