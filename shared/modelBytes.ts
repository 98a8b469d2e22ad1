import type { MemoryFigures } from './contract/benchmarks.ts'

/**
 * Bytes that a model itself took at most, all devices together. Devices reach their peaks at different times, so this may be
 * a little more than it ever held at once. null: of one of them it is not known.
 */
export const modelBytes = (memory: readonly MemoryFigures[]): number | null => {
  let total = 0
  for (const { processPeakBytes } of memory) {
    if (processPeakBytes === null) return null
    total += processPeakBytes
  }
  return memory.length === 0 ? null : total
}
