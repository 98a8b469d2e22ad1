import type { Benchmark } from '../../../shared/contract/benchmarks.ts'

/** Changes whenever a run of this model, or of any, ends or is removed: then what is made of runs is asked anew. */
export const endedRuns = (runs: ReadonlyMap<string, Benchmark>, model: string | null): string => {
  let count = 0
  let latest = 0
  for (const run of runs.values()) {
    if (run.endedAt === null || (model !== null && run.model !== model)) continue
    count += 1
    latest = Math.max(latest, run.endedAt)
  }
  return `${count} ${latest}`
}
