import type { DeviceResources } from '../../shared/contract/models.ts'

export type Segment = {
  readonly kind: 'instance' | 'other' | 'unknown' | 'planned' | 'free' | 'over'
  readonly id: string
  /** the model, for an instance and a planned load */
  readonly model: string | null
  readonly bytes: number
  /** computed, not told by the device */
  readonly estimated: boolean
  /** 0–1 of the bar's width; what is over begins where the device's memory ends */
  readonly share: number
}

/** A huge overrun must not crush the bar, and a small one needs room for its figure: between them it is to scale. */
const leastEdge = 0.6
const mostEdge = 0.84

type Part = Omit<Segment, 'share'>

/**
 * What stands in one device's memory, from left to right. Parts the device does not tell are left out, never drawn as
 * zero; what is used but belongs to nobody known is `unknown`. Null when not even the total is known.
 */
export const memoryBar = (
  { totalBytes, usedBytes, otherBytes, freeBytes, instances }: DeviceResources,
  planned: { readonly model: string; readonly bytes: number } | null,
): readonly Segment[] | null => {
  if (totalBytes === null || totalBytes <= 0) return null
  const parts: Part[] = instances
    .filter(({ bytes }) => bytes !== null && bytes > 0)
    .map(({ instance, model, bytes, source }) => ({
      kind: 'instance',
      id: instance,
      model,
      bytes: bytes ?? 0, // null was filtered out above
      estimated: source === 'estimated',
    }))
  const named = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const rest = otherBytes ?? (usedBytes === null ? null : usedBytes - named)
  if (rest !== null && rest > 0)
    parts.push({
      kind: otherBytes === null ? 'unknown' : 'other',
      id: 'other',
      model: null,
      bytes: rest,
      estimated: false,
    })
  const occupied = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const free = Math.max(0, freeBytes ?? totalBytes - occupied)
  const fitting = Math.min(planned?.bytes ?? 0, free)
  const over = (planned?.bytes ?? 0) - fitting
  if (planned !== null && fitting > 0)
    parts.push({ kind: 'planned', id: 'planned', model: planned.model, bytes: fitting, estimated: true })
  if (free > fitting) parts.push({ kind: 'free', id: 'free', model: null, bytes: free - fitting, estimated: false })
  if (over > 0) parts.push({ kind: 'over', id: 'over', model: planned?.model ?? null, bytes: over, estimated: true })

  const inside = parts.reduce((sum, { kind, bytes }) => sum + (kind === 'over' ? 0 : bytes), 0)
  const edge = over === 0 ? 1 : Math.max(leastEdge, Math.min(mostEdge, inside / (inside + over)))
  return parts.map((part) => ({
    ...part,
    share: part.kind === 'over' ? 1 - edge : inside === 0 ? 0 : (part.bytes / inside) * edge,
  }))
}

/**
 * How a load of so many bytes would lie over the devices: the GPUs' free memory first, the emptiest before, and what does
 * not go there in RAM, where it may run over. Unified memory is the RAM of its machine.
 */
export const spreadLoad = (bytes: number, devices: readonly DeviceResources[]): ReadonlyMap<string, number> => {
  const gpus = devices
    .filter(({ kind, unified, freeBytes }) => kind === 'gpu' && !unified && freeBytes !== null)
    .sort((a, b) => (b.freeBytes ?? 0) - (a.freeBytes ?? 0))
  const ram = devices.find(({ unified }) => unified) ?? devices.find(({ kind }) => kind === 'cpu')
  const spread = new Map<string, number>()
  let left = bytes
  for (const { device, freeBytes } of gpus) {
    const here = Math.min(left, Math.max(0, freeBytes ?? 0))
    if (here > 0) spread.set(device, here)
    left -= here
  }
  const last = ram ?? gpus[0]
  if (left > 0 && last !== undefined) spread.set(last.device, (spread.get(last.device) ?? 0) + left)
  return spread
}

/** `NVIDIA GeForce RTX 4090` is `RTX 4090` where room is short; several GPUs are numbered in their fixed order. */
export const deviceTitle = (device: DeviceResources, devices: readonly DeviceResources[]): string => {
  if (device.kind === 'cpu') return device.unified ? 'Unified memory' : 'RAM'
  const short = device.name.replace(/\b(NVIDIA|AMD|Intel|Apple|GeForce|Graphics|Corporation)\b|\((R|TM)\)/gi, '').trim()
  const name = short === '' ? device.name : short.replace(/\s+/g, ' ')
  const gpus = devices.filter(({ kind }) => kind === 'gpu')
  return gpus.length > 1 ? `GPU ${gpus.findIndex((each) => each.device === device.device)} ${name}` : name
}
