import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure } from './base.ts'
import { BenchmarkId } from './benchmarkSettings.ts'
import { Benchmark } from './benchmarks.ts'
import { FileRow } from './files.ts'
import { Folder } from './folders.ts'
import { DeviceReading, Hardware } from './hardware.ts'
import { Job } from './jobs.ts'
import { ModelId } from './modelId.ts'
import { Instance, Model, Resources } from './models.ts'
import { Provider } from './providers.ts'
import { Secrets } from './secrets.ts'
import { Settings } from './settings.ts'

/** Something the person should know that no page asked for: a restored catalog, a lost GPU. */
export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  title: z.string(),
  text: z.string(),
  at: z.number(),
})
export type Notice = z.infer<typeof Notice>

export const System = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'headless']),
  dataDir: z.string(),
  startedAt: z.number(),
  notices: z.array(Notice),
})
export type System = z.infer<typeof System>

/** What changed, as the whole new value of one thing. Subscribe first, then ask for the snapshots. */
export const Change = z.discriminatedUnion('type', [
  /** sent once, when the subscription stands */
  z.object({ type: z.literal('subscribed') }),
  z.object({ type: z.literal('models'), changed: z.array(Model), removed: z.array(ModelId) }),
  z.object({ type: z.literal('instances'), instances: z.array(Instance) }),
  z.object({ type: z.literal('job'), job: Job }),
  z.object({ type: z.literal('providers'), providers: z.array(Provider) }),
  z.object({ type: z.literal('folders'), folders: z.array(Folder) }),
  z.object({ type: z.literal('files'), changed: z.array(FileRow), removed: z.array(z.string()) }),
  z.object({ type: z.literal('benchmarks'), changed: z.array(Benchmark), removed: z.array(BenchmarkId) }),
  z.object({ type: z.literal('settings'), settings: Settings }),
  z.object({ type: z.literal('secrets'), secrets: Secrets }),
  z.object({ type: z.literal('hardware'), hardware: Hardware }),
  /** once a second */
  z.object({ type: z.literal('sample'), readings: z.array(DeviceReading), resources: Resources }),
  z.object({ type: z.literal('notice'), notice: Notice }),
])
export type Change = z.infer<typeof Change>

export const system = {
  health: procedure({ method: 'GET', path: '/health', summary: 'Is Berth there', access: 'public' }).output(
    z.object({ status: z.literal('ok'), version: z.string() }),
  ),
  get: procedure({
    method: 'GET',
    path: '/system',
    summary: 'This Berth: version, data folder, notices',
    access: 'user',
  }).output(System),
  dismiss: procedure({ method: 'POST', path: '/system/dismiss', summary: 'Dismiss a notice', access: 'user' })
    .input(z.strictObject({ id: z.string().max(200) }))
    .output(System),
  changes: procedure({
    method: 'GET',
    path: '/changes',
    summary: 'Everything that changes, as server-sent events',
    access: 'user',
  }).output(eventIterator(Change)),
}
