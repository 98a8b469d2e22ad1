import type { FastestModel } from '../../../shared/contract/benchmarkAnswers.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { MeasuredSpeed } from '../../catalog/benchmarkSpeed.ts'

export interface FastestDeps {
  /** Can it be asked now? */
  readonly isAvailable: (model: string) => boolean
  /**
   * Bytes that the model would take with these options, all devices together; null when that cannot be computed, or when the
   * model cannot be loaded so, e.g. because it was not made for so long a context.
   */
  readonly estimateBytes: (model: string, options: LoadOptions) => number | null
}

interface Question {
  /** null: any */
  readonly memoryBytes: number | null
  /** tokens; null: any */
  readonly contextLength: number | null
  readonly limit: number
}

type Memory = Pick<FastestModel, 'memoryBytes' | 'memorySource' | 'contextLength' | 'options'>

/** What was measured with at least the asked context, if that fits; else what is computed for just the asked one. */
const memoryOf = (speed: MeasuredSpeed, { memoryBytes, contextLength }: Question, deps: FastestDeps): Memory | null => {
  const fits = (bytes: number) => memoryBytes === null || bytes <= memoryBytes
  const measuredFor = speed.contextLength ?? (contextLength === null ? speed.depth : 0)
  if (speed.peakBytes !== null && measuredFor >= (contextLength ?? 0) && fits(speed.peakBytes))
    return {
      memoryBytes: speed.peakBytes,
      memorySource: 'measured',
      contextLength: measuredFor,
      options: speed.options,
    }
  // it was measured at just this context, and takes more
  if (speed.peakBytes !== null && (contextLength === null || measuredFor === contextLength)) return null
  const options = contextLength === null ? speed.options : { ...speed.options, contextLength }
  const bytes = deps.estimateBytes(speed.model, options)
  if (bytes === null || !fits(bytes)) return null
  return { memoryBytes: bytes, memorySource: 'estimated', contextLength: contextLength ?? measuredFor, options }
}

/**
 * Measured models that fit, fastest first, each with its fastest options. Those that are gone have only the places that the others
 * leave.
 * @param speeds fastest first, see `fastest` of the repository
 */
export const fastestModels = (
  speeds: readonly MeasuredSpeed[],
  question: Question,
  deps: FastestDeps,
): FastestModel[] => {
  const { limit } = question
  const present = new Map<string, FastestModel>()
  const gone = new Map<string, FastestModel>()
  for (const speed of speeds) {
    const { model } = speed
    if (present.size >= limit) break
    const available = deps.isAvailable(model)
    const found = available ? present : gone
    const memory = found.has(model) || found.size >= limit ? null : memoryOf(speed, question, deps)
    if (memory === null) continue
    const { benchmark, position, tokensPerSecond, depth, quantization, parameterCount } = speed
    const measured = { benchmark, position, tokensPerSecond, measuredDepth: depth }
    found.set(model, { model, available, ...measured, ...memory, quantization, parameterCount })
  }
  return [...present.values(), ...[...gone.values()].slice(0, limit - present.size)].sort(
    (one, other) => other.tokensPerSecond - one.tokensPerSecond,
  )
}
