/**
 * `/proc/<pid>/fdinfo/<fd>` of a descriptor that is open on `/dev/dri/*`: the kernel's `drm-usage-stats` keys. No unit
 * means bytes; KiB and MiB occur in the same file.
 */

interface EngineUse {
  /** time it was busy; i915, amdgpu */
  readonly busyNs: number | null
  /** cycles it was busy, out of `totalCycles`; xe */
  readonly cycles: number | null
  readonly totalCycles: number | null
  /** how many engines of this kind there are */
  readonly capacity: number
}
export interface DrmClient {
  readonly driver: string
  readonly pciAddress: string
  readonly clientId: string
  /** region → resident bytes (or, from old kernels, all of them) */
  readonly memory: ReadonlyMap<string, number>
  readonly engines: ReadonlyMap<string, EngineUse>
}

const units: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

function quantity(text: string): number | null {
  const match = /^(\d+)(?: (KiB|MiB|GiB|ns))?$/.exec(text)
  if (match?.[1] === undefined) return null
  return Number(match[1]) * (units[match[2] ?? ''] ?? 1)
}

/** The first that a kernel has, in this order. */
const memoryKeys = ['drm-resident-', 'drm-memory-', 'drm-total-']

export function parseFdinfo(text: string): DrmClient | null {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const driver = fields.get('drm-driver')
  const pciAddress = fields.get('drm-pdev')?.toLowerCase()
  const clientId = fields.get('drm-client-id')
  if (driver === undefined || pciAddress === undefined || clientId === undefined) return null

  const memory = new Map<string, number>()
  for (const prefix of memoryKeys)
    for (const [key, value] of fields) {
      const bytes = key.startsWith(prefix) ? quantity(value) : null
      const region = key.slice(prefix.length)
      // `drm-total-cycles-…` counts cycles
      if (bytes !== null && !region.startsWith('cycles-') && !memory.has(region)) memory.set(region, bytes)
    }

  const number = (key: string) => quantity(fields.get(key) ?? '')
  const engines = new Map<string, EngineUse>()
  for (const key of fields.keys()) {
    const name = /^drm-(?:engine|cycles)-(?!capacity-)(.+)$/.exec(key)?.[1]
    if (name === undefined) continue
    engines.set(name, {
      busyNs: number(`drm-engine-${name}`),
      cycles: number(`drm-cycles-${name}`),
      totalCycles: number(`drm-total-cycles-${name}`),
      capacity: number(`drm-engine-capacity-${name}`) || 1,
    })
  }
  return { driver, pciAddress, clientId, memory, engines }
}

/** What a client holds on the GPU: its own memory, and where the GPU shares the machine's, that part too. */
export function clientBytes(client: DrmClient, sharesSystemMemory: boolean): number | null {
  const counted = sharesSystemMemory ? /^(vram|local|gtt|system|stolen)/ : /^(vram|local)/
  let sum: number | null = null
  for (const [region, bytes] of client.memory) if (counted.test(region)) sum = (sum ?? 0) + bytes
  return sum
}

/** The busy part of each engine kind between two readings of one client, 0–1; a counter that stepped back is left out. */
export function engineBusy(before: DrmClient, after: DrmClient, elapsedMs: number): Map<string, number> {
  const busy = new Map<string, number>()
  for (const [name, now] of after.engines) {
    const then = before.engines.get(name)
    if (then === undefined) continue
    const share = (part: number | null, earlier: number | null, whole: number) =>
      part === null || earlier === null || part < earlier || whole <= 0 ? null : (part - earlier) / whole
    const value =
      now.cycles === null
        ? share(now.busyNs, then.busyNs, elapsedMs * 1e6 * now.capacity)
        : share(now.cycles, then.cycles, (now.totalCycles ?? 0) - (then.totalCycles ?? 0))
    if (value !== null) busy.set(name, Math.min(1, value))
  }
  return busy
}
