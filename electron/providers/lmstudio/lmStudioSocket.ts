import { type RawData, WebSocket } from 'ws'
import { z } from 'zod'
import { AppError } from '../../lib/appError.ts'
import { type LmStudioIdentity, redactIdentity } from './lmStudioKey.ts'

/** Bytes of one frame. A list of some hundred models is some hundred KB. */
const maxFrameBytes = 8 * 2 ** 20

const Authentication = z.object({ success: z.boolean() })
const Result = z.object({ type: z.literal('rpcResult'), callId: z.literal(0), result: z.unknown() })

export interface SocketQuestion<T> {
  /** where the REST API is: http or https, without a last slash */
  readonly address: string
  readonly identity: LmStudioIdentity
  readonly namespace: 'llm' | 'embedding' | 'system'
  readonly endpoint: string
  readonly answer: z.ZodType<T>
  /** for all of it */
  readonly timeoutMs: number
}

export const socketAddress = (address: string): string => address.replace(/^http/, 'ws')

/**
 * `refused`: nothing there speaks this protocol, or not in time. `key`: it does not accept the identity. `unanswered`: it lets
 * us in, and then does not answer this question in this form.
 */
export type SocketAnswer<T> =
  | { readonly value: T; readonly failure: null }
  | { readonly value: null; readonly failure: 'refused' | 'key' | 'unanswered' }

/**
 * One read-only question over LM Studio's socket, in the frames of its SDK. The SDK itself is for loads: it is large, its
 * questions have no end in time, a wrong answer may bring down the process, and 1.5.0 drops the times of instances.
 */
export const askSocket = async <T>(question: SocketQuestion<T>, signal: AbortSignal): Promise<SocketAnswer<T>> => {
  if (signal.aborted) throw cancelled()
  const { promise, resolve } = Promise.withResolvers<SocketAnswer<T>>()
  const socket = new WebSocket(`${socketAddress(question.address)}/${question.namespace}`, {
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    followRedirects: false,
  })
  const redaction = redactIdentity(question.identity)
  let isIn = false
  const fail = () => resolve({ value: null, failure: isIn ? 'unanswered' : 'refused' })
  const timer = setTimeout(fail, question.timeoutMs)
  signal.addEventListener('abort', fail, { once: true })
  socket.on('error', fail)
  socket.on('close', fail)
  socket.on('open', () => socket.send(JSON.stringify({ authVersion: 1, ...question.identity })))
  socket.on('message', (data) => {
    const frame = redaction.json(parseFrame(data))
    if (isIn) {
      const { success, data: answered } = question.answer.safeParse(Result.safeParse(frame).data?.result)
      return success ? resolve({ value: answered, failure: null }) : fail()
    }
    const greeting = Authentication.safeParse(frame).data
    if (greeting?.success === false) return resolve({ value: null, failure: 'key' })
    if (greeting === undefined) return fail()
    isIn = true
    socket.send(JSON.stringify({ type: 'rpcCall', endpoint: question.endpoint, callId: 0 }))
  })
  try {
    const answer = await promise
    if (signal.aborted) throw cancelled()
    return answer
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', fail)
    socket.terminate()
  }
}

const cancelled = () => new AppError('CANCELLED', 'The request to LM Studio was cancelled.')

const parseFrame = (data: RawData): unknown => {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}
