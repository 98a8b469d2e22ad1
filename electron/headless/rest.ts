import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { isORPCErrorJson, mapEventIterator } from '@orpc/client'
import { OpenAPIHandler } from '@orpc/openapi/node'
import { type AnyRouter, ErrorEvent } from '@orpc/server'
import { isIterator, type ReportBug } from '../router/errorEdge.ts'
import { type CallContext, procedureHandling } from './procedureHandling.ts'
import { errorBody, sendJson } from './respond.ts'

export const REST_PREFIX = '/api/v1'

/** A comment this often, so that a proxy or a client with a time limit keeps a quiet stream open. */
const KEEP_ALIVE_MS = 10_000

/** The error that ends a stream has the same form as any other. oRPC has made it an event of its own form by now. */
const withErrorBodies = (stream: AsyncIterator<unknown, unknown, void>) =>
  mapEventIterator(stream, {
    value: async (value) => value,
    error: async (error) =>
      error instanceof ErrorEvent && isORPCErrorJson(error.data)
        ? new ErrorEvent({ data: errorBody(error.data), cause: error })
        : error,
  })

interface RestContext extends CallContext {
  readonly headersOnly: boolean
  readonly nodeResponse: ServerResponse
}

/** The router's procedures as REST. The gate has been passed and the body is parsed. */
export function createRest(router: AnyRouter, reportBug: ReportBug) {
  const handling = procedureHandling(reportBug)
  const handler = new OpenAPIHandler<RestContext>(router, {
    clientInterceptors: handling.clientInterceptors,
    interceptors: [
      ...handling.interceptors,
      async ({ next, context }) => {
        const result = await next()
        if (!result.matched || result.response.body === undefined) return result
        const { response } = result
        const { body, status } = response
        if (!isIterator(body)) {
          // oRPC asks first whether it is FormData, and with that name Node loads its whole HTTP client: 20 ms of a start.
          sendJson(context.nodeResponse, status, body)
          // else it would take a large answer, which is still on its way, for one that was not sent
          await finished(context.nodeResponse).catch(() => {}) // the client has gone
          return { matched: true, response: { ...response, body: undefined } }
        }
        if (!context.headersOnly) return { matched: true, response: { ...response, body: withErrorBodies(body) } }
        await body.return?.()
        const headers = { ...response.headers, 'content-type': 'text/event-stream' }
        return { matched: true, response: { ...response, headers, body: undefined } }
      },
    ],
    customErrorResponseBodyEncoder: errorBody,
    eventIteratorKeepAliveInterval: KEEP_ALIVE_MS,
  })

  /** Resolves when the answer is sent, a stream's end included. */
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    context: CallContext,
  ): Promise<void> => {
    const headersOnly = request.method === 'HEAD'
    if (headersOnly) request.method = 'GET'
    const parsed = body === undefined ? request : Object.assign(request, { body })
    await handler.handle(parsed, response, {
      prefix: REST_PREFIX,
      context: { ...context, headersOnly, nodeResponse: response },
    })
  }
}
