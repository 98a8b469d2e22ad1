import type { Access } from '../../shared/contract/base.ts'

/** The names by which this host may be called, exactly as a browser or a client writes them. */
export interface Place {
  readonly hosts: ReadonlySet<string>
  readonly origins: ReadonlySet<string>
}

export interface GateRequest {
  readonly method: string
  readonly target: string
  /** name, value, name, value … as they came, so that a repeated header is seen */
  readonly rawHeaders: readonly string[]
}

/** How a caller showed who it is: with the token, or from a browser with its cookie or a ticket paid with that cookie. */
export type Carrier = 'token' | 'cookie' | 'ticket'

export type Refusal = 'FORBIDDEN' | 'UNAUTHENTICATED'

/** A page elsewhere cannot send this header without a preflight, and no preflight is ever granted. */
const OWN_HEADER = 'x-berth'

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

const isLoopbackName = (name: string): boolean =>
  name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)

export const isLoopback = (hostname: string): boolean => isLoopbackName(hostname.toLowerCase())

/** `names`: further names and addresses of this machine when it listens beyond loopback. */
export const placeAt = (port: number, names: readonly string[] = []): Place => {
  const hosts = ['127.0.0.1', 'localhost', '::1', ...names].flatMap((name) => {
    const host = name.includes(':') ? `[${name}]` : name.toLowerCase()
    return port === 80 ? [host, `${host}:80`] : [`${host}:${port}`]
  })
  return { hosts: new Set(hosts), origins: new Set(hosts.map((host) => `http://${host}`)) }
}

export const valuesOf = (request: GateRequest, name: string): string[] => {
  const values: string[] = []
  for (let index = 0; index < request.rawHeaders.length; index += 2)
    if (request.rawHeaders[index]?.toLowerCase() === name) values.push(request.rawHeaders[index + 1] ?? '')
  return values
}

/** Where does it come from? Asked of every request, before anything else is read. */
export const refusePlace = (request: GateRequest, place: Place): 'FORBIDDEN' | null => {
  const [host, ...moreHosts] = valuesOf(request, 'host')
  const [origin, ...moreOrigins] = valuesOf(request, 'origin')
  if (!request.target.startsWith('/')) return 'FORBIDDEN'
  if (host === undefined || moreHosts.length > 0 || !place.hosts.has(host)) return 'FORBIDDEN'
  if (moreOrigins.length > 0 || (origin !== undefined && !place.origins.has(origin))) return 'FORBIDDEN'
  return comesFromElsewhere(request) && !isVisit(request) ? 'FORBIDDEN' : null
}

/** A link to Berth that somebody follows may come from anywhere: it shows a page of ours, in a tab of its own. */
const isVisit = (request: GateRequest): boolean =>
  isRead(request.method) &&
  valuesOf(request, 'sec-fetch-mode').join() === 'navigate' &&
  valuesOf(request, 'sec-fetch-dest').join() === 'document'

/** Another port of this machine is `same-site`, so the cookie would travel with its requests. */
const comesFromElsewhere = (request: GateRequest): boolean =>
  valuesOf(request, 'sec-fetch-site').some((site) => site !== 'same-origin' && site !== 'none')

/** May this caller do this? `carrier` is null when nobody showed anything valid. The place has been checked. */
export const refuseCaller = (request: GateRequest, access: Access, carrier: Carrier | null): Refusal | null => {
  if (access === 'public' && isRead(request.method)) return null
  if (carrier === null) return 'UNAUTHENTICATED'
  if (carrier === 'token') return null
  const fromOwnPage = valuesOf(request, 'origin').length === 1
  if (carrier === 'ticket') return fromOwnPage ? null : 'FORBIDDEN'
  const ownHeader = valuesOf(request, OWN_HEADER).join() === '1'
  if (!isRead(request.method)) return fromOwnPage && ownHeader ? null : 'FORBIDDEN'
  const sites = valuesOf(request, 'sec-fetch-site')
  const knownSite = sites.length > 0 && !comesFromElsewhere(request)
  return fromOwnPage || knownSite || ownHeader ? null : 'FORBIDDEN'
}
