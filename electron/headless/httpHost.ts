import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnyRouter } from '@orpc/server'
import { AppError, errnoOf } from '../lib/appError.ts'
import { type ReportBug, toContractError } from '../router/errorEdge.ts'
import { authenticate, cookieNameAt } from './authenticate.ts'
import { createCallers } from './callers.ts'
import { type GateRequest, isRead, refuseCaller, refusePlace } from './gate.ts'
import { hostRoutes, type Serve } from './hostRoutes.ts'
import { type ListenOptions, listen } from './listen.ts'
import { createLoginGuard } from './loginGuard.ts'
import { readJsonBody } from './requestBody.ts'
import { commonHeaders, sendError, sendErrorOnSocket } from './respond.ts'
import { createRest, REST_PREFIX } from './rest.ts'
import { createRouteTable, listProcedures, type Route } from './routeTable.ts'
import { sendStaticFile } from './sendStaticFile.ts'
import type { Sockets } from './sockets.ts'
import { createTurn } from './turn.ts'

// An import would read every export of node:http, and one of them loads Node's whole fetch: 15 ms of each start.
const { createServer } = process.getBuiltinModule('node:http')

export interface HttpHostDeps extends ListenOptions {
  readonly router: AnyRouter
  readonly token: string
  /** the built user interface */
  readonly uiDir: string
  readonly version: string
  readonly reportBug: ReportBug
  readonly now: () => number
}

export interface HttpHost {
  readonly port: number
  /** `http://127.0.0.1:PORT`, without a slash at its end */
  readonly address: string
  /** A new link that lets one browser in, once, within ten minutes. */
  link(): string
  close(): Promise<void>
}

const MOST_HEADER_BYTES = 16 * 1024
const GOODBYE_MS = 2000

/** Serves the router and the user interface over HTTP and WebSocket, to whoever passes the gate. */
export async function createHttpHost(deps: HttpHostDeps): Promise<HttpHost> {
  const server = createServer({
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    connectionsCheckingInterval: 2000,
    // a missing Host is answered by the gate, like any other wrong one
    requireHostHeader: false,
  })
  const { port, place, address } = await listen(server, deps)
  const { reportBug, router } = deps

  const callers = createCallers(deps)
  const guard = createLoginGuard(deps)
  const cookieName = cookieNameAt(port)
  const knownBy = { callers, guard, cookieName }
  const link = (): string => `${address}/open?token=${callers.newLink()}`
  const routes = createRouteTable<Serve>([
    ...hostRoutes({ ...deps, ...knownBy, link }),
    ...restRoutes(router, reportBug),
  ])
  const isStatic = (path: string): boolean => routes.allowedAt(path).length === 0 && !/^\/api(\/|$)/.test(path)

  const answer = async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> => {
    const { seen, path, query } = pastPlace(request)
    for (const [name, value] of Object.entries(commonHeaders(request.headers.host ?? null, requestId)))
      response.setHeader(name, value)
    const allowed = isStatic(path) ? ['GET', 'HEAD', 'OPTIONS'] : routes.allowedAt(path)
    if (allowed.length > 0 && !allowed.includes(seen.method)) response.setHeader('allow', allowed.join(', '))
    if (seen.method === 'OPTIONS' && allowed.length > 0)
      return void response.writeHead(204, { allow: allowed.join(', ') }).end()
    if (isStatic(path)) {
      if (!isRead(seen.method)) throw new AppError('METHOD_NOT_ALLOWED')
      return sendStaticFile(response, deps.uiDir, path, seen.method === 'GET')
    }
    const route = routes.find(seen.method, path)
    const isOpen = route.access === 'public' && isRead(seen.method)
    const { caller, carrier } = isOpen ? { caller: null, carrier: null } : await authenticate(request, knownBy)
    const refusal = refuseCaller(seen, route.access, carrier)
    if (refusal !== null) throw new AppError(refusal)

    const turn = createTurn(caller)
    const cut = (): void => void response.destroy()
    caller?.ended.addEventListener('abort', cut)
    response.once('close', () => {
      turn.leave()
      caller?.ended.removeEventListener('abort', cut)
    })
    turn.wait()
    const body = isRead(seen.method) ? undefined : await readJsonBody(request, () => continueIfAsked(request, response))
    await route.serve({ request, response, requestId, query, caller, turn, body })
  }

  const pastPlace = (request: IncomingMessage): { seen: GateRequest; path: string; query: URLSearchParams } => {
    const seen = { method: request.method ?? '', target: request.url ?? '', rawHeaders: request.rawHeaders }
    if (refusePlace(seen, place) !== null) throw new AppError('FORBIDDEN')
    return { seen, ...splitTarget(seen.target) }
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = randomUUID()
    answer(request, response, requestId).catch((error: unknown) => {
      for (const [name, value] of Object.entries(commonHeaders(null, requestId)))
        if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, value)
      sendError(response, toContractError(error, requestId, reportBug))
    })
  }

  let sockets: Promise<Sockets> | undefined
  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const { seen, path, query } = pastPlace(request)
    if (path !== '/rpc') throw new AppError('NOT_FOUND')
    const caller = callers.byTicket(query.get('ticket') ?? '')
    const refusal = refuseCaller(seen, 'user', caller === null ? null : caller.kind === 'token' ? 'token' : 'ticket')
    if (refusal !== null || caller === null) throw new AppError(refusal ?? 'UNAUTHENTICATED')
    sockets ??= import('./sockets.ts').then(({ createSockets }) => createSockets(router, reportBug))
    ;(await sockets).accept(request, socket, head, caller)
  }

  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const requestId = randomUUID()
    const onError = (): void => void socket.destroy()
    socket.on('error', onError)
    onUpgrade(request, socket, head)
      .catch((error: unknown) => sendErrorOnSocket(socket, toContractError(error, requestId, reportBug)))
      .finally(() => socket.off('error', onError))
  })
  server.on('clientError', (error, socket) => answerBadBytes(error, socket, reportBug))

  return {
    port,
    address,
    link,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await (await sockets)?.close()
      callers.endAll()
      const timer = setTimeout(() => server.closeAllConnections(), GOODBYE_MS)
      server.closeIdleConnections()
      await closed
      clearTimeout(timer)
    },
  }
}

function restRoutes(router: AnyRouter, reportBug: ReportBug): Route<Serve>[] {
  const answer = createRest(router, reportBug)
  return listProcedures(router).map(({ name, method, path, access }) => {
    if (access === undefined) throw new Error(`The procedure ${name} does not say who may call it.`)
    const serve: Serve = ({ request, response, body, query, requestId, turn }) => {
      // HTTP gives the body of a DELETE no meaning, and some programs cannot send one
      const input = method === 'DELETE' && query.size > 0 ? (body ?? Object.fromEntries(query)) : body
      return answer(request, response, input, { requestId, turn })
    }
    return { method, path: `${REST_PREFIX}${path}`, access, serve }
  })
}

function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const [path = '', ...rest] = target.split('?')
  const query = rest.join('?')
  try {
    decodeURIComponent(query)
  } catch (error) {
    throw new AppError('INVALID_INPUT', 'The address is not percent-encoded UTF-8.', { cause: error })
  }
  return { path, query: new URLSearchParams(query) }
}

const continueIfAsked = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.headers.expect !== undefined) response.writeContinue()
}

/** What Node's parser refuses never becomes a request. */
function answerBadBytes(error: Error, socket: Duplex, reportBug: ReportBug): void {
  const code = errnoOf(error)
  const refuse = (refusal: AppError, status?: number): void =>
    sendErrorOnSocket(socket, toContractError(refusal, randomUUID(), reportBug), status)
  if (code === 'ECONNRESET') socket.destroy()
  else if (code === 'HPE_HEADER_OVERFLOW') refuse(new AppError('HEADERS_TOO_LARGE'))
  else if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    refuse(new AppError('INVALID_INPUT', 'The request did not arrive in time.'), 408)
  else refuse(new AppError('INVALID_INPUT', 'This is not an HTTP/1.1 request.'), 400)
}
