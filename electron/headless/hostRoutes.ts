import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OpenAPI } from '@orpc/contract'
import type { AnyRouter } from '@orpc/server'
import { AppError } from '../lib/appError.ts'
import type { Caller, Callers } from './callers.ts'
import type { LoginGuard } from './loginGuard.ts'
import { addressOf, sendHtml, sendJson } from './respond.ts'
import { REST_PREFIX } from './rest.ts'
import type { Route } from './routeTable.ts'
import type { Turn } from './turn.ts'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly query: URLSearchParams
  /** null on a public address */
  readonly caller: Caller | null
  readonly turn: Turn
  /** the parsed JSON, undefined without a body */
  readonly body: unknown
}
export type Serve = (exchange: Exchange) => Promise<void> | void

export interface HostRouteDeps {
  readonly router: AnyRouter
  readonly version: string
  readonly callers: Callers
  readonly guard: LoginGuard
  readonly cookieName: string
  readonly link: () => string
}

const lateLink = 'This link is unknown, used or older than ten minutes.'
const newLink = { advice: 'Press Enter where Berth runs for a new one, or start it again.' }

const callerOf = ({ caller }: Exchange): Caller => {
  if (caller === null) throw new AppError('UNAUTHENTICATED')
  return caller
}

/** What only this host has: the ways in, and the description of its API. */
export function hostRoutes(deps: HostRouteDeps): Route<Serve>[] {
  const { callers, guard, cookieName } = deps
  let document: Promise<OpenAPI.Document> | undefined
  const apiDocument = (): Promise<OpenAPI.Document> => {
    document ??= import('./openapi.ts').then(({ describeApi }) => describeApi(deps.router, deps.version))
    return document
  }

  const open: Serve = async ({ request, response, query }) => {
    const address = addressOf(request)
    guard.admit(address)
    // asking for the headers only, as a preview of the link does, must not use it up
    const session = request.method === 'GET' ? callers.openLink(query.get('token') ?? '') : null
    if (session !== null)
      response.setHeader('set-cookie', `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`)
    else {
      await guard.failed(address)
      // a person is shown the window: it works if the browser is signed in already, and else says what to do
      if (!(request.headers.accept ?? '').includes('text/html'))
        throw new AppError('UNAUTHENTICATED', lateLink, newLink)
    }
    response.writeHead(303, { location: '/' }).end()
  }

  const routes: Route<Serve>[] = [
    { method: 'GET', path: '/open', access: 'public', serve: open },
    {
      method: 'POST',
      path: '/api/session/ticket',
      access: 'user',
      serve: (exchange) => sendJson(exchange.response, 200, { ticket: callers.newTicket(callerOf(exchange)) }),
    },
    {
      method: 'POST',
      path: '/api/session/link',
      access: 'user',
      serve: ({ response }) => sendJson(response, 200, { link: deps.link() }),
    },
    {
      method: 'DELETE',
      path: '/api/session',
      access: 'user',
      serve(exchange) {
        sendJson(exchange.response, 200, { ended: true })
        exchange.response.once('close', () => callers.endSessions(callerOf(exchange)))
      },
    },
    {
      method: 'GET',
      path: `${REST_PREFIX}/openapi.json`,
      access: 'public',
      serve: async ({ response }) => sendJson(response, 200, await apiDocument()),
    },
    {
      method: 'GET',
      path: `${REST_PREFIX}/docs`,
      access: 'public',
      async serve({ response }) {
        const { renderDocs } = await import('./docsPage.ts')
        sendHtml(response, 200, renderDocs(await apiDocument()))
      },
    },
  ]
  return routes
}
