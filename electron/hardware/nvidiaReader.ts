import type { ChildProcesses } from '../lib/childProcess.ts'
import { explainExit, type GpuRow, gpuFields, gpuQuery, oldGpuFields, parseGpuRow } from './nvidiaSmi.ts'
import { SourceError } from './source.ts'
import { createWatchedLines, type LinesEnd } from './watchedLines.ts'

export interface TimedRow {
  readonly row: GpuRow
  readonly at: number
}

export class GpuLostError extends SourceError {
  readonly pciAddress: string

  constructor(message: string, pciAddress: string) {
    super('changed', message)
    this.name = 'GpuLostError'
    this.pciAddress = pciAddress
  }
}

/** One GPU's row: its UUID, else its PCI address, else its name; never its index, which changes at each boot. */
export const rowKey = (row: GpuRow): string => row.uuid ?? row.pciAddress ?? row.name ?? ''

/**
 * One `nvidia-smi` that prints a line per GPU and second for as long as we sample: starting it each time costs 20 ms to
 * several seconds. Lines carry no mark between ticks, and need none here: each replaces the line of the same GPU.
 */
export function createNvidiaReader(deps: {
  command: string
  startLines: ChildProcesses['startLines']
  now: () => number
}) {
  const { command, now } = deps
  let fields: readonly string[] = gpuFields
  const rows = new Map<string, TimedRow>()
  const seen = new Set<string>()

  const lines = createWatchedLines({
    name: 'nvidia-smi',
    startLines: deps.startLines,
    now,
    // without a resident driver, and with many GPUs, the first line takes long
    firstLineMs: 20_000,
    silentMs: 5_000,
    onLine(line) {
      const row = parseGpuRow(line, fields)
      if (row === null) return false
      // the first line of a GPU can show the driver's own start: 100 % and 145 W on an idle card
      const key = rowKey(row)
      if (seen.has(key)) rows.set(key, { row, at: now() })
      seen.add(key)
      return true
    },
  })

  function start(): void {
    rows.clear()
    seen.clear()
    lines.start(command, [...gpuQuery(fields), '-lms', '1000'])
  }

  function throwEnd({ code, text }: LinesEnd): never {
    const meaning = explainExit(code, text)
    if (meaning.kind === 'ok' || meaning.kind === 'field')
      throw new SourceError('failing', 'nvidia-smi ended by itself.')
    if (meaning.lostPciAddress !== null) throw new GpuLostError(meaning.reason, meaning.lostPciAddress)
    throw new SourceError(meaning.kind, meaning.reason)
  }

  return {
    async stop(): Promise<void> {
      rows.clear()
      await lines.stop()
    },

    /** The newest row of each GPU; none before the second tick. Called once a second; throws when the child ended or fell silent. */
    async rows(): Promise<ReadonlyMap<string, TimedRow>> {
      if (!lines.isStarted()) start()
      const end = await lines.check()
      if (end !== null) {
        const isUnknownField = explainExit(end.code, end.text).kind === 'field'
        if (!isUnknownField || fields === oldGpuFields) throwEnd(end)
        fields = oldGpuFields
        start()
      }
      return rows
    },
  }
}
export type NvidiaReader = ReturnType<typeof createNvidiaReader>
