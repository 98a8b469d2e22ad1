import type { MemoryFigures } from './contract/benchmarkResults.ts'

/** What may be missing from the sum, as a part of it: an idle GPU never tells that the model holds nothing there. */
const unknownPart = 0.05

/**
 * Bytes that a model itself took at most, all devices together. Devices reach their peaks at different times, so this may be
 * a little more than it ever held at once. null: it is not known of a device that may have held more than a small part.
 */
export const modelBytes = (memory: readonly MemoryFigures[]): number | null => {
  let known = 0
  let unknown = 0
  for (const { processPeakBytes, peakBytes } of memory) {
    if (processPeakBytes !== null) known += processPeakBytes
    else unknown += peakBytes ?? Number.POSITIVE_INFINITY
  }
  return known > 0 && unknown <= known * unknownPart ? known : null
}
