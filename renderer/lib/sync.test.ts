import { createRouterClient, implement } from '@orpc/server'
import { expect, it, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { contract } from '../../shared/contract/index.ts'
import type { Model } from '../../shared/contract/models.ts'
import type { Change } from '../../shared/contract/system.ts'
import { patience } from '../../test/support/patience.ts'
import type { Client } from './client.ts'
import type { ConnectionState } from './connection.ts'
import { emptyMirror } from './mirror.ts'
import { keepMirror } from './sync.ts'
import { aBenchmark, aFile, aModel } from './testMirror.ts'

const unused = (): never => {
  throw new Error('not asked for by the mirror')
}

const runs = Array.from({ length: 600 }, (_, index) => aBenchmark(String(index)))

/** A host that answers what the mirror asks and lets the test push changes and end the stream. */
const startHost = (beforeSnapshot: () => Promise<void> = async () => {}) => {
  const os = implement(contract)
  let models: readonly Model[] = []
  let subscriptions = 0
  let push: (change: Change | null) => void = () => {}
  const router = os.router({
    models: {
      list: os.models.list.handler(async () => {
        const answer = { models: [...models] }
        await beforeSnapshot()
        return answer
      }),
      instances: os.models.instances.handler(() => ({ instances: [] })),
      resources: os.models.resources.handler(() => ({ at: 0, devices: [] })),
      details: os.models.details.handler(unused),
      status: os.models.status.handler(unused),
      load: os.models.load.handler(unused),
      unload: os.models.unload.handler(unused),
      chat: os.models.chat.handler(unused),
      keepAlive: os.models.keepAlive.handler(unused),
      embed: os.models.embed.handler(unused),
      pull: os.models.pull.handler(unused),
      push: os.models.push.handler(unused),
      create: os.models.create.handler(unused),
      copy: os.models.copy.handler(unused),
      rename: os.models.rename.handler(unused),
      removal: os.models.removal.handler(unused),
      remove: os.models.remove.handler(unused),
      adapters: os.models.adapters.handler(unused),
      changeAdapter: os.models.changeAdapter.handler(unused),
      validateName: os.models.validateName.handler(unused),
    },
    providers: {
      list: os.providers.list.handler(() => ({ providers: [] })),
      check: os.providers.check.handler(unused),
      add: os.providers.add.handler(unused),
      change: os.providers.change.handler(unused),
      remove: os.providers.remove.handler(unused),
      health: os.providers.health.handler(unused),
      found: os.providers.found.handler(unused),
      test: os.providers.test.handler(unused),
    },
    folders: {
      list: os.folders.list.handler(() => ({ folders: [] })),
      found: os.folders.found.handler(unused),
      add: os.folders.add.handler(unused),
      remove: os.folders.remove.handler(unused),
      scan: os.folders.scan.handler(unused),
    },
    files: {
      list: os.files.list.handler(() => ({
        files: [aFile('/m/a.gguf')],
        total: 1,
        verdicts: { ok: 1, warnings: 0, broken: 0, dangerous: 0, unknown: 0 },
      })),
      validate: os.files.validate.handler(unused),
      batch: os.files.batch.handler(unused),
      report: os.files.report.handler(unused),
      export: os.files.export.handler(unused),
      tensors: os.files.tensors.handler(unused),
      compare: os.files.compare.handler(unused),
      label: os.files.label.handler(unused),
      writeMetadata: os.files.writeMetadata.handler(unused),
      hash: os.files.hash.handler(unused),
      forget: os.files.forget.handler(unused),
    },
    jobs: {
      list: os.jobs.list.handler(() => ({ jobs: [] })),
      watch: os.jobs.watch.handler(unused),
      cancel: os.jobs.cancel.handler(unused),
    },
    hardware: {
      get: os.hardware.get.handler(() => ({
        os: { platform: 'linux', name: 'Linux', version: null },
        cpu: { name: null, physicalCores: null, logicalCores: 2, performanceCores: null, efficiencyCores: null },
        memory: { totalBytes: 1, limitBytes: null },
        devices: [],
        sources: [],
      })),
      history: os.hardware.history.handler(unused),
    },
    benchmarks: {
      list: os.benchmarks.list.handler(({ input: { limit = runs.length, offset = 0 } }) => ({
        benchmarks: runs.slice(offset, offset + limit),
      })),
      get: os.benchmarks.get.handler(unused),
      samples: os.benchmarks.samples.handler(unused),
      plan: os.benchmarks.plan.handler(unused),
      start: os.benchmarks.start.handler(unused),
      watch: os.benchmarks.watch.handler(unused),
      remove: os.benchmarks.remove.handler(unused),
      export: os.benchmarks.export.handler(unused),
      import: os.benchmarks.import.handler(unused),
      compare: os.benchmarks.compare.handler(unused),
      history: os.benchmarks.history.handler(unused),
      fastest: os.benchmarks.fastest.handler(unused),
    },
    samples: { create: os.samples.create.handler(unused) },
    settings: {
      get: os.settings.get.handler(() => ({
        theme: 'system' as const,
        lanHosts: [],
        hashInBackground: true,
      })),
      change: os.settings.change.handler(unused),
    },
    secrets: {
      get: os.secrets.get.handler(() => ({ protection: 'memory' as const, backend: null, text: 'In memory.' })),
      unlock: os.secrets.unlock.handler(unused),
    },
    system: {
      health: os.system.health.handler(unused),
      get: os.system.get.handler(() => ({
        version: '0',
        host: 'headless' as const,
        dataDir: '/d',
        startedAt: 0,
        notices: [],
      })),
      dismiss: os.system.dismiss.handler(unused),
      changes: os.system.changes.handler(async function* () {
        subscriptions += 1
        const waiting: (Change | null)[] = [{ type: 'subscribed' }]
        let wake = () => {}
        push = (change) => {
          waiting.push(change)
          wake()
        }
        for (;;) {
          const change = waiting.shift()
          if (change === null) return
          if (change !== undefined) yield change
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      }),
    },
  })
  const client: Client = createRouterClient(router)
  return {
    client,
    setModels: (next: readonly Model[]) => {
      models = next
    },
    push: (change: Change) => push(change),
    endStream: () => push(null),
    subscriptions: () => subscriptions,
  }
}

const start = (host: ReturnType<typeof startHost>) => {
  const mirror = createStore(() => emptyMirror)
  const connection = createStore<ConnectionState>(() => ({ state: 'connecting' }))
  keepMirror(host.client, mirror, connection)
  connection.setState({ state: 'connected', generation: 1 }, true)
  return { mirror, connection, ids: () => [...mirror.getState().models.keys()] }
}

it('applies what changed while the snapshots were on their way', async () => {
  const held = Promise.withResolvers<void>()
  const host = startHost(() => held.promise)
  host.setModels([aModel('a/old')])
  const { mirror, ids } = start(host)
  await vi.waitFor(() => expect(host.subscriptions()).toBe(1), patience)
  host.push({ type: 'models', changed: [aModel('a/new')], removed: [aModel('a/old').model] })
  held.resolve()
  await vi.waitFor(() => expect(ids()).toEqual(['a/new']), patience)
  expect(mirror.getState().ready).toBe(true)
  expect(mirror.getState().secrets?.protection).toBe('memory')
  await vi.waitFor(() => expect(mirror.getState().benchmarks.size).toBe(runs.length), patience) // the older ones come after
})

it('subscribes and asks again when the host ends the stream', async () => {
  const host = startHost()
  const { ids, mirror } = start(host)
  await vi.waitFor(() => expect(mirror.getState().ready).toBe(true), patience)
  host.setModels([aModel('a/1')])
  host.endStream()
  await vi.waitFor(() => expect(ids()).toEqual(['a/1']), patience)
  expect(host.subscriptions()).toBe(2)
})

it('starts over on a new connection and forgets what the old one said', async () => {
  const host = startHost()
  host.setModels([aModel('a/1')])
  const { connection, ids } = start(host)
  await vi.waitFor(() => expect(ids()).toEqual(['a/1']), patience)
  connection.setState({ state: 'lost' }, true)
  host.setModels([aModel('a/2')])
  connection.setState({ state: 'connected', generation: 2 }, true)
  await vi.waitFor(() => expect(ids()).toEqual(['a/2']), patience)
})
