import { AppError } from '../lib/appError.ts'

/**
 * An address as a person types it → an origin with maybe a path and no last slash. No scheme means http.
 * @throws AppError ADDRESS_INVALID
 */
export const parseAddress = (typed: string): string => {
  const text = typed.trim()
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  const invalid = (why: string) => new AppError('ADDRESS_INVALID', `${why}: ${withoutSecrets(text).slice(0, 200)}`)
  if (url === null || url.hostname === '') throw invalid('This is not an address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid('Only http and https lead to a server')
  if (url.username !== '' || url.password !== '') throw invalid('User name and password do not belong into an address')
  if (url.search !== '' || url.hash !== '') throw invalid('An address has no ? and no #')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** What a key may be sent to: scheme, host and port. */
export const originOf = (address: string): string => new URL(address).origin

/** On this very machine, so that its paths are ours. What is no address is not here. */
export const isLoopback = (address: string): boolean => {
  const hostname = URL.parse(address)?.hostname ?? ''
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname)
}

/** Below it lie the routes of every kind: an address without the `/v1` that OpenAI's clients want at its end. */
export const withoutVersion = (address: string): string => address.replace(/(\/api)?\/v\d+$/, '')

/**
 * Equal where two addresses lead to one server: localhost, 127.0.0.1 and [::1] are this machine, and `/v1` is a part of
 * the server.
 */
export const serverOf = (address: string): string => {
  const url = new URL(withoutVersion(address))
  if (url.hostname === 'localhost' || url.hostname === '[::1]') url.hostname = '127.0.0.1'
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** User name, password and query may be secrets, also where the rest is no address. */
const withoutSecrets = (text: string): string =>
  text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1').replace(/[?#].*/s, '…')
