import { useMemo } from 'react'
import type { BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { formatMemory } from '../../../lib/format.ts'
import { type Bar, BarList } from '../charts/BarList.tsx'
import classes from '../charts/charts.module.css'
import { type DeviceMemory, memoryOf } from './memoryRows.ts'

/** What each device held before, at most and after. */
export function MemoryChart({ run }: { readonly run: BenchmarkWithResults }) {
  const { results, benchmark } = run
  const devices = useMemo(() => memoryOf(results, benchmark.record?.devices ?? []), [results, benchmark.record])
  const shown = devices.filter((device) => barsOf(device).length > 0)
  if (shown.length === 0) return null
  return (
    <section className={classes.part}>
      <h4 className={classes.partTitle}>Memory in use</h4>
      <div className={classes.panes}>
        {shown.map((device) => (
          <div key={device.device}>
            <div className={classes.deviceName} title={device.name}>
              {device.name}
              {device.totalBytes !== null && (
                <span className={classes.dim}>, {formatMemory(device.totalBytes)} in all</span>
              )}
            </div>
            <BarList
              label={device.name}
              bars={barsOf(device)}
              {...(device.totalBytes === null ? {} : { most: device.totalBytes })}
            />
          </div>
        ))}
      </div>
    </section>
  )
}

const bar = (id: string, name: string, bytes: number | null, strong = false): readonly Bar[] =>
  bytes === null
    ? []
    : [{ id, name, value: bytes, interval: null, figure: formatMemory(bytes), strong, ...(strong ? {} : quiet) }]
const quiet = { color: 'var(--berth-other)' }

/** What is not known has no bar. */
const barsOf = ({ beforeBytes, peakBytes, afterBytes, processPeakBytes }: DeviceMemory): readonly Bar[] => [
  ...bar('before', 'before', beforeBytes),
  ...bar('peak', 'peak', peakBytes, true),
  ...bar('after', 'after', afterBytes),
  ...bar('process', 'peak, model alone', processPeakBytes),
]
