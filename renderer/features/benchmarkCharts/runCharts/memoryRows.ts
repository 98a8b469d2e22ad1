import type { BenchmarkResult, MemoryFigures } from '../../../../shared/contract/benchmarkResults.ts'

/** Of one device over the whole run. Unknown is null. */
export type DeviceMemory = {
  readonly device: string
  readonly name: string
  readonly beforeBytes: number | null
  readonly peakBytes: number | null
  readonly afterBytes: number | null
  readonly processPeakBytes: number | null
  readonly totalBytes: number | null
}

type Total = { readonly device: string; readonly totalBytes: number | null }

const highest = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((most, value) => (value === null ? most : Math.max(most ?? value, value)), null)

/** Before the first test, the most in any of them, after the last. */
export const memoryOf = (results: readonly BenchmarkResult[], totals: readonly Total[]): readonly DeviceMemory[] => {
  const byDevice = new Map<string, MemoryFigures[]>()
  for (const { memory } of [...results].sort((a, b) => a.position - b.position))
    for (const figures of memory) byDevice.set(figures.device, [...(byDevice.get(figures.device) ?? []), figures])
  return [...byDevice].map(([device, figures]) => ({
    device,
    name: figures[0]?.name ?? device,
    beforeBytes: figures.find(({ beforeBytes }) => beforeBytes !== null)?.beforeBytes ?? null,
    peakBytes: highest(figures.map(({ peakBytes }) => peakBytes)),
    afterBytes: figures.findLast(({ afterBytes }) => afterBytes !== null)?.afterBytes ?? null,
    processPeakBytes: highest(figures.map(({ processPeakBytes }) => processPeakBytes)),
    totalBytes: totals.find((total) => total.device === device)?.totalBytes ?? null,
  }))
}
