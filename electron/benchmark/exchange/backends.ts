import type { BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'

/** Devices that compute beside the processor. */
export const gpusOf = ({ devices }: BenchmarkRecord): BenchmarkRecord['devices'] =>
  devices.filter(({ device }) => device !== 'cpu')

/** What computed a result with these options. Null: nobody told, and it ran elsewhere. */
export const backendOf = (record: BenchmarkRecord, { gpuLayers }: LoadOptions): string | null => {
  if (record.backend !== null) return gpuLayers === 0 ? 'CPU' : record.backend
  if (record.provider.host !== null) return null
  return gpusOf(record).length === 0 || gpuLayers === 0 ? 'CPU' : 'GPU'
}
