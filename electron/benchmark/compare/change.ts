import type { Comparison } from '../../../shared/contract/benchmarkAnswers.ts'
import { randomNumbers } from '../randomNumbers.ts'
import { differenceInterval, type SampleSet, type Statistic, sampleSet } from './bootstrap.ts'
import type { Figures } from './sampleFigures.ts'

export type Change = NonNullable<NonNullable<Comparison['cells'][number]>['change']>

/**
 * Less than that is called noise however sure it is: the samples of one run know nothing of how runs differ, by the clock of the
 * processor, the place in memory, what else is cached.
 */
const leastChange = 0.01

/** The same answer whenever the same runs are compared. */
const random = () => randomNumbers(1)

export const setOf = ({ values, groups }: Figures): SampleSet => sampleSet(values, groups, random())

interface Side {
  readonly value: number
  /** null: no raw samples */
  readonly set: SampleSet | null
}

/** What changed from the first to the second, and whether that is more than noise. */
export const changeOf = async (
  first: Side,
  second: Side,
  { statistic, better }: { statistic: Statistic; better: Comparison['better'] },
): Promise<Change> => {
  const relative = first.value === 0 ? null : (second.value - first.value) / first.value
  const interval =
    first.set === null || second.set === null || relative === null
      ? null
      : await differenceInterval({ first: first.set, second: second.set, statistic }, random())
  return { relative, interval, verdict: verdictOf(relative, interval, better) }
}

const verdictOf = (
  relative: Change['relative'],
  interval: Change['interval'],
  better: Comparison['better'],
): Change['verdict'] => {
  if (relative === null || interval === null) return 'unknown'
  if (Math.abs(relative) < leastChange || (interval.low <= 0 && interval.high >= 0)) return 'noise'
  return interval.low > 0 === (better === 'higher') ? 'better' : 'worse'
}
