import { AppError } from '../lib/appError.ts'

/**
 * An address as a person types it → an origin with maybe a path and no last slash. No scheme means http.
 * @throws AppError ADDRESS_INVALID
 */
export const parseAddress = (typed: string): string => {
  const text = typed.trim()
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  const invalid = (why: string) => new AppError('ADDRESS_INVALID', `${why}: ${withoutUser(text).slice(0, 200)}`)
  if (url === null || url.hostname === '') throw invalid('This is not an address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid('Only http and https lead to a server')
  if (url.username !== '' || url.password !== '') throw invalid('User name and password do not belong into an address')
  if (url.search !== '' || url.hash !== '') throw invalid('An address has no ? and no #')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** What a key may be sent to: scheme, host and port. */
export const originOf = (address: string): string => new URL(address).origin

/** On this very machine, so that its paths are ours. */
export const isLoopback = (address: string): boolean => {
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname)
}

const withoutUser = (text: string): string => text.replace(/[^/]*@/, '')
