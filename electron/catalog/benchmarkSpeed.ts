import type { BenchmarkId } from '../../shared/contract/benchmarkSettings.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'
import { parsed } from './benchmarkRow.ts'
import type { CatalogDatabase } from './database.ts'

export interface SpeedQuery {
  /** null: any */
  readonly memoryBytes: number | null
  /** tokens; null: any */
  readonly contextLength: number | null
  /** at most so many */
  readonly limit: number
}

/**
 * How fast a model answered with certain options: the newest measurement of that, with the context filled as near to the asked
 * length as was measured.
 */
export interface MeasuredSpeed {
  readonly model: string
  readonly benchmark: BenchmarkId
  readonly position: number
  readonly tokensPerSecond: number
  /** tokens that were in the context */
  readonly depth: number
  /** it was loaded for; null: not told */
  readonly contextLength: number | null
  /** all devices together; null: not measured */
  readonly peakBytes: number | null
  readonly options: LoadOptions
  readonly quantization: string | null
  readonly parameterCount: number | null
}

type Row = Omit<MeasuredSpeed, 'options'> & { readonly options: string }

/**
 * Steps from one pair of model and options to the next in the index, so that the time depends on how many pairs there are, not
 * on how often they were measured. Left out: what is known to need more memory at the asked context.
 */
const sql = `
  WITH RECURSIVE pair (number) AS (
    SELECT (SELECT number FROM benchmark_result WHERE depth IS NOT NULL ORDER BY model, options LIMIT 1)
    UNION ALL
    SELECT coalesce(
      (SELECT number FROM benchmark_result
       WHERE depth IS NOT NULL AND model = here.model AND options > here.options ORDER BY options LIMIT 1),
      (SELECT number FROM benchmark_result
       WHERE depth IS NOT NULL AND model > here.model ORDER BY model, options LIMIT 1))
    FROM pair JOIN benchmark_result AS here ON here.number = pair.number
  ),
  around (model, options, below, above) AS MATERIALIZED (
    SELECT model, options,
      (SELECT max(depth) FROM benchmark_result WHERE model = one.model AND options = one.options AND depth <= @depth),
      (SELECT min(depth) FROM benchmark_result WHERE model = one.model AND options = one.options AND depth > @depth)
    FROM pair JOIN benchmark_result AS one ON one.number = pair.number
  ),
  newest (number) AS (
    SELECT (
      SELECT number FROM benchmark_result
      WHERE model = around.model AND options = around.options
        AND depth = iif(above IS NULL OR @depth - below <= above - @depth, below, above)
      ORDER BY measured_at DESC LIMIT 1)
    FROM around
  )
  SELECT result.model, benchmark.id AS benchmark, result.position, result.generation_speed AS tokensPerSecond, result.depth,
    result.context_length AS contextLength, result.peak_bytes AS peakBytes, result.options,
    CASE WHEN json_valid(benchmark.body) THEN benchmark.body ->> '$.record.model.quantization' END AS quantization,
    CASE WHEN json_valid(benchmark.body) THEN benchmark.body ->> '$.record.model.parameterCount' END AS parameterCount
  FROM newest JOIN benchmark_result AS result ON result.number = newest.number
    JOIN benchmark ON benchmark.number = result.run
  WHERE @memory IS NULL OR coalesce(result.peak_bytes, 0) <= @memory
    OR (@context IS NOT NULL AND coalesce(result.context_length, 0) <> @context)
  ORDER BY result.generation_speed DESC, result.number DESC LIMIT @limit`

/** Fastest first; several of one model where it was measured with several options. */
export const speedQuestion = (db: CatalogDatabase) => {
  const fastest = db.prepare<{ memory: number | null; context: number | null; depth: number; limit: number }, Row>(sql)
  return ({ memoryBytes, contextLength, limit }: SpeedQuery): MeasuredSpeed[] =>
    fastest
      .all({
        memory: memoryBytes,
        context: contextLength,
        depth: contextLength ?? 0,
        limit,
      })
      .map(({ options, ...row }) => ({ ...row, options: parsed<LoadOptions>(options) ?? {} }))
}
