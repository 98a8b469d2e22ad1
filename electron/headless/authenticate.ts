import type { IncomingMessage } from 'node:http'
import type { Caller, Callers } from './callers.ts'
import { type Carrier, valuesOf } from './gate.ts'
import type { LoginGuard } from './loginGuard.ts'
import { addressOf } from './respond.ts'

export interface Shown {
  readonly caller: Caller | null
  readonly carrier: Carrier | null
}

const nobody: Shown = { caller: null, carrier: null }

/** Cookies know no ports, so each Berth on a machine needs a name of its own. */
export const cookieNameAt = (port: number): string => `berth-${port}`

const bearerOf = (header: string): string => /^Bearer +(\S+)$/i.exec(header)?.[1] ?? ''

const cookiesOf = (headers: readonly string[], name: string): string[] =>
  headers
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))

/**
 * Who is it? A token counts in either header, and a wrong one is never forgiven for a good cookie beside it. Wrong tokens
 * are slowed down; a cookie of an earlier start is no attempt at anything.
 */
export async function authenticate(
  request: IncomingMessage,
  { callers, guard, cookieName }: { callers: Callers; guard: LoginGuard; cookieName: string },
): Promise<Shown> {
  const seen = { method: request.method ?? '', target: request.url ?? '', rawHeaders: request.rawHeaders }
  const tokens = [...valuesOf(seen, 'authorization').map(bearerOf), ...valuesOf(seen, 'x-api-key')]
  if (tokens.length > 0) {
    const address = addressOf(request)
    guard.admit(address)
    const found = tokens.map((token) => callers.byToken(token))
    const caller = found.every((one) => one !== null) ? (found[0] ?? null) : null
    if (caller !== null) return { caller, carrier: 'token' }
    await guard.failed(address)
    return nobody
  }
  for (const secret of cookiesOf(valuesOf(seen, 'cookie'), cookieName)) {
    const caller = callers.bySession(secret)
    if (caller !== null) return { caller, carrier: 'cookie' }
  }
  return nobody
}
