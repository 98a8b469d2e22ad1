import type { ServingFigures, Statistics, TokenCount } from '../../../shared/contract/benchmarkResults.ts'
import type { ServiceLimits } from '../../../shared/contract/benchmarkSettings.ts'
import { percentilesOf, percentilesOfSorted, statisticsOf } from '../statistics.ts'
import { createPause } from '../turns.ts'
import type { CountedAnswer } from './countedTokens.ts'
import type { Answer } from './loadOrder.ts'
import { sortInTurns } from './sortInTurns.ts'

/** So many equal parts of a load are its samples. */
const slices = 20

const differences = (times: readonly number[]): number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? time))

/** Times of one answer, in milliseconds from its planned arrival; null: there was no such thing. */
const timesOf = ({ answer, shownTokens }: CountedAnswer) => {
  const { plannedMs, firstMs, pieceMs, endMs } = answer
  const last = pieceMs.at(-1)
  // what comes in one piece does not tell how fast it was made
  const spans = firstMs !== null && last !== undefined && pieceMs.length > 1 && shownTokens > 1
  return {
    ttft: firstMs === null ? null : firstMs - plannedMs,
    itl: differences(pieceMs),
    tpot: spans ? (last - firstMs) / (shownTokens - 1) : null,
    e2e: endMs - plannedMs,
  }
}
type Times = ReturnType<typeof timesOf>

/** What is not told breaks no limit: an answer of one token has no time between tokens. One without any had its first by its end. */
const keeps = ({ ttft, itl, tpot, e2e }: Times, limits: ServiceLimits): boolean =>
  (ttft ?? e2e) <= (limits.ttftMs ?? Number.POSITIVE_INFINITY) &&
  (tpot ?? 0) <= (limits.tpotMs ?? Number.POSITIVE_INFINITY) &&
  itl.every((each) => each <= (limits.itlMs ?? Number.POSITIVE_INFINITY)) &&
  e2e <= (limits.e2eMs ?? Number.POSITIVE_INFINITY)

const hasLimit = (limits: ServiceLimits): boolean => Object.values(limits).some((limit) => limit !== undefined)

export interface MeasuredLoad {
  readonly answers: readonly Answer[]
  /** of those that succeeded */
  readonly counted: readonly CountedAnswer[]
  readonly source: TokenCount
  readonly limits: ServiceLimits
}

const present = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const isPositive = (value: number): boolean => value > 0

/** Milliseconds from the first planned arrival to the end of the last request. */
const durationOf = (answers: readonly Answer[]): number => answers.reduce((last, { endMs }) => Math.max(last, endMs), 0)

/**
 * Requests that failed are counted by their errors, and are in no latency and no throughput. Thousands of answers have millions
 * of pieces: others get their turn meanwhile.
 */
export const servingFigures = async ({ answers, counted, source, limits }: MeasuredLoad): Promise<ServingFigures> => {
  const pause = createPause()
  const durationSeconds = durationOf(answers) / 1000
  const perSecond = (count: number): number => (durationSeconds > 0 ? count / durationSeconds : 0)
  const times: Times[] = []
  let good = 0
  for (const each of counted) {
    const its = timesOf(each)
    times.push(its)
    if (keeps(its, limits)) good += 1
    await pause()
  }
  const prompts = present(counted.map(({ answer }) => answer.promptTokens))
  const costs = present(answers.map(({ costUsd }) => costUsd))
  const errors: Record<string, number> = {}
  for (const { error } of answers) if (error !== null) errors[error] = (errors[error] ?? 0) + 1
  return {
    requests: answers.length,
    succeeded: counted.length,
    errors,
    durationSeconds,
    ttftMs: percentilesOf(present(times.map(({ ttft }) => ttft))),
    itlMs: percentilesOfSorted(
      await sortInTurns(
        times.map(({ itl }) => itl),
        pause,
      ),
    ),
    tpotMs: percentilesOf(present(times.map(({ tpot }) => tpot))),
    e2eMs: percentilesOf(times.map(({ e2e }) => e2e)),
    lateMs: percentilesOf(answers.map(({ sentMs, plannedMs }) => sentMs - plannedMs)),
    requestsPerSecond: perSecond(counted.length),
    inputTokensPerSecond: counted.length > 0 && prompts.length < counted.length ? null : perSecond(sum(prompts)),
    outputTokensPerSecond: perSecond(sum(counted.map(({ tokens }) => tokens))),
    tokenCount: source,
    goodput: hasLimit(limits)
      ? { requestsPerSecond: perSecond(good), part: answers.length === 0 ? 0 : good / answers.length }
      : null,
    costUsd: costs.length === 0 ? null : sum(costs),
  }
}

/**
 * Tokens/s that all answers together gave: each sample is one of twenty equal parts of the load's time, from its first planned
 * arrival to its last end. Their mean is the throughput; beginning and end of a load, where it is not yet or no longer full, are in
 * their spread. The tokens of an answer are spread evenly over its pieces.
 */
export const throughputStatistics = async ({ answers, counted }: MeasuredLoad): Promise<Statistics> => {
  const pause = createPause()
  const durationMs = durationOf(answers)
  const tokens = new Array<number>(slices).fill(0)
  for (const { answer, tokens: count } of counted) {
    const times = answer.pieceMs.length > 0 ? answer.pieceMs : [answer.endMs]
    for (const time of times) {
      const slice = Math.min(slices - 1, Math.max(0, Math.floor((time / durationMs) * slices)))
      tokens[slice] = (tokens[slice] ?? 0) + count / times.length
    }
    await pause()
  }
  const seconds = durationMs / slices / 1000
  return statisticsOf(tokens.map((count) => (isPositive(seconds) ? count / seconds : 0)))
}
