import { isIPv6 } from 'node:net'

export type OllamaAddress = { readonly address: string; readonly source: 'settings' | 'environment' | 'default' }

/**
 * Where Ollama is: what the settings say, else OLLAMA_HOST, else its default on this machine. A text that is no address
 * comes back as it is: the provider then says that it cannot be used, which is better than quietly asking elsewhere.
 */
export const resolveOllamaAddress = (
  setting: string | null | undefined,
  ollamaHost: string | null | undefined,
): OllamaAddress => {
  const typed = unquoted(setting)
  if (typed !== '') return { address: toAddress(typed), source: 'settings' }
  const host = unquoted(ollamaHost)
  if (host !== '') return { address: toAddress(host), source: 'environment' }
  return { address: 'http://127.0.0.1:11434', source: 'default' }
}

const unquoted = (text: string | null | undefined): string =>
  (text ?? '')
    .trim()
    .replace(/^["']+|["']+$/g, '')
    .trim()

/**
 * `[scheme://][host][:port][/path]` as Ollama itself reads OLLAMA_HOST (envconfig/config.go): no scheme means http and
 * port 11434, a scheme without a port means the scheme's own port, a port that is none means that default.
 */
const toAddress = (text: string): string => {
  const [, scheme = 'http', rest = ''] = /^(?:([a-z][a-z\d+.-]*):\/\/)?(.*)$/is.exec(text) ?? []
  const slash = rest.indexOf('/')
  // Ollama has no passwords, and an address is shown: what stands before @ is left out
  const hostPort = (slash === -1 ? rest : rest.slice(0, slash)).replace(/^.*@/, '')
  const path = slash === -1 ? '' : rest.slice(slash).replace(/\/+$/, '')
  const { host, port } = splitPort(hostPort)
  const defaultPort = !text.includes('://') ? '11434' : scheme.toLowerCase() === 'https' ? '443' : '80'
  const url = URL.parse(`${scheme.toLowerCase()}://${reachable(host)}:${isPort(port) ? port : defaultPort}${path}`)
  return url === null ? text : `${url.protocol}//${url.host}${path}`
}

const splitPort = (hostPort: string): { host: string; port: string } => {
  if (isIPv6(hostPort)) return { host: hostPort, port: '' }
  const [, host = hostPort, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(hostPort) ?? []
  return { host: host.replace(/^\[|\]$/g, ''), port }
}

const isPort = (port: string): boolean => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535

/** A server binds to "all addresses"; a client can only call one. */
const reachable = (host: string): string => {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1'
  if (!isIPv6(host)) return host
  return /^[0:]+$/.test(host) ? '[::1]' : `[${host}]`
}
