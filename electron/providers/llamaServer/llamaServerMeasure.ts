import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import type { HttpCall } from '../../lib/httpClient.ts'
import { amount, flag, orNull } from '../parts/tolerant.ts'
import type { EngineMeasurement, EngineTest } from '../provider.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'

/** One event of its native completion; the last one has `stop` and the figures. Milliseconds, and tokens worked on. */
const Event = z.object({
  stop: flag,
  timings: orNull(
    z.object({ cache_n: amount, prompt_n: amount, prompt_ms: amount, predicted_n: amount, predicted_ms: amount }),
  ),
})
type Timings = NonNullable<z.infer<typeof Event>['timings']>

/** Every vocabulary has as many; for a server that does not tell how many its own has. */
const leastVocabulary = 256
/** Its clock may be coarser than ours. */
const clockToleranceMs = 20

/**
 * One measurement by the figures of llama-server: tokens by their numbers, so that nothing is cut into tokens, none from its
 * cache, and an answer that goes on to its length. Waiting for a slot is in none of them.
 * @throws AppError INVALID_INPUT, PROVIDER_BAD_ANSWER for figures that cannot be
 */
export const measureLlamaServer = async (
  client: LlamaServerClient,
  path: string,
  model: string,
  test: EngineTest,
  signal: AbortSignal,
): Promise<EngineMeasurement> => {
  if (test.type === 'prompt' && test.depth > 0)
    throw new AppError('VERB_NOT_SUPPORTED', 'llama-server tells the speed of whole prompts only.')
  const meta = (await client.list(signal)).find(({ id }) => id === model)?.meta ?? null
  // Its clock begins with the first token, so that one more is asked for; that one comes out of the prompt.
  const prompt = test.type === 'prompt' ? test.tokens : Math.max(1, test.depth)
  const predicted = test.type === 'prompt' ? 1 : test.tokens + 1
  checkRoom(prompt + predicted, meta?.n_ctx ?? null)

  const vocabulary = meta?.n_vocab || leastVocabulary
  const body = {
    model,
    prompt: Array.from({ length: prompt }, () => Math.floor(Math.random() * vocabulary)),
    n_predict: predicted,
    cache_prompt: false,
    ignore_eos: true,
    stream: true, // only a stream can be stopped
    temperature: 0,
    samplers: ['temperature'], // the most likely token, and no work to find others
  }
  const startedAt = performance.now()
  const timings = await lastTimings(client, { path, body, limits: { headersMs: 0, idleMs: 0 } }, signal)
  const tookMs = performance.now() - startedAt
  return figureOf(test, timings, { prompt, predicted, tookMs })
}

const checkRoom = (needed: number, contextLength: number | null): void => {
  if (contextLength === null || needed <= contextLength) return
  throw new AppError(
    'INVALID_INPUT',
    `This needs a context of ${needed} tokens, and llama-server gives each request ${contextLength}.`,
    { advice: 'Start llama-server with a longer context (--ctx-size), or with fewer slots (--parallel).' },
  )
}

/** Reads the answer to its end. Like a chat it may wait for a slot and read a long prompt before the first word. */
const lastTimings = async (client: LlamaServerClient, call: HttpCall, signal: AbortSignal): Promise<Timings | null> => {
  const { loadMs, idleMs } = client.limits
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), loadMs)
  let begun = false
  try {
    for await (const { data } of client.http.events(call, AbortSignal.any([signal, silence.signal]))) {
      clearTimeout(timer)
      begun = true
      const { stop, timings } = client.http.parseData(data, Event)
      if (stop) return timings
      timer = setTimeout(() => silence.abort(), idleMs)
    }
  } catch (error) {
    if (!silence.signal.aborted || signal.aborted) throw error
    const words = begun ? 'stopped in the middle of its answer' : `did not begin its answer within ${loadMs / 1000} s`
    throw new AppError('PROVIDER_TIMEOUT', `llama-server ${words}.`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
  throw new AppError('PROVIDER_BAD_ANSWER', 'llama-server broke off in the middle of its answer.')
}

interface Expected {
  readonly prompt: number
  readonly predicted: number
  /** by our clock, waiting included */
  readonly tookMs: number
}

/** A figure that is believed must be of the work that was asked for, and cannot be longer than the whole call. */
const figureOf = (
  { type }: EngineTest,
  timings: Timings | null,
  { prompt, predicted, tookMs }: Expected,
): EngineMeasurement => {
  const bad = (words: string) => new AppError('PROVIDER_BAD_ANSWER', `llama-server ${words}.`)
  if (timings === null) throw bad('told no timings of its answer')
  if (timings.prompt_n !== prompt || timings.predicted_n !== predicted)
    throw bad(
      `worked on ${timings.prompt_n} + ${timings.predicted_n} tokens where ${prompt} + ${predicted} were asked for`,
    )
  const ms = type === 'prompt' ? timings.prompt_ms : timings.predicted_ms
  if (ms === null || ms === 0) throw bad('did not tell how long it took')
  if (ms > tookMs + clockToleranceMs)
    throw bad(`says that it took ${ms} ms of a call that took ${Math.round(tookMs)} ms`)
  return { tokens: type === 'prompt' ? prompt : predicted - 1, ms }
}
