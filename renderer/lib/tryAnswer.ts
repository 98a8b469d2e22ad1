import type { ChatChunk, ChatSummary } from '../../shared/contract/answers.ts'

/** idle → waiting → answering → done | stopped | failed; any of the last three → waiting */
export type TryPhase = 'idle' | 'waiting' | 'answering' | 'done' | 'stopped' | 'failed'

export interface TryAnswer<Problem> {
  readonly phase: TryPhase
  readonly question: string
  readonly text: string
  /** what it thinks before it answers, where its server keeps that apart */
  readonly reasoning: string
  readonly sentAt: number
  /** as this window saw it; the engine's own figure replaces it when the answer is complete */
  readonly ttftMs: number | null
  readonly summary: ChatSummary | null
  readonly problem: Problem | null
}

export type TryEvent<Problem> =
  | { readonly type: 'send'; readonly question: string; readonly at: number }
  | { readonly type: 'chunk'; readonly chunk: ChatChunk; readonly at: number }
  | { readonly type: 'stop' }
  | { readonly type: 'fail'; readonly problem: Problem }

export const noAnswer: TryAnswer<never> = {
  phase: 'idle',
  question: '',
  text: '',
  reasoning: '',
  sentAt: 0,
  ttftMs: null,
  summary: null,
  problem: null,
}

export const isAnswering = (answer: { readonly phase: TryPhase }): boolean =>
  answer.phase === 'waiting' || answer.phase === 'answering'

export const tryReducer = <Problem>(answer: TryAnswer<Problem>, event: TryEvent<Problem>): TryAnswer<Problem> => {
  if (event.type === 'send') return { ...noAnswer, phase: 'waiting', question: event.question, sentAt: event.at }
  // what still comes in after a stop or a failure belongs to an answer that is over
  if (!isAnswering(answer)) return answer
  switch (event.type) {
    case 'chunk':
      if (event.chunk.type === 'done') {
        const { type, ...summary } = event.chunk
        return { ...answer, phase: summary.finishReason === 'cancelled' ? 'stopped' : 'done', summary }
      }
      if (event.chunk.text === '') return answer
      return {
        ...answer,
        phase: 'answering',
        [event.chunk.type]: answer[event.chunk.type] + event.chunk.text,
        ttftMs: answer.ttftMs ?? event.at - answer.sentAt,
      }
    case 'stop':
      return { ...answer, phase: 'stopped' }
    case 'fail':
      return { ...answer, phase: 'failed', problem: event.problem }
  }
}

export interface TryFigures {
  readonly ttftMs: number | null
  readonly tokensPerSecond: number | null
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  /** null where it costs nothing, or nobody tells */
  readonly costUsd: number | null
}
export const figuresOf = (answer: TryAnswer<unknown>): TryFigures => ({
  ttftMs: answer.summary?.timings.ttftMs ?? answer.ttftMs,
  tokensPerSecond: answer.summary?.timings.tokensPerSecond ?? null,
  promptTokens: answer.summary?.usage.promptTokens ?? null,
  completionTokens: answer.summary?.usage.completionTokens ?? null,
  costUsd: answer.summary?.costUsd ?? null,
})

/** Of a model that failed, its own reason says more than the answer that nothing is loaded. */
export const whyNot = <Problem extends { readonly code: string }>(
  ofAnswer: Problem | null,
  ofState: Problem | null,
): Problem | null => (ofAnswer === null || ofAnswer.code === 'MODEL_NOT_LOADED' ? (ofState ?? ofAnswer) : ofAnswer)
