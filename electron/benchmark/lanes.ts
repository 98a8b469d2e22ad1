/** One that waits for its devices, or has them. */
export interface Place {
  readonly id: string
  readonly devices: readonly string[]
}

/**
 * Who of those that wait may begin: each that shares no device with one that runs or waits before it. So none overtakes
 * another that it would hold up, and none waits for ever. `waiting`: first come first.
 */
export const whoBegins = (waiting: readonly Place[], running: readonly Place[]): string[] => {
  const taken = new Set(running.flatMap(({ devices }) => devices))
  const begins: string[] = []
  for (const { id, devices } of waiting) {
    if (!devices.some((device) => taken.has(device))) begins.push(id)
    for (const device of devices) taken.add(device)
  }
  return begins
}

interface Waiting extends Place {
  readonly begin: () => void
}

/** Turns by device: those that share none go beside each other. */
export const createLanes = () => {
  let count = 0
  let waiting: Waiting[] = []
  let running: Place[] = []

  const look = (): void => {
    const ids = new Set(whoBegins(waiting, running))
    const begun = waiting.filter(({ id }) => ids.has(id))
    waiting = waiting.filter(({ id }) => !ids.has(id))
    running = [...running, ...begun]
    for (const { begin } of begun) begin()
  }

  return {
    /** Resolves when these devices are free, with what gives them back; rejects when the signal is aborted before. */
    turn: (devices: readonly string[], signal: AbortSignal): Promise<() => void> => {
      const id = String(count++)
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const leave = (): void => {
        waiting = waiting.filter((each) => each.id !== id)
        running = running.filter((each) => each.id !== id)
        look()
      }
      const giveUp = (): void => {
        leave()
        reject(signal.reason)
      }
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve(leave)
      }
      if (signal.aborted) return Promise.reject(signal.reason)
      signal.addEventListener('abort', giveUp)
      waiting.push({ id, devices, begin })
      look()
      return promise
    },
    /** For what shows the queue: how many wait, how many run. */
    counts: () => ({ waiting: waiting.length, running: running.length }),
  }
}
export type Lanes = ReturnType<typeof createLanes>

/**
 * What a run may use. Of another program on this machine one cannot tell which devices it takes, so it takes all; a server
 * elsewhere is only asked once at a time.
 */
export const devicesOf = (
  place: { readonly isEmbedded: boolean; readonly host: string | null },
  gpuLayers: readonly (number | 'auto' | undefined)[],
  localDevices: readonly string[],
): readonly string[] => {
  if (place.host !== null) return [`host:${place.host}`]
  const isCpuOnly = place.isEmbedded && gpuLayers.every((layers) => layers === 0)
  return isCpuOnly ? ['cpu'] : [...new Set(['cpu', ...localDevices])]
}

const loopback = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/

/** Null: this machine. `address`: as providers have it, null for the embedded engine. */
export const hostOf = (address: string | null): string | null => {
  if (address === null) return null
  const { hostname, host } = new URL(address)
  return loopback.test(hostname) ? null : host
}
