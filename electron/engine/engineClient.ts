import { AppError } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import type { EngineMeasurement, EngineTest, ProviderChatChunk } from '../providers/provider.ts'
import type { EngineChannel, EngineExit } from './engineProcess.ts'
import {
  type EffectiveOptions,
  type EngineChat,
  type EngineFault,
  type EngineLoad,
  EngineMessage,
  type HostMessage,
} from './protocol.ts'
import { createTurns } from './turns.ts'

const WAITING_CHATS_LIMIT = 16
/** How long a process that was asked to end may take before it is killed. */
const GRACE_MS = 1000

type Reply = Extract<EngineMessage, { id: number }>

/** The host's end of one engine process: it loads one model once and then answers one request after the other. */
export interface EngineClient {
  readonly pid: number | null
  readonly exited: Promise<EngineExit>
  /** Rejects when the model cannot be loaded and when the process ends meanwhile. */
  load(load: EngineLoad, report: (fraction: number) => void): Promise<EffectiveOptions>
  chat(request: Omit<EngineChat, 'id'>, signal: AbortSignal): AsyncGenerator<ProviderChatChunk, void, void>
  embed(input: readonly string[], signal: AbortSignal): Promise<{ embeddings: number[][]; promptTokens: number }>
  measure(test: EngineTest, signal: AbortSignal): Promise<EngineMeasurement>
  /** Resolves when the process is gone. */
  stop(): Promise<void>
  kill(): void
  /** whether it was asked to end; if not, its end is a crash */
  isStopping(): boolean
}

export function createEngineClient(channel: EngineChannel, log: Log): EngineClient {
  const turns = createTurns(WAITING_CHATS_LIMIT)
  const exit = Promise.withResolvers<EngineExit>()
  const loading = Promise.withResolvers<EffectiveOptions>()
  loading.promise.catch(() => {}) // a process may end before anyone asks it to load
  let report: (fraction: number) => void = () => {}
  let asked: { readonly id: number; readonly take: (reply: Reply | AppError) => void } | null = null
  let lastId = 0
  let stopping = false
  let ended: AppError | null = null

  channel.onMessage((raw) => {
    const parsed = EngineMessage.safeParse(raw)
    if (!parsed.success) {
      log.warn({ pid: channel.pid, problem: parsed.error.issues[0]?.message }, 'engine sent an unknown message')
      channel.kill()
      return
    }
    const message = parsed.data
    if (message.type === 'loadProgress') report(message.fraction)
    else if (message.type === 'loaded') loading.resolve(message.effective)
    else if (message.type === 'loadFailed') loading.reject(toAppError(message.fault, message.message))
    else if (message.id === asked?.id) asked.take(message)
  })
  channel.onExit((how) => {
    ended = stopping ? new AppError('CANCELLED', 'The model was unloaded.') : crashOf(how)
    loading.reject(ended)
    asked?.take(ended)
    exit.resolve(how)
  })

  /** Sends one request when its turn has come; its replies, the last one ends it. */
  async function* ask(request: (id: number) => HostMessage, signal: AbortSignal): AsyncGenerator<Reply, void, void> {
    const leave = await turns.enter(signal)
    if (ended !== null) {
      leave()
      throw ended
    }
    lastId += 1
    const id = lastId
    const inbox: (Reply | AppError)[] = []
    let wake = (): void => {}
    let over = false
    asked = {
      id,
      take: (reply) => {
        inbox.push(reply)
        if (reply instanceof AppError || reply.type !== 'chunk') {
          // Only now is the process free for the next, whether or not anybody still listens.
          over = true
          asked = null
          leave()
        }
        wake()
      },
    }
    const onAbort = (): void => wake()
    signal.addEventListener('abort', onAbort)
    channel.send(request(id))
    try {
      while (true) {
        if (signal.aborted) throw new AppError('CANCELLED')
        const reply = inbox.shift()
        if (reply === undefined) {
          const woken = Promise.withResolvers<void>()
          wake = woken.resolve
          await woken.promise
        } else if (reply instanceof AppError) throw reply
        else if (reply.type === 'answerFailed') throw toAppError(reply.fault, reply.message)
        else {
          yield reply
          if (reply.type !== 'chunk') return
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (!over) channel.send({ type: 'abort', id })
    }
  }

  async function* chat(
    request: Omit<EngineChat, 'id'>,
    signal: AbortSignal,
  ): AsyncGenerator<ProviderChatChunk, void, void> {
    for await (const reply of ask((id) => ({ type: 'chat', chat: { ...request, id } }), signal)) {
      if (reply.type === 'chunk') yield { type: 'text', text: reply.text }
      if (reply.type !== 'done') continue
      const { finishReason, promptTokens, completionTokens, ...timings } = reply.summary
      yield { type: 'done', finishReason, usage: { promptTokens, completionTokens }, timings, costUsd: null }
    }
  }

  const embed: EngineClient['embed'] = async (input, signal) => {
    for await (const reply of ask((id) => ({ type: 'embed', id, input }), signal))
      if (reply.type === 'embedded') return { embeddings: reply.vectors, promptTokens: reply.promptTokens }
    throw new AppError('PROVIDER_ERROR', 'The engine ended its answer without vectors.')
  }

  const measure: EngineClient['measure'] = async (test, signal) => {
    for await (const reply of ask((id) => ({ type: 'measure', id, test }), signal))
      if (reply.type === 'measured') return { tokens: reply.tokens, ms: reply.ms }
    throw new AppError('PROVIDER_ERROR', 'The engine ended its measurement without a figure.')
  }

  return {
    pid: channel.pid,
    exited: exit.promise,
    load: (load, onProgress) => {
      report = onProgress
      channel.send({ type: 'load', load })
      return loading.promise
    },
    chat,
    embed,
    measure,
    stop: async () => {
      if (ended !== null) return
      stopping = true
      channel.send({ type: 'shutdown' })
      const timer = setTimeout(() => channel.kill(), GRACE_MS)
      await exit.promise
      clearTimeout(timer)
    },
    kill: () => {
      if (ended !== null) return
      stopping = true
      channel.kill()
    },
    isStopping: () => stopping,
  }
}

function toAppError(fault: EngineFault, reason: string): AppError {
  switch (fault) {
    case 'OUT_OF_MEMORY':
      return new AppError('OUT_OF_MEMORY', `There is not enough memory for this: ${reason}`)
    case 'OPTION_IMPOSSIBLE':
      return new AppError('LOAD_FAILED', reason, { advice: 'Load it with other options.' })
    case 'LOAD_FAILED':
      return new AppError('LOAD_FAILED', `The engine could not load the model: ${reason}`)
    case 'PROMPT_TOO_LONG':
      return new AppError('INVALID_INPUT', reason, {
        advice: 'Shorten the messages, or load the model with a longer context.',
      })
    case 'TEMPLATE_FAILED':
    case 'ANSWER_FAILED':
      return new AppError('PROVIDER_ERROR', `The engine could not answer: ${reason}`)
  }
}

/** What a process that ended by itself is said to have died of. */
export function crashOf({ code, signal, lastWords }: EngineExit): AppError {
  const how = signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was ended by ${signal}`
  const lines = lastWords
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  // Behind the line that says why come the lines of a stack.
  const said = lines.findLast((line) => /error|assert|fail|terminat|exception|did not/i.test(line)) ?? lines.at(-1)
  const hint = signal === 'SIGKILL' && said === undefined ? ' The system does that when memory runs out.' : ''
  return new AppError(
    'ENGINE_CRASHED',
    `The engine process of this model ${how}${said === undefined ? '.' : `: ${said.slice(0, 500)}`}${hint}`,
    { details: { exitCode: code, signal } },
  )
}
