import { isIP } from 'node:net'

/**
 * What may stand between an address and `/models`, the likeliest first: people give `https://api.openai.com/v1` as often as
 * `http://127.0.0.1:4000`, and some gateways have both or only the one without.
 */
export const prefixesFor = (address: string): readonly string[] =>
  /\/v\d+(beta\d*|alpha\d*)?(\/openai)?$/i.test(new URL(address).pathname) ? ['', '/v1'] : ['/v1', '']

const privateIps =
  /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/
const privateNames = /(^|\.)(localhost|local|lan|home|internal|intranet|home\.arpa|ts\.net)$/

/** Out on the internet, where a model is seldom free; not on this machine or a network of one's own. */
export const isPublic = (address: string): boolean => {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '')
  const version = isIP(host)
  if (version === 4) return !privateIps.test(host)
  if (version === 6) return !/^(::1$|f[cd]|fe[89ab])/i.test(host)
  return host.includes('.') && !privateNames.test(host)
}
