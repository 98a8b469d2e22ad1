import type { ConditionDeps, Heat } from './conditions.ts'
import { explainExit, gpuQuery, numberOf, wordOf } from './nvidiaSmi.ts'
import { findNvidiaSmi } from './nvidiaTool.ts'
import { isAsleep, listPciGpus } from './pciGpus.ts'

/** `clocks_throttle_reasons` is the name that old and new drivers know; counters, in microseconds, only newer ones have. */
const heatFields = [
  'uuid',
  'name',
  'clocks_throttle_reasons.active',
  'clocks_event_reasons_counters.sw_thermal_slowdown',
  'clocks_event_reasons_counters.hw_thermal_slowdown',
] as const
const oldHeatFields = heatFields.slice(0, 3)

/** NVML's nvmlClocksEventReasonSwThermalSlowdown and nvmlClocksThrottleReasonHwThermalSlowdown; a power cap is no heat. */
const thermalReasons = 0x20n | 0x40n

/** A line of the query above, with all of its fields or the old ones; null when it is something else. */
export function parseHeatRow(line: string): Heat | null {
  const cells = line.split(', ')
  if (cells.length !== heatFields.length && cells.length !== oldHeatFields.length) return null
  const [uuidCell, nameCell, active, software, hardware] = cells
  const name = wordOf(nameCell)
  const id = wordOf(uuidCell) ?? name
  if (id === null) return null
  const reasons = /^0x[0-9a-f]{1,16}$/i.test(active?.trim() ?? '') ? BigInt(active?.trim() ?? '0') : null
  const softwareUs = numberOf(software)
  const hardwareUs = numberOf(hardware)
  return {
    id: `gpu:${id}`,
    name: name ?? 'An NVIDIA GPU',
    count: null,
    ms: softwareUs === null || hardwareUs === null ? null : Math.max(softwareUs, hardwareUs) / 1000,
    isSlowed: reasons === null ? null : (reasons & thermalReasons) !== 0n,
  }
}

const timeoutMs = 5_000
const maxBytes = 65_536

/** Each NVIDIA GPU; none where there is no tool, and none is asked while one of them sleeps: asking would wake it. */
export async function readNvidiaHeat({ platform, root, processes, commandFolders }: ConditionDeps): Promise<Heat[]> {
  const command = await findNvidiaSmi({ platform, root, commandFolders })
  if (command === null) return []
  const gpus = platform === 'linux' ? (await listPciGpus(root)).filter(({ vendor }) => vendor === 'nvidia') : []
  if ((await Promise.all(gpus.map(isAsleep))).includes(true)) return []
  const run = (fields: readonly string[]) => processes.run(command, gpuQuery(fields), { timeoutMs, maxBytes })
  const first = await run(heatFields)
  const isOld = explainExit(first.code, first.stdout || first.stderr).kind === 'field'
  const { code, stdout } = isOld ? await run(oldHeatFields) : first
  if (explainExit(code, stdout).kind !== 'ok') return []
  return stdout.split(/\r?\n/).flatMap((line) => parseHeatRow(line) ?? [])
}
