import { AppError } from '../../lib/appError.ts'
import { oneLine } from '../../lib/httpFaults.ts'
import type { Provider } from '../../providers/provider.ts'
import { clock } from './clock.ts'
import { type Failure, timedOut } from './failure.ts'
import type { Answer, LoadOrder, RunLoad } from './loadOrder.ts'
import { runSchedule, type Sending } from './loadSchedule.ts'
import { createPrompts } from './prompts.ts'

export interface ChatOrder extends LoadOrder {
  readonly key: string
  readonly maxTokens: number
}

/** Loads for a provider without HTTP between: its chat is timed here, in the process that runs it. */
export const createChatClient = (chat: NonNullable<Provider['chat']>): { readonly run: RunLoad<ChatOrder> } => ({
  run: async (order, onAnswer, signal) => {
    const { key, maxTokens, limits } = order
    const promptOf = createPrompts(order.prompts)
    let firstFailure: string | null = null
    /** no failure of a provider, but a bug of ours: it ends the load */
    let bug: { readonly fault: unknown } | null = null
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])

    const send = async ({ prompt, beganAt, plannedAt }: Sending): Promise<Answer> => {
      const pieces: number[] = []
      const from = (at: number) => at - beganAt
      const sentAt = clock()
      const late = AbortSignal.timeout(Math.max(0, Math.ceil(plannedAt + limits.requestMs - sentAt)))
      const messages = [{ role: 'user' as const, content: promptOf(prompt) }]
      let usage = { promptTokens: null as number | null, completionTokens: null as number | null }
      let costUsd: number | null = null
      let error: string | null = null
      try {
        const ended = AbortSignal.any([either, late])
        for await (const chunk of chat(key, { messages, maxTokens, everyToken: true }, ended)) {
          if (chunk.type === 'done') ({ usage, costUsd } = chunk)
          else pieces.push(clock())
        }
      } catch (fault) {
        const failed = either.aborted ? null : late.aborted ? timedOut(limits.requestMs) : failureOf(fault)
        if (failed === 'bug') {
          bug = { fault }
          stop.abort()
        } else if (failed !== null) firstFailure ??= failed.words
        error = failed === null || failed === 'bug' ? 'CANCELLED' : failed.code
      }
      return {
        prompt,
        plannedMs: from(plannedAt),
        sentMs: from(sentAt),
        firstMs: pieces[0] === undefined ? null : from(pieces[0]),
        pieceMs: pieces.map(from),
        endMs: from(clock()),
        promptTokens: usage.promptTokens,
        outputTokens: usage.completionTokens,
        hiddenTokens: 0,
        costUsd,
        error,
        text: null,
      }
    }
    const { end, beganAt, cutOff } = await runSchedule(order, send, onAnswer, either)
    if (bug !== null) throw (bug as { readonly fault: unknown }).fault // it was set in a closure
    return { end, beganAt, firstFailure, delaysMs: [], cutOff }
  },
})

const failureOf = (fault: unknown): Failure | 'bug' =>
  fault instanceof AppError ? { code: fault.code, words: oneLine(fault.message, 200) } : 'bug'
