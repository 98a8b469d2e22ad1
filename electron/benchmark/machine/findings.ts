import type { Device, DeviceReading } from '../../../shared/contract/hardware.ts'
import type { Finding, HeatReading, PowerFacts, WorkReading } from './conditions.ts'

/** Other work above this part of the processor makes figures worse than the machine can do. */
const busyProcessor = 0.2
const busyGpu = 0.1
const staleMs = 3_000
/** A slowdown below this part of the run moves no figure. */
const shortHeat = 0.005
/** What the system writes to swap while nothing presses: some MiB, now and then. */
const usualSwapBytes = 16 * 1024 ** 2
const maxNamed = 3

const percent = (part: number) => `${Math.round(part * 100)} %`
const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`
const mib = (bytes: number) => (bytes < 1024 ** 3 ? `${Math.round(bytes / 1024 ** 2)} MiB` : gib(bytes))

/** The part of the processor, 0–1, that others used between two readings; null: not told. */
export function othersShare(before: WorkReading, after: WorkReading): number | null {
  if (before.cpu === null || after.cpu === null) return null
  const total = after.cpu.total - before.cpu.total
  const busy = after.cpu.busy - before.cpu.busy
  if (total <= 0 || busy < 0) return null
  const own = before.own === null || after.own === null ? 0 : Math.max(0, after.own - before.own)
  return Math.min(1, Math.max(0, (busy - own) / total))
}

/** Before anything was begun: is somebody else at work? */
export const findLoad = (
  before: WorkReading,
  after: WorkReading,
  { devices, readings, now }: { devices: readonly Device[]; readings: readonly DeviceReading[]; now: number },
): Finding[] => {
  const share = othersShare(before, after)
  const processor: Finding[] =
    share !== null && share > busyProcessor
      ? [{ kind: 'load', text: `The processor was ${percent(share)} busy with other work before it began.` }]
      : []
  const gpus = devices.flatMap(({ device, kind, name }): Finding[] => {
    const reading = readings.find((one) => one.device === device)
    if (kind !== 'gpu' || reading === undefined || now - reading.at > staleMs) return []
    const { utilization } = reading
    if (utilization === null || utilization <= busyGpu) return []
    return [{ kind: 'load', text: `${name} was ${percent(utilization)} busy with other work before it began.` }]
  })
  return [...processor, ...gpus]
}

/** `names`: models that are loaded on the same devices. */
export const findModels = (names: readonly string[]): Finding[] => {
  if (names.length === 0) return []
  const named = names.slice(0, maxNamed).join(', ')
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : ''
  const were = names.length === 1 ? 'Another model was' : `${names.length} other models were`
  return [{ kind: 'models', text: `${were} loaded on the same devices: ${named}${more}.` }]
}

/** All devices together: what the processor takes is not told apart before the load. Shared memory is one device's alone. */
export const findShortMemory = (
  needBytes: number | null,
  readings: readonly DeviceReading[],
  now: number,
): Finding[] => {
  const free = readings.filter(({ at }) => now - at <= staleMs).flatMap(({ freeBytes }) => freeBytes ?? [])
  const freeBytes = free.reduce((sum, bytes) => sum + bytes, 0)
  if (needBytes === null || free.length === 0 || needBytes <= freeBytes) return []
  return [
    {
      kind: 'memory',
      text: `It needs about ${gib(needBytes)} and ${gib(freeBytes)} were free: other programs, or the model itself, may have been swapped out.`,
    },
  ]
}

/** `isDuring`: battery and mode were not so before. */
export const findPower = ({ onBattery, mode, isSaving }: PowerFacts, before: PowerFacts | null = null): Finding[] => {
  const battery: Finding[] =
    onBattery === true && before?.onBattery !== true
      ? [{ kind: 'battery', text: before === null ? 'It ran on battery.' : 'The machine went on battery meanwhile.' }]
      : []
  const saving: Finding[] =
    isSaving === true && before?.isSaving !== true
      ? [
          {
            kind: 'battery',
            text: `The machine ${before === null ? 'was' : 'went'} in a mode that saves power: ${mode ?? 'unknown'}.`,
          },
        ]
      : []
  return [...battery, ...saving]
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`

/** What slowed down between two readings, `elapsedMs` apart. A part that tells no counter is judged by how it is at the end. */
export const findHeat = (before: readonly HeatReading[], after: readonly HeatReading[], elapsedMs: number): Finding[] =>
  after.flatMap(({ id, name, count, ms, isSlowed }): Finding[] => {
    const first = before.find((reading) => reading.id === id)
    const since = (now: number | null, then: number | null | undefined) =>
      now === null || then == null || now < then ? null : now - then
    const slowMs = since(ms, first?.ms)
    const times = since(count, first?.count)
    const said = (how: string): Finding[] => [{ kind: 'heat', text: `${name} was slowed down by heat${how}.` }]
    if (slowMs !== null)
      return slowMs > shortHeat * elapsedMs ? said(` for ${seconds(slowMs)} of ${seconds(elapsedMs)}`) : []
    if (times !== null) return times > 0 ? said(times === 1 ? ' once' : ` ${times} times`) : []
    return isSlowed === true ? said(' at its end') : []
  })

export const findSwap = (before: WorkReading, after: WorkReading): Finding[] => {
  if (before.swappedOutBytes === null || after.swappedOutBytes === null) return []
  const bytes = after.swappedOutBytes - before.swappedOutBytes
  return bytes > usualSwapBytes
    ? [{ kind: 'memory', text: `Memory was short: ${mib(bytes)} were written to swap meanwhile.` }]
    : []
}
