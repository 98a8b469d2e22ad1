import { readdirSync, readlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DeviceOwner } from '../../shared/contract/hardware.ts'
import { clientBytes, type DrmClient, engineBusy, parseFdinfo } from './fdinfo.ts'
import { readText } from './sysfs.ts'

interface Seen {
  readonly pid: number
  readonly at: number
  readonly client: DrmClient
  readonly busy: ReadonlyMap<string, number>
}
interface Process {
  readonly name: string | null
  /** descriptors that are open on a card, by number */
  readonly descriptors: readonly string[]
  readonly lookAgainAt: number
}

const othersEveryMs = 5_000
const withoutCardEveryMs = 60_000

/**
 * Which processes hold which card, from `/proc/<pid>/fdinfo`. Our own are read at each scan, everybody else's every 5 s,
 * and a process without a descriptor on a card is looked at once a minute. Other users' processes stay hidden.
 */
export function createDrmClients({
  root,
  now,
  ownPids,
}: {
  root: string
  now: () => number
  ownPids: () => readonly { pid: number }[]
}) {
  const clients = new Map<string, Seen>()
  const processes = new Map<number, Process>()
  const sleepingNodes = new Set<string>()
  let running: Promise<void> | null = null
  let scannedAt = Number.NEGATIVE_INFINITY
  let othersAt = Number.NEGATIVE_INFINITY

  /** The links of one process are read in one go: they cost microseconds, and threads cost more. */
  function descriptorsOf(pid: number): string[] {
    const folder = join(root, 'proc', String(pid), 'fd')
    try {
      return readdirSync(folder).filter((descriptor) => {
        const target = readlinkSync(join(folder, descriptor))
        return target.startsWith('/dev/dri/') && !sleepingNodes.has(target)
      })
    } catch {
      return [] // the process ended, or belongs to another user
    }
  }

  async function look(pid: number, at: number, isOwn: boolean): Promise<Process> {
    const known = processes.get(pid)
    if (known !== undefined && at < known.lookAgainAt && !(isOwn && known.descriptors.length === 0)) return known
    const descriptors = descriptorsOf(pid)
    const name =
      known?.name ?? (descriptors.length > 0 ? await readText(join(root, 'proc', String(pid), 'comm')) : null)
    const process = { name, descriptors, lookAgainAt: at + (descriptors.length > 0 ? 0 : withoutCardEveryMs) }
    processes.set(pid, process)
    return process
  }

  async function readProcess(pid: number, at: number, isOwn: boolean, found: Set<string>): Promise<void> {
    const process = await look(pid, at, isOwn)
    for (const descriptor of process.descriptors) {
      const text = await readText(join(root, 'proc', String(pid), 'fdinfo', descriptor))
      const client = text === null ? null : parseFdinfo(text)
      if (client === null) continue
      // duplicated and inherited descriptors repeat a client
      const key = `${client.pciAddress}/${client.clientId}`
      if (found.has(key)) continue
      found.add(key)
      const before = clients.get(key)
      const readAt = now()
      const busy =
        before === undefined ? new Map<string, number>() : engineBusy(before.client, client, readAt - before.at)
      clients.set(key, { pid, at: readAt, client, busy })
    }
  }

  async function scanOnce(): Promise<void> {
    const at = now()
    const own = new Set(ownPids().map(({ pid }) => pid))
    const everybody = at - othersAt >= othersEveryMs
    const pids = everybody
      ? (await readdir(join(root, 'proc'))).filter((name) => /^\d+$/.test(name)).map(Number)
      : [...own]
    if (everybody) othersAt = at
    const found = new Set<string>()
    for (const pid of pids) {
      await readProcess(pid, at, own.has(pid), found)
      if (everybody) await nextTurn()
    }
    const scanned = new Set(pids)
    for (const [key, { pid }] of clients) if (!found.has(key) && (everybody || scanned.has(pid))) clients.delete(key)
    if (everybody) for (const pid of processes.keys()) if (!scanned.has(pid)) processes.delete(pid)
    scannedAt = now()
  }

  return {
    /** Reading about a sleeping card wakes it: its nodes (`/dev/dri/renderD128`) are passed over. */
    setAsleep(nodes: readonly string[], asleep: boolean): void {
      for (const node of nodes) {
        if (asleep) sleepingNodes.add(node)
        else sleepingNodes.delete(node)
      }
    },

    /** Several sources may ask in the same second: they share one scan. */
    async scan(): Promise<void> {
      if (running === null && now() - scannedAt < 500) return
      running ??= scanOnce().finally(() => {
        running = null
      })
      await running
    },

    owners(pciAddress: string, sharesSystemMemory: boolean): DeviceOwner[] {
      const owners = new Map<number, DeviceOwner>()
      for (const { pid, client } of clients.values()) {
        const bytes = client.pciAddress === pciAddress ? clientBytes(client, sharesSystemMemory) : null
        if (bytes === null) continue
        owners.set(pid, { pid, name: processes.get(pid)?.name ?? null, bytes: (owners.get(pid)?.bytes ?? 0) + bytes })
      }
      return [...owners.values()]
    },

    /** 0–1: the busiest engine kind, over the processes we may see; null before two readings. */
    utilization(pciAddress: string): number | null {
      const engines = new Map<string, number>()
      for (const { client, busy } of clients.values())
        if (client.pciAddress === pciAddress)
          for (const [name, share] of busy) engines.set(name, (engines.get(name) ?? 0) + share)
      return engines.size === 0 ? null : Math.min(1, Math.max(...engines.values()))
    },
  }
}
export type DrmClients = ReturnType<typeof createDrmClients>
