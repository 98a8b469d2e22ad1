import type { ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkRecord } from '../../../shared/contract/benchmarks.ts'
import { AppError } from '../../lib/appError.ts'
import type { Subject } from '../runner.ts'
import { createChatClient } from './chatClient.ts'
import { measureClientError } from './clientError.ts'
import { createLoadClient } from './loadClient.ts'
import { type Answer, type LoadOrder, type LoadOutcome, promptMark } from './loadOrder.ts'

/** How answers of one subject are asked for and timed. */
export interface Transport {
  /** what a person should know of its times; null: nothing */
  readonly note: string | null
  /** answers come through the guard, which counts their usage by itself */
  readonly isCounted: boolean
  /** of the client alone; null where there is none between */
  readonly clientError: (
    streams: number,
    signal: AbortSignal,
  ) => Promise<NonNullable<BenchmarkRecord['clientErrorMs']> | null>
  /** One load at a time. Aborting ends what is under way. */
  readonly run: (order: LoadOrder, onAnswer: (answer: Answer) => void, signal: AbortSignal) => Promise<LoadOutcome>
  readonly close: () => Promise<void>
}

const insideBerth =
  'Timed inside Berth, not over a network connection: the embedded engine gives one answer at a time, and others wait.'

/** Over HTTP where the provider has it, else by its chat. @throws AppError VERB_NOT_SUPPORTED */
export const createTransport = ({ provider, key }: Subject, settings: ServingSettings): Transport => {
  const { outputTokens: maxTokens } = settings
  const { wire, chat } = provider
  if (wire !== undefined) {
    const client = createLoadClient()
    return {
      note: null,
      isCounted: false,
      clientError: (streams, signal) => measureClientError(client, streams, signal),
      run: async (order, onAnswer, signal) => {
        const messages = [{ role: 'user' as const, content: promptMark }]
        const asked = await wire.call(provider, key, { messages, maxTokens, everyToken: true, exact: true }, signal)
        return client.run({ ...order, wire: asked }, onAnswer, signal)
      },
      close: client.close,
    }
  }
  if (chat === undefined) throw new AppError('VERB_NOT_SUPPORTED', `${provider.name} does not chat.`)
  const client = createChatClient((...args) => chat.apply(provider, args))
  return {
    note: insideBerth,
    isCounted: true,
    clientError: async () => null,
    run: (order, onAnswer, signal) => client.run({ ...order, key, maxTokens }, onAnswer, signal),
    close: async () => {},
  }
}
