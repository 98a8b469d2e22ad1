import { isDeepStrictEqual } from 'node:util'
import type { ResultPlace } from '../../catalog/benchmarkImports.ts'
import type { BenchmarkRepository, NewStoredResult } from '../../catalog/benchmarkRepository.ts'
import { isSameSamples } from '../packSamples.ts'
import type { StoredBenchmark } from '../runner.ts'
import { createPause } from '../turns.ts'

/** A result of a file. */
export interface PackedResult extends NewStoredResult {
  /** the file does not say when it was measured */
  readonly untimed?: true
}

const keyOf = (type: ResultPlace['type'], value: number | null): string => `${type} ${value}`

/** The same bytes whichever run it is in, and wherever in it. */
const contentOf = ({ position: _, measuredAt, ...content }: NewStoredResult['result'], isTimed: boolean): unknown =>
  JSON.parse(JSON.stringify({ ...content, ...(isTimed ? { measuredAt } : {}) }))

type Places = Map<string, Pick<ResultPlace, 'benchmark' | 'position'>[]>

/**
 * Finds out which results of a file an earlier import took in: of the same origin and model, measured at the same time, with the
 * same test, options and figures, and the same samples.
 */
export const createAlreadyThere = (repository: BenchmarkRepository) => {
  const origins = new Map<string, Places>()
  const placesOf = (run: StoredBenchmark): Places => {
    const origin = `${run.source} ${run.model}`
    const known = origins.get(origin)
    if (known) return known
    const places: Places = new Map()
    for (const { type, value, ...place } of repository.imports.placesOf(run)) addTo(places, keyOf(type, value), place)
    origins.set(origin, places)
    return places
  }

  const isThere = async (places: Places, { result, samples, untimed }: PackedResult): Promise<boolean> => {
    for (const { benchmark, position } of places.get(keyOf(result.test.type, result.statistics.mean)) ?? []) {
      const stored = repository.imports.result(benchmark, position)
      if (stored === null) continue
      const isSame = isDeepStrictEqual(contentOf(stored, !untimed), contentOf(result, !untimed))
      if (isSame && (await isSameSamples(samples, repository.samples(benchmark, position)))) return true
    }
    return false
  }

  return {
    /** A run that ended before its first result is known by its moment. */
    isEmptyRunThere: repository.imports.hasEmptyRun,
    /** Those of the run that are not there yet. */
    withoutKnown: async (run: StoredBenchmark, results: readonly PackedResult[]): Promise<PackedResult[]> => {
      const places = placesOf(run)
      const pause = createPause()
      const fresh: PackedResult[] = []
      for (const result of results) {
        if (!(await isThere(places, result))) fresh.push(result)
        await pause()
      }
      return fresh
    },
    /** They are there from now on, also for what comes later in the same file. */
    add: (run: StoredBenchmark, results: readonly PackedResult[]): void => {
      const places = placesOf(run)
      for (const { result } of results) {
        const place = { benchmark: run.benchmark, position: result.position }
        addTo(places, keyOf(result.test.type, result.statistics.mean), place)
      }
    },
  }
}

const addTo = (places: Places, key: string, place: Pick<ResultPlace, 'benchmark' | 'position'>): void => {
  const known = places.get(key)
  if (known) known.push(place)
  else places.set(key, [place])
}
