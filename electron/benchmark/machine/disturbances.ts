import { clearInterval, setInterval } from 'node:timers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Device, DeviceReading } from '../../../shared/contract/hardware.ts'
import type { Finding, MachineConditions, PowerFacts } from './conditions.ts'
import { findHeat, findLoad, findModels, findPower, findShortMemory, findSwap } from './findings.ts'

export interface DisturbanceDeps {
  readonly conditions: MachineConditions
  /** the latest of each device */
  readonly readings: () => readonly DeviceReading[]
  readonly devices: () => readonly Device[]
  /** Berth's own processes, without their children: `[process.pid]`, in the window's host too */
  readonly ownPids: () => readonly number[]
  /** Unix milliseconds, the clock of the readings */
  readonly now: () => number
  /** how long the machine is looked at before a run */
  readonly lookMs?: number
}

/** What is to be measured, before it is loaded. */
export interface LookAt {
  /** It runs on this machine; of another one only the processor is looked at, which has to send and to time. */
  readonly local: boolean
  /** what it would need, all devices together; null: unknown, or it is loaded already */
  readonly needBytes: number | null
  /** names of other models that are loaded on the same devices */
  readonly otherModels: readonly string[]
}

/** Each is said once. Reading what the machine does may fail: then that is unknown, and a run goes on. */
export interface DisturbanceWatch {
  /** Before anything is loaded or begun; takes about 1.5 s. Rejects only with the signal's reason. */
  look(subject: LookAt, signal: AbortSignal): Promise<Finding[]>
  /** From now until `end`: heat, battery and swap. `end` resolves with what was found, and may be called once. */
  begin(): Promise<{ end(): Promise<Finding[]> }>
}

const unknownPower: PowerFacts = { onBattery: null, mode: null, isSaving: null }
const unknownWork = { cpu: null, own: null, swappedOutBytes: null }

export function createDisturbanceWatch(deps: DisturbanceDeps): DisturbanceWatch {
  const { conditions, now } = deps
  const readWork = () => conditions.work(deps.ownPids()).catch(() => unknownWork)
  const readPower = () => conditions.power().catch(() => unknownPower)
  const readHeat = () => conditions.heat().catch(() => [])

  async function look({ local, needBytes, otherModels }: LookAt, signal: AbortSignal): Promise<Finding[]> {
    const [before, power] = await Promise.all([readWork(), readPower()])
    await pause(deps.lookMs ?? 1_500, undefined, { signal }).catch(() => signal.throwIfAborted())
    const after = await readWork()
    const devices = local ? deps.devices() : []
    const readings = deps.readings()
    return [
      ...findLoad(before, after, { devices, readings, now: now() }),
      ...(local ? findModels(otherModels) : []),
      ...(local ? findShortMemory(needBytes, readings, now()) : []),
      ...findPower(power),
    ]
  }

  async function begin() {
    const beganAt = now()
    const [heat, work, power] = await Promise.all([readHeat(), readWork(), readPower()])
    const found = new Map<string, Finding>()
    const lookAtPower = async () => {
      for (const finding of findPower(await readPower(), power)) found.set(finding.text, finding)
    }
    const everyMs = conditions.powerEveryMs
    const timer = everyMs === null ? null : setInterval(() => void lookAtPower(), everyMs).unref()
    return {
      async end(): Promise<Finding[]> {
        if (timer !== null) clearInterval(timer)
        const endedAt = now()
        const [heatAfter, workAfter] = await Promise.all([readHeat(), readWork(), lookAtPower()])
        return [...findHeat(heat, heatAfter, endedAt - beganAt), ...findSwap(work, workAfter), ...found.values()]
      },
    }
  }

  return { look, begin }
}
