/**
 * The texts of `nvidia-smi`. Values in MiB, W, °C and %; what is not a plain number ("[N/A]", "ERR!", "[Unknown
 * Error]", and a dozen other words) is null.
 */

const mebibyte = 1024 * 1024

export const gpuFields = [
  'index',
  'uuid',
  'name',
  'pci.bus_id',
  'driver_version',
  'memory.total',
  'memory.used',
  'memory.free',
  'utilization.gpu',
  'temperature.gpu',
  'power.draw',
  'mig.mode.current',
] as const

/** For drivers that do not know one of the others: one unknown field fails the whole query. */
export const oldGpuFields = [
  'index',
  'uuid',
  'name',
  'pci.bus_id',
  'memory.total',
  'memory.used',
  'memory.free',
  'utilization.gpu',
] as const

export const gpuQuery = (fields: readonly string[]): string[] => [
  `--query-gpu=${fields.join(',')}`,
  '--format=csv,noheader,nounits',
]
export const computeAppsQuery = [
  '--query-compute-apps=gpu_uuid,pid,used_gpu_memory,process_name',
  '--format=csv,noheader,nounits',
]

export interface GpuRow {
  readonly uuid: string | null
  readonly name: string | null
  readonly pciAddress: string | null
  readonly driver: string | null
  readonly totalBytes: number | null
  readonly usedBytes: number | null
  readonly freeBytes: number | null
  /** 0–1 */
  readonly utilization: number | null
  readonly temperatureCelsius: number | null
  readonly powerWatts: number | null
  readonly isMig: boolean
}

/** Any word in brackets, and those that come without. */
const absent =
  /^(\[[^\]]*\]|n\/a|not supported|requested functionality has been deprecated|err!|not available in wddm driver model|)$/i

export const wordOf = (cell: string | undefined): string | null => {
  const text = cell?.trim() ?? ''
  return absent.test(text) ? null : text
}

export const numberOf = (cell: string | undefined): number | null => {
  const text = cell?.trim() ?? ''
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

const scaled = (value: number | null, factor: number): number | null => (value === null ? null : value * factor)

/** `00000000:0C:00.0` → `0000:0c:00.0`, as sysfs writes it; a domain that needs more than four digits keeps them. */
export function normalPciAddress(text: string | null): string | null {
  const match = /^([0-9a-f]{4,8}):([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/i.exec(text ?? '')
  if (match === null) return null
  const [, domain = '', place = ''] = match
  return `${Number.parseInt(domain, 16).toString(16).padStart(4, '0')}:${place.toLowerCase()}`
}

/** A line of `--query-gpu`, or null when it is something else (an error text, another number of columns). */
export function parseGpuRow(line: string, fields: readonly string[]): GpuRow | null {
  const cells = line.split(', ')
  if (cells.length !== fields.length) return null
  const cell = (field: (typeof gpuFields)[number]) => cells[fields.indexOf(field)]
  const uuid = wordOf(cell('uuid'))
  const name = wordOf(cell('name'))
  if (uuid === null && name === null) return null
  return {
    uuid: uuid !== null && /^(GPU|MIG)-[0-9a-f-]+$/i.test(uuid) ? uuid : null,
    name,
    pciAddress: normalPciAddress(wordOf(cell('pci.bus_id'))),
    driver: wordOf(cell('driver_version')),
    totalBytes: scaled(numberOf(cell('memory.total')), mebibyte),
    usedBytes: scaled(numberOf(cell('memory.used')), mebibyte),
    freeBytes: scaled(numberOf(cell('memory.free')), mebibyte),
    utilization: scaled(numberOf(cell('utilization.gpu')), 0.01),
    temperatureCelsius: numberOf(cell('temperature.gpu')),
    powerWatts: numberOf(cell('power.draw')),
    isMig: wordOf(cell('mig.mode.current')) === 'Enabled',
  }
}

export interface ComputeApp {
  readonly uuid: string
  readonly pid: number
  readonly bytes: number | null
  readonly name: string | null
}

/** Rows of `computeAppsQuery`. The name comes last because it may hold commas. Sums of rows are less than memory.used. */
export function parseComputeApps(text: string): ComputeApp[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [uuid, pidText, memory, ...name] = line.split(', ')
    const pid = numberOf(pidText)
    if (uuid === undefined || pid === null || memory === undefined) return []
    const path = wordOf(name.join(', '))
    const fileName = path?.split(/[/\\]/).at(-1)
    return [
      {
        uuid,
        pid,
        bytes: scaled(numberOf(memory), mebibyte),
        name: fileName === undefined || fileName === '' ? null : fileName,
      },
    ]
  })
}

/** The MIG instances of `nvidia-smi -L`, as it names them, by the UUID of their GPU. */
export function parseMigInstances(text: string): Map<string, string[]> {
  const instances = new Map<string, string[]>()
  let current: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const gpu = /^GPU \d+:.*\(UUID: (GPU-[0-9a-f-]+)\)/i.exec(line)
    if (gpu?.[1] !== undefined) {
      current = []
      instances.set(gpu[1], current)
      continue
    }
    const profile = /^\s+MIG (\S+)\s+Device\s+\d+:/i.exec(line)
    if (profile?.[1] !== undefined) current.push(profile[1])
  }
  return instances
}

export type ExitMeaning =
  | { kind: 'ok' }
  /** the driver does not know a field of the query */
  | { kind: 'field' }
  | { kind: 'absent' | 'failing' | 'changed'; reason: string; lostPciAddress: string | null }

const trouble = (kind: 'absent' | 'failing' | 'changed', reason: string, lostPciAddress: string | null = null) => ({
  kind,
  reason,
  lostPciAddress,
})

/** What an exit means. The code is NVML's return value; the text comes on stdout. */
export function explainExit(code: number | null, text: string): ExitMeaning {
  const firstLine =
    text
      .split(/\r?\n/)
      .find((line) => line.trim() !== '')
      ?.trim()
      .slice(0, 300) ?? ''
  const said = firstLine === '' ? '' : ` (“${firstLine}”)`
  if (/is not a valid field to query/i.test(text)) return { kind: 'field' }
  switch (code) {
    case 0:
    case 14: // the infoROM is damaged, the output is good
      return { kind: 'ok' }
    case 4:
    case 17:
      return trouble('failing', `Berth may not ask the NVIDIA driver${said}.`)
    case 6:
      return trouble('absent', 'The NVIDIA driver finds no GPU.')
    case 9:
      return trouble('failing', 'The NVIDIA driver is not loaded.')
    case 12:
      return trouble('failing', 'The NVIDIA driver’s library (NVML) was not found.')
    case 15: {
      const address = /GPU ?([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/i.exec(text)?.[1] ?? null
      return trouble(
        'changed',
        'A GPU was lost: the driver cannot reach it any more. Restart the machine to get it back.',
        normalPciAddress(address),
      )
    }
    case 18:
      return trouble('changed', 'The NVIDIA driver was updated while it ran. Restart the machine.')
    default:
      if (/No supported GPUs were found|No devices were found/i.test(text))
        return trouble('absent', 'The NVIDIA driver finds no GPU.')
      return trouble('failing', `nvidia-smi ended with code ${code ?? 'none'}${said}.`)
  }
}

/** GPUs that share the machine's memory; decided by name, because a lost GPU has no memory figures either. */
export const sharesSystemMemory = (name: string | null): boolean =>
  /\b(GB10|N1X|Orin|Thor|Xavier|Tegra)\b|nvgpu/i.test(name ?? '')
