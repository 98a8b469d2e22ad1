import { z } from 'zod'

/**
 * Windows' GPU counters, as one long-lived PowerShell prints them: a JSON object a line. The CIM classes' names are the
 * same in every language; `Get-Counter` and `typeperf` translate theirs.
 */

const Counter = z.object({
  Name: z.string(),
  DedicatedUsage: z.number().nullish(),
  SharedUsage: z.number().nullish(),
  UtilizationPercentage: z.number().nullish(),
})
const CounterLine = z.object({ kind: z.enum(['adapter', 'process', 'engine']), rows: z.array(Counter) })
export type CounterLine = z.infer<typeof CounterLine>

export function parseCounterLine(line: string): CounterLine | null {
  if (!line.startsWith('{')) return null
  try {
    return CounterLine.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null // a line that was cut off
  }
}

/** `pid_10644_luid_0x00000000_0x0000d351_phys_0_eng_2_engtype_Compute`, parts optional, hex in either case. */
export interface CounterInstance {
  readonly pid: number | null
  readonly luid: string
  readonly engine: string | null
}

export function parseInstance(name: string): CounterInstance | null {
  const match = /^(?:pid_(\d+)_)?luid_(0x[0-9a-f]{1,8}_0x[0-9a-f]{1,8})_phys_(\d+)(?:_eng_(\d+)_engtype_.*)?$/i.exec(
    name,
  )
  if (match?.[2] === undefined) return null
  const engine = match[4] === undefined ? null : `${match[3]}/${match[4]}`
  return { pid: match[1] === undefined ? null : Number(match[1]), luid: match[2].toLowerCase(), engine }
}

const sumBy = <T>(rows: readonly T[], keyOf: (row: T) => string, amountOf: (row: T) => number): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + amountOf(row))
  return sums
}

/** Bytes of its own memory in use, by LUID. */
export function adapterUsage({ rows }: CounterLine): Map<string, number> {
  const known = rows.flatMap(({ Name, DedicatedUsage }) => {
    const instance = parseInstance(Name)
    return instance === null || typeof DedicatedUsage !== 'number' ? [] : [{ ...instance, bytes: DedicatedUsage }]
  })
  return sumBy(
    known,
    ({ luid }) => luid,
    ({ bytes }) => bytes,
  )
}

/** Bytes by LUID and process. */
export function processUsage({ rows }: CounterLine): { luid: string; pid: number; bytes: number }[] {
  return rows.flatMap(({ Name, DedicatedUsage }) => {
    const instance = parseInstance(Name)
    if (instance === null || instance.pid === null || typeof DedicatedUsage !== 'number') return []
    return [{ luid: instance.luid, pid: instance.pid, bytes: DedicatedUsage }]
  })
}

/**
 * 0–1 by LUID: the processes of an engine add up, and the busiest engine counts, whatever its type: a model runs on
 * `Compute` or `Cuda` engines, and the sum over engines would pass 100 %.
 */
export function engineUsage({ rows }: CounterLine): Map<string, number> {
  const known = rows.flatMap(({ Name, UtilizationPercentage }) => {
    const instance = parseInstance(Name)
    return instance?.engine == null || typeof UtilizationPercentage !== 'number'
      ? []
      : [{ ...instance, percent: UtilizationPercentage }]
  })
  const engines = sumBy(
    known,
    ({ luid, engine }) => `${luid} ${engine}`,
    ({ percent }) => percent,
  )
  const busiest = new Map<string, number>()
  for (const [key, percent] of engines) {
    const luid = key.split(' ')[0] ?? ''
    busiest.set(luid, Math.max(busiest.get(luid) ?? 0, Math.min(1, Math.max(0, percent / 100))))
  }
  return busiest
}

const prefix = 'Win32_PerfFormattedData_GPUPerformanceCounters'

/**
 * What the PowerShell runs: adapters each second; processes and engines, which take it up to a second, every tenth time.
 * It ends itself when nobody reads its output any more.
 */
const counterScript = `
$ErrorActionPreference = 'Stop'
function Write-Rows($kind, $class, $names) {
  $rows = @(Get-CimInstance -ClassName $class -Property $names | Select-Object $names)
  [Console]::Out.WriteLine((ConvertTo-Json -Compress -Depth 3 @{ kind = $kind; rows = $rows }))
  [Console]::Out.Flush()
}
for ($tick = 0; ; $tick++) {
  Write-Rows 'adapter' '${prefix}_GPUAdapterMemory' @('Name', 'DedicatedUsage', 'SharedUsage')
  if ($tick % 10 -eq 1) {
    Write-Rows 'process' '${prefix}_GPUProcessMemory' @('Name', 'DedicatedUsage', 'SharedUsage')
    Write-Rows 'engine' '${prefix}_GPUEngine' @('Name', 'UtilizationPercentage')
  }
  Start-Sleep -Milliseconds 1000
}
`
export const counterArguments = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', counterScript]
