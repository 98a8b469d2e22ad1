import type { Wire } from '../../providers/provider.ts'
import { unanswered } from '../answerCost.ts'
import type { Spending } from '../purse.ts'
import type { UsedTokens } from '../runner.ts'
import type { PromptPlan } from './prompts.ts'

/** Where the prompt goes in the body of a wire: nothing else in it looks like this. */
export const promptMark = '@@berth-prompt@@'

/** What is bounded of a request, by the client. */
export interface RequestLimits {
  /** from its planned time to the last byte */
  readonly requestMs: number
  readonly maxStreamBytes: number
  readonly maxLineLength: number
  readonly maxPieces: number
}

/** closed: so many at any time. open: each at its time, in milliseconds from the first. */
export type Arrivals =
  | { readonly loop: 'closed'; readonly level: number; readonly count: number }
  | { readonly loop: 'open'; readonly atMs: readonly number[] }

/** One load. */
export interface LoadOrder {
  readonly arrivals: Arrivals
  readonly prompts: PromptPlan
  /** number of the first prompt */
  readonly firstPrompt: number
  readonly limits: RequestLimits
  /** nothing new is begun after so long; null: no limit */
  readonly remainingMs: number | null
  readonly spending: Spending | null
}

/** One load over HTTP; `wire` has `promptMark` for the prompt. */
export interface WireOrder extends LoadOrder {
  readonly wire: Wire
  /** each piece is the time of `clock` at which it was sent: measure the client itself */
  readonly ownDelay?: true
}

/** One request that has ended. Milliseconds since the load began. */
export interface Answer {
  /** the number of its prompt */
  readonly prompt: number
  readonly plannedMs: number
  readonly sentMs: number
  readonly firstMs: number | null
  readonly pieceMs: readonly number[]
  readonly endMs: number
  readonly promptTokens: number | null
  /** all that the server counted */
  readonly outputTokens: number | null
  /** of these, what was thought and not shown */
  readonly hiddenTokens: number
  readonly costUsd: number | null
  /** null: it succeeded */
  readonly error: string | null
  /** of one whose tokens the server did not count, up to a limit */
  readonly text: string | null
}

/** Also one that broke after it had begun. */
const mayBeCharged = ({ error, firstMs }: Pick<Answer, 'error' | 'firstMs'>): boolean =>
  error === null || firstMs !== null || unanswered.includes(error)

/** For a purse: what it used; null: it is free of charge. */
export const usedOf = (
  answer: Pick<Answer, 'promptTokens' | 'outputTokens' | 'costUsd' | 'error' | 'firstMs'>,
): UsedTokens | null => {
  const { promptTokens, outputTokens: completionTokens, costUsd } = answer
  return costUsd === null && !mayBeCharged(answer) ? null : { promptTokens, completionTokens, costUsd }
}

/** Why a load ended: everything was sent, or nothing new was begun any more. */
export type LoadEnd = 'whole' | 'deadline' | 'spent' | 'failing' | 'cancelled'

export interface LoadOutcome {
  readonly end: LoadEnd
  /** `clock` when the first request was planned */
  readonly beganAt: number
  /** what the first failure was, in words, bounded and without the key; null: none failed */
  readonly firstFailure: string | null
  /** of each piece, in milliseconds, where the client measured itself */
  readonly delaysMs: readonly number[]
  /** requests that were under way when the load was cancelled, and are in no answer: they may be charged all the same */
  readonly cutOff: number
}

export type RunLoad<Order extends LoadOrder> = (
  order: Order,
  onAnswer: (answer: Answer) => void,
  signal: AbortSignal,
) => Promise<LoadOutcome>
