import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { connect, type NetConnectOpts } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Wire } from '../../providers/provider.ts'
import { createAnswerRecord } from './answerRecord.ts'
import { clock } from './clock.ts'
import { type Failure, failureOfFault, failureOfStatus, timedOut } from './failure.ts'
import { createInbox } from './inbox.ts'
import type { Answer, RequestLimits } from './loadOrder.ts'
import { type StampedConnection, stampedConnection } from './stampedConnection.ts'

const maxHeaderSize = 16_384
const maxErrorBytes = 65_536
/** A body that says that it is whole, and does not end, is left after so long. */
const tailMs = 100

export interface WireRequest {
  readonly prompt: number
  readonly wire: Wire
  readonly body: string
  readonly limits: RequestLimits
  /** of `clock` */
  readonly beganAt: number
  readonly plannedAt: number
  readonly onPiece: (text: string, at: number) => void
}
export type WireAnswer = { readonly answer: Answer; readonly failure: Failure | null }

/**
 * Requests over connections of its own, as many as are asked for at once. Redirects are not followed, so nothing goes to another
 * origin.
 */
export const createWireClient = () => {
  const inbox = createInbox()
  const options = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 4096 }
  // their agents give what node:net and node:tls take
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) }
  agents['http:'].createConnection = (to) =>
    stampedConnection(connect({ ...to, noDelay: true } as NetConnectOpts), inbox)
  agents['https:'].createConnection = (to) => stampedConnection(connectTls(to as ConnectionOptions), inbox)
  const requests = new Set<ClientRequest>()
  /** ends a request that is under way */
  const active = new Set<() => void>()

  const begin = ({ wire, body }: WireRequest): ClientRequest => {
    const url = new URL(wire.url)
    const call = { method: 'POST', headers: wire.headers, maxHeaderSize }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...call, agent: agents['https:'] })
        : httpRequest(url, { ...call, agent: agents['http:'] })
    request.on('error', () => {}) // told to who listens for it
    requests.add(request)
    request.on('close', () => requests.delete(request))
    request.end(body)
    return request
  }

  /** Never rejects. */
  const send = (call: WireRequest): Promise<WireAnswer> => {
    const { limits, plannedAt } = call
    const { origin } = new URL(call.wire.url)
    const { promise, resolve } = Promise.withResolvers<WireAnswer>()
    const record = createAnswerRecord({ ...call, format: call.wire.format })
    const sentAt = clock()
    let request = begin(call)
    let tail: NodeJS.Timeout | undefined
    let isOver = false

    const settle = (ended: Failure | null, keep = false): void => {
      if (isOver) return
      isOver = true
      active.delete(cancel)
      clearTimeout(timer)
      clearTimeout(tail)
      if (!keep) request.destroy()
      resolve(record.answer(sentAt, ended))
    }
    const cancel = () => settle({ code: 'CANCELLED', words: 'It was cancelled.' })
    active.add(cancel)
    const timer = setTimeout(() => settle(timedOut(limits.requestMs)), plannedAt + limits.requestMs - sentAt)

    const readStream = (response: IncomingMessage): void => {
      const connection = response.socket as unknown as StampedConnection // createConnection gives nothing else
      response.on('data', (chunk: Buffer) => {
        if (isOver || tail !== undefined || !record.take(chunk, connection.stampedAt)) return
        if (record.failure() === null) tail = setTimeout(() => settle(null), tailMs)
        else settle(null)
      })
      response.on('end', () => {
        record.end(connection.stampedAt)
        settle(null, true)
      })
      response.on('error', (error) => settle(failureOfFault(error, origin, true)))
    }
    const listen = (): void => {
      request.on('response', (response) => {
        const { statusCode = 0 } = response
        if (statusCode >= 200 && statusCode < 300) readStream(response)
        else readError(response, (text) => settle(failureOfStatus(statusCode, text)))
      })
      request.on('error', (error) => {
        // a server may close a connection that was kept, just when it is used again: nothing of the request was worked on
        if (request.reusedSocket && !isOver && isReset(error)) {
          request = begin(call)
          listen()
        } else settle(failureOfFault(error, origin, false))
      })
    }
    listen()
    return promise
  }

  return {
    send,
    /** Ends everything that is under way. Resolves when nothing is left of it. */
    abort: async (): Promise<void> => {
      for (const cancel of [...active]) cancel()
      await Promise.all([...requests].map((request) => new Promise((resolve) => request.once('close', resolve))))
    },
    close: (): void => {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}
const isReset = (error: Error): boolean => 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

/** The beginning of an answer that is an error. */
const readError = (response: IncomingMessage, onText: (text: string) => void): void => {
  const chunks: Buffer[] = []
  let length = 0
  const end = () => onText(Buffer.concat(chunks).toString('utf8'))
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxErrorBytes) end()
  })
  response.on('end', end).on('error', end)
}
