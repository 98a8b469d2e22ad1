import type { BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'

/** Devices that compute beside the processor. */
export const gpusOf = ({ devices }: BenchmarkRecord): BenchmarkRecord['devices'] =>
  devices.filter(({ device }) => device !== 'cpu')

/**
 * Imported runs of llama-bench name theirs (`CUDA0` is of CUDA). Of a run of Berth the devices are known, and not through
 * which library they were used. Null: it ran elsewhere.
 */
export const backendOf = (record: BenchmarkRecord, { gpuLayers }: LoadOptions): string | null => {
  const gpus = gpusOf(record)
  const told = gpus.flatMap(({ device }) => /^([A-Za-z]+)\d+$/.exec(device)?.[1] ?? [])
  if (told.length > 0) return [...new Set(told)].join(',')
  if (record.provider.host !== null) return null
  return gpus.length === 0 || gpuLayers === 0 ? 'CPU' : 'GPU'
}
