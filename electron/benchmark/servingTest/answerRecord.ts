import { type AnswerPiece, readOllamaPiece, readOpenAiPiece } from './answerPiece.ts'
import { clock } from './clock.ts'
import { BadAnswer, createEventReader } from './eventReader.ts'
import { type Failure, failureOfEvent } from './failure.ts'
import type { Answer, RequestLimits } from './loadOrder.ts'

/** Of an answer whose tokens the server does not count. UTF-16 units. */
const maxText = 1_000_000

interface RecordDeps {
  readonly prompt: number
  readonly format: 'openai' | 'ollama'
  readonly limits: RequestLimits
  /** of `clock` */
  readonly beganAt: number
  readonly plannedAt: number
  readonly onPiece: (text: string, at: number) => void
}

/** One answer as it comes: bytes with the time at which they came, in; what is known of it, out. */
export const createAnswerRecord = ({ prompt, format, limits, beganAt, plannedAt, onPiece }: RecordDeps) => {
  const readPiece = format === 'openai' ? readOpenAiPiece : readOllamaPiece
  const pieces: number[] = []
  const state = { at: 0, bytes: 0, begun: false, finished: false, last: null as number | null, shown: true, text: '' }
  let usage: NonNullable<AnswerPiece['usage']> | null = null
  let failure: Failure | null = null

  const reader = createEventReader(format, limits.maxLineLength, (data) => {
    if (failure !== null || state.last !== null) return
    const piece = readPiece(data)
    if (piece.error !== null) failure = failureOfEvent(piece.error)
    state.begun ||= piece.isPart
    state.finished ||= piece.isFinished
    if (piece.usage !== null) usage = { ...usage, ...piece.usage }
    if (piece.isLast) state.last = state.at
    if (piece.text === '') return
    if (pieces.length >= limits.maxPieces) throw new BadAnswer('It goes on far beyond the length that was asked for.')
    pieces.push(state.at)
    state.shown &&= !piece.isThought
    if (state.text.length < maxText) state.text += piece.text
    onPiece(piece.text, state.at)
  })

  /** Its events; what they are wrong in is a failure of the answer. */
  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error
      failure ??= {
        code: 'PROVIDER_BAD_ANSWER',
        words: `The server sent something else than its protocol: ${error.message}`,
      }
    }
  }

  return {
    /** `at`: when the bytes came. True: it wants no more of it, because it is whole or has failed. */
    take: (chunk: Buffer, at: number): boolean => {
      state.at = at
      state.bytes += chunk.length
      if (state.bytes > limits.maxStreamBytes)
        failure ??= {
          code: 'PROVIDER_BAD_ANSWER',
          words: `The server streamed more than ${limits.maxStreamBytes} bytes.`,
        }
      else guarded(() => reader.take(chunk))
      return failure !== null || state.last !== null
    },
    /** The body is whole. */
    end: (at: number): void => {
      state.at = at
      guarded(() => reader.end())
      if (!state.begun)
        failure ??= { code: 'PROVIDER_BAD_ANSWER', words: 'The server ended its answer without a word.' }
      if (!state.finished) failure ??= { code: 'PROVIDER_BAD_ANSWER', words: 'The server broke off in its answer.' }
      state.last ??= at
    },
    failure: (): Failure | null => failure,
    /** `ended`: another reason than its own why it failed. */
    answer: (sentAt: number, ended: Failure | null): { answer: Answer; failure: Failure | null } => {
      const from = (at: number) => at - beganAt
      const failed = failure ?? ended
      const outputTokens = usage?.outputTokens ?? null
      const answer: Answer = {
        prompt,
        plannedMs: from(plannedAt),
        sentMs: from(sentAt),
        firstMs: pieces[0] === undefined ? null : from(pieces[0]),
        pieceMs: pieces.map(from),
        endMs: from(failed === null ? (state.last ?? clock()) : clock()),
        promptTokens: usage?.promptTokens ?? null,
        outputTokens,
        hiddenTokens: state.shown ? (usage?.hiddenTokens ?? 0) : 0,
        costUsd: usage?.costUsd ?? null,
        error: failed?.code ?? null,
        text: failed === null && outputTokens === null ? state.text : null,
      }
      return { answer, failure: failed }
    },
  }
}
