import type { ServingFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { Load, ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { NewResult, Watched } from '../runner.ts'
import type { CountedAnswer } from './countedTokens.ts'
import type { LoadEnd } from './loadOrder.ts'
import { type MeasuredLoad, servingFigures, throughputStatistics } from './servingFigures.ts'

/** Above this at the median, requests left so late that the load was not the one that was asked for. */
const lateMs = 10

export interface FinishedLoad extends MeasuredLoad {
  readonly position: number
  readonly load: Load
  readonly isSearch: boolean
  readonly planned: number
  readonly end: LoadEnd
  readonly firstFailure: string | null
  readonly options: LoadOptions
  /** null: the model does not run on this machine */
  readonly watched: ReturnType<Watched['end']> | null
  readonly notes: readonly string[]
}

const endNotes: Readonly<Record<Exclude<LoadEnd, 'whole'>, string>> = {
  deadline: 'The time that was given was over',
  spent: 'The money that was agreed to would not have been enough for more',
  failing: 'Nothing but failures came back',
  cancelled: 'It was cancelled',
}

const notesOf = (
  { end, answers, planned, firstFailure, notes, source }: FinishedLoad,
  figures: ServingFigures,
): string[] => [
  ...notes,
  ...(end === 'whole' ? [] : [`${endNotes[end]}: ${answers.length} of ${planned} requests were made.`]),
  ...(firstFailure === null ? [] : [`The first that failed: ${firstFailure}`]),
  ...(source === 'approximate'
    ? ['The server tells no token counts: each piece of an answer was taken for one token.']
    : []),
  ...((figures.lateMs.p50 ?? 0) > lateMs ? ['The client could not send requests at their time.'] : []),
]

export const toServingResult = async (
  finished: FinishedLoad,
  { promptTokens, outputTokens }: ServingSettings,
): Promise<NewResult> => {
  const { position, load, isSearch: search, options, counted, watched } = finished
  const serving = await servingFigures(finished)
  const tokens = counted.reduce((total, each) => total + each.tokens, 0)
  return {
    position,
    test: { type: 'serving', load, promptTokens, outputTokens, search },
    unit: 'tokens/s',
    options,
    statistics: await throughputStatistics(finished),
    serving,
    embedding: null,
    tokensPerJoule: watched?.joules ? tokens / watched.joules : null,
    memory: watched?.memory ?? [],
    notes: notesOf(finished, serving),
  }
}

export const toSamples = ({ answers, counted }: MeasuredLoad): BenchmarkSample[] => {
  const tokens = new Map(counted.map((each: CountedAnswer) => [each.answer, each.tokens]))
  return answers.map((answer) => ({
    plannedMs: answer.plannedMs,
    sentMs: answer.sentMs,
    firstMs: answer.firstMs,
    pieceMs: [...answer.pieceMs],
    endMs: answer.endMs,
    promptTokens: answer.promptTokens,
    outputTokens: tokens.get(answer) ?? answer.outputTokens,
    error: answer.error,
  }))
}
