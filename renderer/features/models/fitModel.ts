import type { DeviceResources, Model, Resources } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'
import { deviceTitle } from '../../lib/memoryBar.ts'

/**
 * Would it fit now? `where`: the device it would go to. `spills`: part of it would go to RAM, which works and is slow.
 * Everything here is computed from an estimate and the last reading, so it is shown with ≈.
 */
export type Fit =
  | { readonly fit: 'yes'; readonly leftBytes: number; readonly where: string }
  | { readonly fit: 'tight'; readonly leftBytes: number; readonly where: string; readonly spills: boolean }
  | { readonly fit: 'no'; readonly missingBytes: number; readonly where: string }
  | { readonly fit: 'unknown'; readonly why: string }

/** Less than this left on a device is tight: a desktop or the growing cache of another program takes as much. */
const marginOf = (totalBytes: number | null): number => Math.max(512 * 2 ** 20, (totalBytes ?? 0) * 0.05)

interface Space {
  readonly name: string
  readonly freeBytes: number
  readonly totalBytes: number | null
}

/** Free memory of all devices of one kind; null when there is none whose free memory is known. */
const spaceOf = (devices: readonly DeviceResources[], all: readonly DeviceResources[]): Space | null => {
  const known = devices.filter((device) => device.freeBytes !== null)
  const [first] = known
  if (!first) return null
  return {
    name: known.length === 1 ? deviceTitle(first, all) : `${known.length} GPUs together`,
    freeBytes: known.reduce((sum, device) => sum + (device.freeBytes ?? 0), 0),
    totalBytes: known.reduce<number | null>(
      (sum, device) => (sum === null || device.totalBytes === null ? null : sum + device.totalBytes),
      0,
    ),
  }
}

/** Dedicated GPUs first; what does not go there goes to RAM. Unified memory is one device and counts once. */
export const fitBytes = (neededBytes: number, { devices }: Resources): Fit => {
  const gpus = spaceOf(
    devices.filter((device) => device.kind === 'gpu' && !device.unified),
    devices,
  )
  const shared = devices.filter((device) => device.unified)
  const ram = spaceOf(shared.length > 0 ? shared : devices.filter((device) => device.kind === 'cpu'), devices)
  const first = gpus ?? ram
  if (!first) return { fit: 'unknown', why: 'The free memory of this machine is not known.' }

  const leftBytes = first.freeBytes - neededBytes
  if (leftBytes >= marginOf(first.totalBytes)) return { fit: 'yes', leftBytes, where: first.name }
  if (leftBytes >= 0) return { fit: 'tight', leftBytes, where: first.name, spills: false }
  if (!gpus || !ram) return { fit: 'no', missingBytes: -leftBytes, where: first.name }

  const leftTogether = leftBytes + ram.freeBytes
  return leftTogether >= marginOf(ram.totalBytes)
    ? { fit: 'tight', leftBytes: leftTogether, where: `${gpus.name} and RAM`, spills: true }
    : { fit: 'no', missingBytes: Math.max(-leftTogether, 1), where: `${gpus.name} and RAM` }
}

/** Null is the embedded engine. */
export const isThisMachine = (address: string | null): boolean => {
  if (address === null) return true
  const host = URL.canParse(address) ? new URL(address).hostname : ''
  return host === 'localhost' || host === '[::1]' || host === '0.0.0.0' || host.startsWith('127.')
}

export const fitModel = (model: Model, resources: Resources | null, provider: Provider | undefined): Fit => {
  const unknown = (why: string): Fit => ({ fit: 'unknown', why })
  if (!model.loadable) return unknown('It is not loaded by itself.')
  if (model.state === 'loaded' || model.state === 'unloading') return unknown('It is in memory now.')
  if (!isThisMachine(provider?.address ?? null))
    return unknown('It runs on another machine, whose memory Berth does not see.')
  if (model.estimatedBytes === null) return unknown('What it needs could not be computed.')
  if (!resources) return unknown('The memory has not been read yet.')
  return fitBytes(model.estimatedBytes, resources)
}

/** For sorting: what stays free, negative when it does not fit. */
export const leftAfter = (fit: Fit): number | null =>
  fit.fit === 'unknown' ? null : fit.fit === 'no' ? -fit.missingBytes : fit.leftBytes
