import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { Repetition } from '../../../shared/contract/benchmarkSettings.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { NewResult } from '../runner.ts'
import { isSettled, statisticsOf } from '../statistics.ts'
import type { LoadTest, SpeedTest } from './engineTests.ts'

export interface Sample {
  readonly ms: number
  /** in the unit of the result */
  readonly value: number
}

/** What was measured of one test. */
export interface Measured {
  readonly samples: readonly Sample[]
  readonly options: LoadOptions
  readonly memory: BenchmarkResult['memory']
  readonly tokensPerJoule: number | null
  readonly notes: readonly string[]
}

export const toResult = (
  position: number,
  test: LoadTest | SpeedTest,
  { samples, options, memory, tokensPerJoule, notes }: Measured,
): NewResult => ({
  position,
  test,
  unit: test.type === 'load' ? 'ms' : 'tokens/s',
  options,
  statistics: statisticsOf(samples.map(({ value }) => value)),
  serving: null,
  embedding: null,
  tokensPerJoule,
  memory,
  notes: [...notes],
})

/** Was it repeated often enough? */
export const isEnough = (samples: readonly Sample[], repetition: Repetition): boolean =>
  samples.length > 0 && isSettled(statisticsOf(samples.map(({ value }) => value)), repetition)

/** Said where the time ended before it was repeated as often as it should have been. */
export const cutShort = (times: number): string =>
  `Repeated ${times === 1 ? 'once' : `${times} times`}: there was no time for more.`
