import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ContractError } from '../router/errorEdge.ts'

const pageRules = (host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')

/** What every answer carries, whatever it answers. `host` is a checked Host header. */
export const commonHeaders = (host: string | null, requestId: string): Record<string, string> => ({
  'content-security-policy': host === null ? "default-src 'none'; frame-ancestors 'none'" : pageRules(host),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'x-request-id': requestId,
})

/** The form of every error of this host. */
export const errorBody = ({ code, message, data }: { code: string; message: string; data: unknown }) => ({
  code,
  message,
  ...(typeof data === 'object' ? data : {}),
})

/** HTTP wants every 401 to name a way in. */
const wayIn = (status: number): Record<string, string> => (status === 401 ? { 'www-authenticate': 'Bearer' } : {})

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

export function sendHtml(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(html) })
  response.end(html)
}

export function sendError(response: ServerResponse, error: ContractError): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  for (const [name, value] of Object.entries(wayIn(error.status))) response.setHeader(name, value)
  sendJson(response, error.status, errorBody(error))
}

/** For a connection that has no response object: an upgrade, or bytes that are not HTTP. */
export function sendErrorOnSocket(
  socket: { writable: boolean; end: (text: string) => unknown; destroy: () => unknown },
  error: ContractError,
  status: number = error.status,
): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(errorBody(error))
  const headers = {
    ...commonHeaders(null, error.data.requestId),
    ...wayIn(status),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

export const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? 'unknown'
