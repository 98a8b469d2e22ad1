import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Somebody who may use Berth: whoever holds the token, or one browser. */
export interface Caller {
  readonly kind: 'token' | 'session'
  /** aborts when its right ends: what it has open is closed then */
  readonly ended: AbortSignal
  /** what it has open now */
  readonly open: { waiting: number; streams: number; sockets: number }
}

const LINK_LIFE_MS = 10 * 60_000
const TICKET_LIFE_MS = 30_000
const SESSION_LIFE_MS = 30 * 24 * 60 * 60_000
/** of each kind; the oldest goes first */
const MOST = 100

export const newSecret = (): string => randomBytes(32).toString('base64url')

const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** Secrets that expire, kept only as their digests: looking one up by its digest tells a guesser nothing by its time. */
const createSecrets = <T>(now: () => number, lifeMs: number, onDrop: (value: T) => void = () => {}) => {
  const kept = new Map<string, { value: T; expiresAt: number }>()
  const drop = (key: string): void => {
    const entry = kept.get(key)
    if (entry !== undefined && kept.delete(key)) onDrop(entry.value)
  }
  const find = (key: string): T | null => {
    const entry = kept.get(key)
    if (entry === undefined) return null
    if (entry.expiresAt > now()) return entry.value
    drop(key)
    return null
  }
  return {
    add(value: T): string {
      for (const [key, entry] of kept) if (entry.expiresAt <= now() || kept.size >= MOST) drop(key)
      const secret = newSecret()
      kept.set(digest(secret), { value, expiresAt: now() + lifeMs })
      return secret
    },
    find: (secret: string): T | null => find(digest(secret)),
    /** Finds it, and it is used up. */
    take(secret: string): T | null {
      const key = digest(secret)
      const value = find(key)
      kept.delete(key)
      return value
    },
    removeWhere(matches: (value: T) => boolean): void {
      for (const [key, { value }] of kept) if (matches(value)) drop(key)
    },
  }
}

/** Who may call: the token, and what is exchanged for it – a link for a browser's session, a session for a socket's ticket. */
export function createCallers({ token, now }: { token: string; now: () => number }) {
  const tokenDigest = createHash('sha256').update(token).digest()
  const endings = new Map<Caller, AbortController>()
  const newCaller = (kind: Caller['kind']): Caller => {
    const ending = new AbortController()
    const caller: Caller = { kind, ended: ending.signal, open: { waiting: 0, streams: 0, sockets: 0 } }
    endings.set(caller, ending)
    return caller
  }
  const finish = (caller: Caller): void => {
    endings.get(caller)?.abort()
    endings.delete(caller)
  }
  const holder = newCaller('token')
  const links = createSecrets<true>(now, LINK_LIFE_MS)
  const sessions = createSecrets<Caller>(now, SESSION_LIFE_MS, finish)
  const tickets = createSecrets<Caller>(now, TICKET_LIFE_MS)

  return {
    byToken: (presented: string): Caller | null =>
      timingSafeEqual(createHash('sha256').update(presented).digest(), tokenDigest) ? holder : null,
    bySession: (secret: string): Caller | null => sessions.find(secret),
    /** A secret to open Berth with in a browser, once, within ten minutes. */
    newLink: (): string => links.add(true),
    /** The cookie's secret for a link's, or null when the link is unknown, used or late. */
    openLink: (secret: string): string | null =>
      links.take(secret) === null ? null : sessions.add(newCaller('session')),
    /** A secret to open a socket with, once, within thirty seconds. */
    newTicket: (caller: Caller): string => tickets.add(caller),
    byTicket(secret: string): Caller | null {
      const caller = tickets.take(secret)
      return caller === null || caller.ended.aborted ? null : caller
    },
    /** A browser signs off, or the token's holder signs off all browsers; what they have open is closed. */
    endSessions: (by: Caller): void => sessions.removeWhere((caller) => by === holder || caller === by),
    endAll(): void {
      for (const caller of [...endings.keys()]) finish(caller)
    },
  }
}
export type Callers = ReturnType<typeof createCallers>
