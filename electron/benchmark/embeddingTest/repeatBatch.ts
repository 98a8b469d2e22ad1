import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { Repetition } from '../../../shared/contract/benchmarkSettings.ts'
import { messageOf } from '../../lib/appError.ts'
import type { RunContext } from '../runner.ts'
import { isSettled, statisticsOf } from '../statistics.ts'

export interface MeasuredBatch {
  /** ms of a batch, and texts per second in it */
  readonly samples: readonly { readonly ms: number; readonly value: number }[]
  /** of all repetitions; null: the provider does not count */
  readonly promptTokens: number | null
  readonly memory: BenchmarkResult['memory']
  readonly joules: number | null
  /** in words, why it was not repeated as often as it should have been */
  readonly cutShort: string | null
}

interface RepeatOptions {
  readonly context: Pick<RunContext, 'machine' | 'signal' | 'deadline' | 'subject'>
  readonly pid: number | null
  readonly batchSize: number
  readonly repetition: Repetition
  /** Is there money for one more? */
  readonly allows: () => boolean
  /** Does this end the repetitions, and not the run? */
  readonly isRefusal: (error: unknown) => boolean
  /** One batch by its number, from 1. */
  readonly run: (number: number) => Promise<{ ms: number; promptTokens: number | null }>
  readonly onRepetition: (count: number) => void
}

/** A server's own words may be long. */
const mostReason = 300

/** Why nothing more is begun; null: go on. */
export const spent = ({ deadline }: Pick<RunContext, 'deadline'>, hasMoney: boolean): string | null => {
  if (deadline !== null && performance.now() > deadline) return 'the time was used up'
  return hasMoney ? null : 'the money was used up'
}

/**
 * Repeats until the interval is narrow, or repetitions, time or money end; a refusal after the first ends it too. null when not
 * even one could be begun.
 */
export async function repeatBatch(options: RepeatOptions): Promise<MeasuredBatch | null> {
  const { context, batchSize, repetition } = options
  const samples: { ms: number; value: number }[] = []
  let promptTokens: number | null = 0
  const repeat = async (): Promise<string | null> => {
    while (samples.length === 0 || !isSettled(statisticsOf(samples.map(({ value }) => value)), repetition)) {
      context.signal.throwIfAborted()
      const why = spent(context, options.allows())
      if (why !== null) return why
      const { ms, promptTokens: counted } = await options.run(samples.length + 1)
      samples.push({ ms, value: (batchSize * 1000) / ms })
      promptTokens = promptTokens === null || counted === null ? null : promptTokens + counted
      options.onRepetition(samples.length)
    }
    return null
  }
  const watched = context.machine.begin(options.pid)
  let machine: ReturnType<typeof watched.end> | null = null
  let cutShort: string | null
  try {
    cutShort = await repeat()
  } catch (error) {
    if (samples.length === 0 || !options.isRefusal(error)) throw error
    cutShort = messageOf(error).slice(0, mostReason).replace(/\.$/, '')
  } finally {
    machine = watched.end()
  }
  if (samples.length === 0) return null
  // of another machine nothing is known here
  const { memory, joules } = context.subject.local ? machine : { memory: [], joules: null }
  return { samples, promptTokens, memory, joules, cutShort }
}
