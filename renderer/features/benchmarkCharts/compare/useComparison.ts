import { useState } from 'react'
import type { BenchmarkId } from '../../../../shared/contract/benchmarkSettings.ts'
import { client } from '../../../lib/client.ts'
import { useAnswer } from '../useAnswer.ts'

/** The contract takes no more at once. */
const mostRuns = 20

/** Runs beside one of them. Another baseline is another question; the old answer stays until the new one is here. */
export const useComparison = (ids: readonly string[]) => {
  const all = [...new Set(ids)]
  const shown = all.slice(0, mostRuns)
  const [wanted, setBaseline] = useState<string | null>(null)
  const baseline = wanted !== null && shown.includes(wanted) ? wanted : (shown[0] ?? null)
  const asked = baseline === null ? [] : [baseline, ...shown.filter((id) => id !== baseline)]
  const { answer, again } = useAnswer(asked.join(' '), (signal) =>
    // the contract checks the ids again
    client.benchmarks.compare({ benchmarks: asked as BenchmarkId[] }, { signal }),
  )
  return { shown, left: all.length - shown.length, baseline, setBaseline, answer, again }
}
