import type { Wire } from '../../providers/provider.ts'
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

/** US dollars. A request is begun while what was spent, and all that is under way at the price of the dearest, stay below. */
export interface Spending {
  readonly leftUsd: number
  /** the dearest so far, or what the price list says; null: nothing is known */
  readonly eachUsd: number | null
  /** by the price list, where an answer does not tell its cost */
  readonly price: {
    readonly requestUsd: number
    readonly promptTokenUsd: number
    readonly completionTokenUsd: number
  } | null
}

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
}

export type RunLoad<Order extends LoadOrder> = (
  order: Order,
  onAnswer: (answer: Answer) => void,
  signal: AbortSignal,
) => Promise<LoadOutcome>
