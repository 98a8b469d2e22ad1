import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Job } from '../../shared/contract/jobs.ts'
import { ModelId } from '../../shared/contract/modelId.ts'
import type { Model } from '../../shared/contract/models.ts'
import { createFakeProvider, providerInstance, providerModel } from '../../test/support/fakeProvider.ts'
import { mutationSeed } from '../../test/support/mutation.ts'
import { patience } from '../../test/support/patience.ts'
import { createJobRepository } from '../catalog/jobRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { createSpeedRepository } from '../catalog/speedRepository.ts'
import { createJobService } from '../jobs/jobService.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider, ProviderInstance } from '../providers/provider.ts'
import { createProviderService } from '../providers/providerService.ts'
import { createModelCare } from './modelCare.ts'
import { createModelService } from './modelService.ts'

const never = new AbortController().signal
const idOf = (key: string, provider = 'one') => ModelId.parse(`${provider}/${key}`)
const a = idOf('a')
const unheard: unknown[] = []
const hear = (error: unknown) => void unheard.push(error)
beforeAll(() => void process.on('unhandledRejection', hear))
afterAll(() => {
  process.off('unhandledRejection', hear)
  expect(unheard).toEqual([])
})

/** What waits at a server until its test lets it go on, in any order. */
type Held = { readonly what: string; readonly key: string; readonly go: (error?: unknown) => void }

/** A server whose every verb waits for its test, and which notes what a careful client never does. */
const createServer = (id: string) => {
  const held: Held[] = []
  const mistakes: string[] = []
  const keys = new Set(['a', 'b'])
  const loaded = new Map<string, ProviderInstance>()
  const gone = { down: false }
  const busyWith = (key: string, ...verbs: readonly string[]) =>
    held.some((each) => each.key === key && verbs.includes(each.what))
  const hold = async (what: string, key: string, signal: AbortSignal, done: () => void): Promise<void> => {
    if (signal.aborted) throw new AppError('CANCELLED')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const entry: Held = { what, key, go: (error) => (error === undefined ? resolve() : reject(error)) }
    const leave = () => reject(new AppError('CANCELLED'))
    signal.addEventListener('abort', leave)
    held.push(entry)
    try {
      await promise
      done()
    } finally {
      held.splice(held.indexOf(entry), 1)
      signal.removeEventListener('abort', leave)
    }
  }
  const told = async <T>(value: () => T): Promise<T> => {
    await nextTurn()
    if (gone.down) throw new AppError('PROVIDER_UNREACHABLE', 'nothing listens there')
    return value()
  }
  const closed = new AbortController()
  const or = (signal: AbortSignal) => AbortSignal.any([signal, closed.signal])
  const provider: Provider = {
    ...createFakeProvider(id, []).provider,
    status: () => told(() => ({ version: '1', latencyMs: 1 })),
    models: () => told(() => [...keys].map((key) => providerModel(key))),
    instances: () => told(() => [...loaded.values()]),
    load: async (key, options, _report, signal) => {
      if (busyWith(key, 'load')) mistakes.push(`two loads of ${key} at once`)
      if (busyWith(key, 'unload')) mistakes.push(`${key} is loaded while it is unloaded`)
      if (busyWith(key, 'remove')) mistakes.push(`${key} is loaded while it is removed`)
      await hold('load', key, or(signal), () => loaded.set(key, providerInstance(key, { options })))
      return providerInstance(key, { options })
    },
    unload: async (key, instance, signal) => {
      if (busyWith(key, 'load')) mistakes.push(`${key} is unloaded while it is loaded`)
      await hold('unload', key, or(signal), () => {
        for (const [name, each] of loaded)
          if (each.key === key && (instance === null || each.instance === instance)) loaded.delete(name)
      })
    },
    pull: async ({ name }, _report, signal) => {
      if (busyWith(name, 'pull')) mistakes.push(`two pulls of ${name} at once`)
      if (busyWith(name, 'remove')) mistakes.push(`${name} is pulled while it is removed`)
      await hold('pull', name, or(signal), () => keys.add(name))
      return name
    },
    copy: async (key, to, signal) => {
      await hold('copy', key, or(signal), () => keys.add(to))
      return to
    },
    remove: async (key, signal) => {
      if (busyWith(key, 'remove')) mistakes.push(`two removals of ${key} at once`)
      if (busyWith(key, 'pull')) mistakes.push(`${key} is removed while it is pulled`)
      if (busyWith(key, 'load') || loaded.has(key)) mistakes.push(`${key} is removed while it is loaded`)
      await hold('remove', key, or(signal), () => {
        if (!keys.delete(key)) throw new AppError('MODEL_NOT_FOUND')
      })
    },
    close: async () => closed.abort(),
  }
  return { provider, held, mistakes, keys, loaded, gone }
}

const start = async () => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const server = createServer('one')
  const window = new Map<string, Model>()
  const jobs = createJobService({
    jobs: createJobRepository(db),
    now: Date.now,
    publish: () => {},
    onBug: (error) => unheard.push(error),
  })
  const providers = createProviderService({ now: Date.now, onChange: (id, what) => models.providerChanged(id, what) })
  const models = createModelService({
    providers,
    speeds: createSpeedRepository(db),
    now: Date.now,
    runJob: (model, work) => jobs.run('load', model, work),
    estimate: () => null,
    capacityBytes: () => null,
    measure: (instance) => instance,
    sameAs: () => [],
    search: () => null,
    publish: {
      models: (changed, removed) => {
        for (const model of changed) window.set(model.model, model)
        for (const id of removed) window.delete(id)
      },
      instances: () => {},
    },
    mark: () => {},
  })
  const care = createModelCare({
    providers,
    models,
    runJob: (kind, model, work) => jobs.run(kind, model, work).job,
    now: Date.now,
  })
  await providers.add(server.provider)
  const close = async () => {
    await jobs.close()
    await providers.close()
    db.close()
  }
  /** What `what` waits for, when it has come so far. */
  const at = (what: string): Promise<Held> =>
    vi.waitFor(() => {
      const found = server.held.find((each) => each.what === what)
      if (!found) throw new Error(`Nothing waits in a ${what}.`)
      return found
    }, patience)
  /** Lets everything go on until nothing is left. */
  const settle = async () => {
    for (let quiet = 0; quiet < 20; quiet++) {
      for (const each of server.held) {
        each.go()
        quiet = 0
      }
      await nextTurn()
    }
  }
  return { server, window, jobs, providers, models, care, close, at, settle }
}
type Started = Awaited<ReturnType<typeof start>>
const started = async () => {
  const all = await start()
  onTestFinished(all.close)
  return all
}
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  )

describe('a model', () => {
  it('that has just been loaded is not loaded again before the look that finds it', async () => {
    const { models, server, at, settle } = await started()
    const first = models.load(a, {}, true)
    const load = await at('load')
    load.go()
    await Promise.resolve()
    for (let turn = 0; turn < 8; turn++) {
      void models.load(a, {}, false)
      await Promise.resolve()
    }
    await first
    await settle()
    expect(server.mistakes).toEqual([])
    expect(server.held).toEqual([])
  })

  it('is loaded again for who asked after the unload, and not for who asked before', async () => {
    const { models, at, settle, server } = await started()
    const first = codeOf(models.load(a, {}, true))
    await at('load')
    const unload = models.unload(a)
    const second = codeOf(models.load(a, { contextLength: 2048 }, true))
    await settle()
    await unload
    expect([await first, await second]).toEqual(['CANCELLED', 'done'])
    expect(models.status(a)).toMatchObject({ state: 'loaded', instances: [{ options: { contextLength: 2048 } }] })
    const third = [models.unload(a), codeOf(models.load(a, {}, true)), models.unload(a)]
    await settle()
    expect(await third[1]).toBe('CANCELLED')
    await Promise.all(third)
    expect(models.status(a).state).toBe('unloaded')
    expect(server.mistakes).toEqual([])
  })

  it('has each of its instances unloaded, by whoever asks for whichever', async () => {
    const { models, server, settle, providers } = await started()
    for (const instance of ['1', '2', '3'])
      server.loaded.set(instance, { ...providerInstance('a'), instance, options: { contextLength: Number(instance) } })
    await providers.check('one')
    const [one, two] = models.status(a).instances
    if (!one || !two) throw new Error('They are loaded.')
    const both = [models.unload(a, one.id), models.unload(a, two.id), models.unload(a, one.id)]
    await nextTurn()
    expect(models.status(a).instances.map(({ state }) => state)).toEqual(['unloading', 'loaded', 'loaded'])
    await settle()
    await Promise.all(both)
    expect([...server.loaded.keys()]).toEqual(['3'])
    const all = [models.unload(a), models.unload(a)]
    await settle()
    await Promise.all(all)
    expect(models.status(a)).toMatchObject({ state: 'unloaded', instances: [] })
  })

  it('that is removed is not loaded, pulled or removed by others meanwhile', async () => {
    const { models, care, server, at, settle } = await started()
    const removal = care.remove(a, never)
    await at('remove')
    expect(await codeOf(models.load(a, {}, true))).toBe('BUSY')
    expect(() => care.pull(a, {})).toThrow('a')
    expect(await codeOf(care.remove(a, never))).toBe('BUSY')
    expect(await codeOf(care.rename(a, 'c', never))).toBe('BUSY')
    expect(await codeOf(care.copy(a, 'c', never))).toBe('BUSY')
    await settle()
    await removal
    expect(server.mistakes).toEqual([])
    expect(await codeOf(models.load(a, {}, true))).toBe('MODEL_NOT_FOUND')
  })

  it('that is unloaded is removed when that is done', async () => {
    const { models, care, server, at, settle } = await started()
    const load = models.load(a, {}, true)
    ;(await at('load')).go()
    await load
    const both = [models.unload(a), care.remove(a, never)]
    await settle()
    await Promise.all(both)
    expect(server.mistakes).toEqual([])
    expect([...server.keys]).toEqual(['b'])
  })

  it('pulled twice is pulled once, but not with other options', async () => {
    const { care, settle, server } = await started()
    const job = care.pull(idOf('new'), { quantization: 'Q4_K_M' })
    expect(care.pull(idOf('new'), { quantization: 'Q4_K_M' }).job).toBe(job.job)
    expect(() => care.pull(idOf('new'), { quantization: 'Q8_0' })).toThrow('other options')
    await settle()
    expect([...server.keys]).toEqual(['a', 'b', 'new'])
  })

  it('forgets why it failed when it is gone', async () => {
    const { models, server, at, providers } = await started()
    const load = codeOf(models.load(a, {}, true))
    ;(await at('load')).go(new AppError('LOAD_FAILED', 'unknown tokenizer'))
    expect(await load).toBe('LOAD_FAILED')
    server.keys.delete('a')
    await providers.check('one')
    server.keys.add('a')
    await providers.check('one')
    expect(models.status(a)).toMatchObject({ state: 'unloaded', reason: null })
  })
})

describe('a provider that goes', () => {
  it.each(['load', 'unload', 'pull', 'copy', 'remove'])(
    'ends its %s, and leaves no model in the window',
    async (verb) => {
      const { models, care, window, jobs, providers, at, server } = await started()
      if (verb === 'unload') {
        server.loaded.set('a', providerInstance('a'))
        await providers.check('one')
      }
      const asking = {
        load: () => models.load(a, {}, true),
        unload: () => models.unload(a),
        pull: async () => care.pull(a, {}),
        copy: () => care.copy(a, 'c', never),
        remove: () => care.remove(a, never),
      }[verb]
      const asked = codeOf(asking?.() ?? Promise.reject(new Error('There is no such verb.')))
      await at(verb)
      await providers.remove('one')
      expect(['CANCELLED', 'done']).toContain(await asked)
      await vi.waitFor(() => expect(jobs.list(10).filter(({ state }) => state === 'running')).toEqual([]), patience)
      expect([...window.keys()]).toEqual([])
      expect(await codeOf(models.load(a, {}, true))).toBe('MODEL_NOT_FOUND')
    },
  )

  it('after its model was loaded has loaded it', async () => {
    const { models, providers, at, window } = await started()
    const load = codeOf(models.load(a, {}, true))
    ;(await at('load')).go()
    await Promise.resolve()
    await providers.remove('one')
    expect(['done', 'CANCELLED']).toContain(await load)
    expect([...window.keys()]).toEqual([])
  })
})

describe('a server that hangs', () => {
  it('holds up neither who cancels nor who closes, also after the work is done', async () => {
    const { models, care, jobs, server, at, close } = await start()
    const silent = Promise.withResolvers<never>()
    const hang = () => Object.assign(server.provider, { status: () => silent.promise })
    const pull = care.pull(idOf('new'), {})
    const held = await at('pull')
    const load = models.load(a, {}, false)
    const loading = await at('load')
    hang()
    held.go()
    loading.go()
    await nextTurn()
    const cancelled = await jobs.cancel(pull.job)
    expect(['done', 'cancelled']).toContain(cancelled.state)
    await load
    await close()
    expect(jobs.watchers()).toBe(0)
  })
})

describe('a load that waits for an unload', () => {
  it('is cancelled at once', async () => {
    const { models, server, providers, at, jobs, settle } = await started()
    server.loaded.set('a', providerInstance('a'))
    await providers.check('one')
    const unload = models.unload(a)
    await at('unload')
    const load = codeOf(models.load(a, {}, true))
    const [job] = jobs.list(1)
    if (!job) throw new Error('The load is a job.')
    expect(await jobs.cancel(job.job)).toMatchObject({ state: 'cancelled' })
    expect(await load).toBe('CANCELLED')
    await settle()
    await unload
    expect(models.status(a).state).toBe('unloaded')
  })
})

/** What people and programs do at once. */
const actions: Readonly<Record<string, (on: Started, key: string) => Promise<unknown>>> = {
  load: ({ models }, key) => models.load(idOf(key), {}, true),
  'load longer': ({ models }, key) => models.load(idOf(key), { contextLength: 8192 }, false),
  unload: ({ models }, key) => models.unload(idOf(key)),
  pull: async ({ care }, key) => care.pull(idOf(key), {}),
  remove: ({ care }, key) => care.remove(idOf(key), never),
  rename: ({ care }, key) => care.rename(idOf(key), `${key}2`, never),
  copy: ({ care }, key) => care.copy(idOf(key), 'c', never),
  'leave a removal': ({ care }, key) => {
    const leaving = new AbortController()
    const removal = care.remove(idOf(key), leaving.signal)
    setImmediate(() => leaving.abort())
    return removal
  },
  'cancel a job': async ({ jobs }) => {
    const [job]: readonly Job[] = jobs.list(1)
    if (job) await jobs.cancel(job.job)
  },
  look: ({ providers }) => providers.check('one'),
  down: async ({ server }) => {
    server.gone.down = true
  },
  up: async ({ server }) => {
    server.gone.down = false
  },
  'the oldest goes on': async ({ server }) => server.held[0]?.go(),
  'the newest goes on': async ({ server }) => server.held.at(-1)?.go(),
  'the newest fails': async ({ server }) => server.held.at(-1)?.go(new AppError('PROVIDER_ERROR', 'no')),
  'a turn': () => nextTurn(),
  'it ends by itself': async ({ server }, key) => void server.loaded.delete(key),
  'it is listed elsewhere': async ({ server }, key) => void server.keys.add(key),
}
const expected = new Set([
  ...['done', 'BUSY', 'CANCELLED', 'MODEL_NOT_FOUND', 'PROVIDER_NOT_FOUND', 'MODEL_NOT_LOADED', 'MODEL_EXISTS'],
  ...['PROVIDER_ERROR', 'PROVIDER_UNREACHABLE', 'JOB_FINISHED'],
])

const play = async (steps: readonly (readonly [string, string])[]) => {
  const on = await start()
  const codes: Promise<string>[] = []
  for (const [index, [what, key]] of steps.entries()) {
    codes.push(codeOf(Promise.resolve().then(() => actions[what]?.(on, key))))
    await (index % 3 === 2 ? nextTurn() : Promise.resolve())
  }
  on.server.gone.down = false
  await on.settle()
  const answers = await Promise.race([Promise.all(codes), once(AbortSignal.timeout(30_000), 'abort')])
  await on.providers.check('one')
  await on.settle()
  const seen = on.models.list({})
  const told = [...on.window.values()].map(({ model, state }) => `${model} ${state}`).toSorted()
  const { server } = on
  const result = {
    answers: answers.filter((code) => !expected.has(String(code))),
    mistakes: server.mistakes,
    running: on.jobs.list(100).filter(({ state }) => state === 'running').length,
    models: seen.map(({ key }) => key).toSorted(),
    unsettled: seen.filter(({ state }) => state === 'loading' || state === 'unloading').map(({ key }) => key),
    loaded: seen.filter(({ state }) => state === 'loaded').map(({ key }) => key),
    window: told,
  }
  await on.close()
  return {
    result,
    wanted: {
      answers: [],
      mistakes: [],
      running: 0,
      models: [...server.keys].toSorted(),
      unsettled: [],
      loaded: [...server.keys].filter((key) => server.loaded.has(key)),
      window: seen.map(({ model, state }) => `${model} ${state}`).toSorted(),
    },
  }
}

it('whatever is done at once, nothing hangs, no two verbs race, and all states are right afterwards', {
  timeout: 120_000,
}, async () => {
  const step = fc.tuple(fc.constantFrom(...Object.keys(actions)), fc.constantFrom('a', 'a', 'b'))
  const runs = Number(process.env.BERTH_RACES ?? 150)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 24 }), async (steps) => {
      const { result, wanted } = await play(steps)
      expect(result).toEqual(wanted)
    }),
    { numRuns: runs, seed: mutationSeed },
  )
})
