import type { FileRow } from '../../shared/contract/files.ts'
import type { Change } from '../../shared/contract/system.ts'
import type { Client } from './client.ts'
import { backOffMs, type ConnectionState } from './connection.ts'
import { applyChanges, fromSnapshot, type Mirror, type Snapshot } from './mirror.ts'

type MirrorStore = { getState: () => Mirror; setState: (mirror: Mirror, replace: true) => void }
type ConnectionStore = { getState: () => ConnectionState; subscribe: (listener: () => void) => () => void }

/** Changes of one frame or two become one render, so that a scan of 10,000 files does not cost 10,000. */
const batchMs = 40

/** Of one answer: a longer one would hold the host. */
const filesAtOnce = 1_000

const allFiles = async (client: Client, options: { readonly signal: AbortSignal }): Promise<FileRow[]> => {
  const all: FileRow[] = []
  for (;;) {
    const { files, total } = await client.files.list({ limit: filesAtOnce, offset: all.length }, options)
    all.push(...files)
    if (files.length === 0 || all.length >= total) return all
  }
}

/** A run tells all that explains it, so it is longer than a file. */
const benchmarksAtOnce = 250

/** Runs before the newest ones: a window does not wait for thousands of them before it shows its first page. */
const addOlderBenchmarks = async (client: Client, store: MirrorStore, signal: AbortSignal): Promise<void> => {
  for (;;) {
    // what was added or removed meanwhile moves the older ones, and is in the mirror
    const offset = store.getState().benchmarks.size
    const { benchmarks } = await client.benchmarks.list({ limit: benchmarksAtOnce, offset }, { signal })
    if (signal.aborted) return
    const mirror = store.getState()
    const changed = benchmarks.filter(({ benchmark }) => !mirror.benchmarks.has(benchmark))
    if (changed.length === 0) return
    store.setState(applyChanges(mirror, [{ type: 'benchmarks', changed, removed: [] }]), true)
  }
}

const snapshot = async (client: Client, signal: AbortSignal): Promise<Snapshot> => {
  const options = { signal }
  const [lists, files, hardware, settings, secrets, system, resources] = await Promise.all([
    Promise.all([
      client.models.list({}, options),
      client.models.instances(undefined, options),
      client.jobs.list({ limit: 200 }, options),
      client.providers.list(undefined, options),
      client.folders.list(undefined, options),
      client.benchmarks.list({ limit: benchmarksAtOnce }, options),
    ]),
    allFiles(client, options),
    client.hardware.get(undefined, options),
    client.settings.get(undefined, options),
    client.secrets.get(undefined, options),
    client.system.get(undefined, options),
    client.models.resources(undefined, options),
  ])
  const [models, instances, jobs, providers, folders, benchmarks] = lists
  const known = { files, hardware, settings, secrets, system, resources }
  return { ...models, ...instances, ...jobs, ...providers, ...folders, ...benchmarks, ...known }
}

/**
 * Follows one subscription until it ends: subscribe, then ask for the snapshots, then apply what came since. A change is
 * the whole new value of one thing, so one that the snapshot has already does no harm.
 */
const follow = async (client: Client, store: MirrorStore, signal: AbortSignal): Promise<void> => {
  const changes = await client.system.changes(undefined, { signal })
  const broken = Promise.withResolvers<never>()
  let waiting: Change[] = []
  let ready = false
  let timer: ReturnType<typeof setTimeout> | null = null
  const flush = () => {
    timer = null
    const batch = waiting
    waiting = []
    if (batch.length > 0) store.setState(applyChanges(store.getState(), batch), true)
  }
  const start = async () => {
    const fresh = await snapshot(client, signal)
    if (signal.aborted) return
    store.setState(fromSnapshot(store.getState(), fresh), true)
    ready = true
    flush()
    await addOlderBenchmarks(client, store, signal)
  }
  const pump = async () => {
    for await (const change of changes) {
      if (change.type === 'subscribed') start().catch(broken.reject)
      else {
        waiting.push(change)
        if (ready) timer ??= setTimeout(flush, batchMs)
      }
    }
  }
  try {
    await Promise.race([pump(), broken.promise])
  } finally {
    if (timer !== null) clearTimeout(timer)
    if (ready) flush()
    await changes.return?.()
  }
}

/** Keeps the mirror true for as long as the page lives: again after every reconnection and every ended subscription. */
export const keepMirror = (client: Client, store: MirrorStore, connection: ConnectionStore): void => {
  let generation = 0
  let end = new AbortController()
  const keep = async (signal: AbortSignal) => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await follow(client, store, signal)
      } catch {
        // the carrier fell (its own state says so) or the host ended the stream: the next round tells which
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, backOffMs(attempt)))
    }
  }
  connection.subscribe(() => {
    const now = connection.getState()
    if (now.state === 'lost') end.abort()
    if (now.state !== 'connected' || now.generation === generation) return
    generation = now.generation
    end.abort()
    end = new AbortController()
    void keep(end.signal)
  })
}
