import { isIPv6 } from 'node:net'
import type { FoundProvider } from '../../../shared/contract/providers.ts'
import { kindLabel, providerKinds } from '../../../shared/providerKinds.ts'
import type { ConnectedKind } from '../kinds.ts'
import { resolveOllamaAddress } from '../ollama/ollamaAddress.ts'
import { isLoopback } from '../providerAddress.ts'
import { addressOf, type Candidate, type DefaultPorts } from './candidates.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const textOf = (env: Environment, name: string): string => env[name]?.trim() ?? ''
export const isSet = (env: Environment, name: string): boolean => textOf(env, name) !== ''

/** Addresses that variables of this process name. */
export const namedAddresses = (env: Environment, ports: DefaultPorts): Candidate[] => [
  ...ollama(env),
  ...lemonade(env, ports),
  ...llamaServer(env, ports),
  ...openAi(env).filter(({ address }) => isLoopback(address)),
]

const named = (kind: ConnectedKind, namedBy: string, text: string): Candidate[] => {
  const address = addressOf(text)
  return address === null ? [] : [{ address, namedBy, kind }]
}

const ollama = (env: Environment): Candidate[] => {
  const { address, source } = resolveOllamaAddress(null, env.OLLAMA_HOST)
  return source === 'environment' ? named('ollama', 'OLLAMA_HOST', address) : []
}

const lemonade = (env: Environment, ports: DefaultPorts): Candidate[] => {
  const names = ['LEMONADE_HOST', 'LEMONADE_PORT'].filter((name) => isSet(env, name))
  const port = portOf(textOf(env, 'LEMONADE_PORT')) ?? ports.lemonade?.[0] ?? 13305
  if (names.length === 0) return []
  return named('lemonade', names.join(' and '), `http://${reachable(textOf(env, 'LEMONADE_HOST'))}:${port}`)
}

/** Its own options; the port has changed between its versions, so without one both are looked at. */
const llamaServer = (env: Environment, ports: DefaultPorts): Candidate[] => {
  const names = ['LLAMA_ARG_HOST', 'LLAMA_ARG_PORT'].filter((name) => isSet(env, name))
  const port = portOf(textOf(env, 'LLAMA_ARG_PORT'))
  const hosts = textOf(env, 'LLAMA_ARG_HOST').split(',', mostHosts)
  if (names.length === 0) return []
  return hosts
    .map((host) => host.trim())
    .filter((host) => !host.endsWith('.sock'))
    .flatMap((host) =>
      (port === null ? (ports['llama-server'] ?? []) : [port]).flatMap((each) =>
        named('llama-server', names.join(' and '), `http://${reachable(host)}:${each}`),
      ),
    )
}
const mostHosts = 8

const openAi = (env: Environment): Candidate[] =>
  isSet(env, 'OPENAI_BASE_URL') ? named('openai', 'OPENAI_BASE_URL', textOf(env, 'OPENAI_BASE_URL')) : []

const portOf = (text: string): number | null =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? Number(text) : null

/** A server binds to "all addresses"; a client can only call one. */
const reachable = (host: string): string => {
  if (['', '*', '0.0.0.0', '::', '[::]'].includes(host)) return '127.0.0.1'
  return isIPv6(host) ? `[${host}]` : host
}

/**
 * Services elsewhere whose key or address a variable holds. They are offered without being asked: nothing leaves this
 * machine before a person connects them. A key goes with the address that is set beside it, never to another one.
 */
export const namedServices = (env: Environment): FoundProvider[] => {
  const elsewhere = openAi(env).filter(({ address }) => !isLoopback(address))
  const keyVariable = isSet(env, 'OPENAI_API_KEY') ? 'OPENAI_API_KEY' : null
  const openRouter = providerKinds.openrouter.address
  return [
    ...(isSet(env, 'OPENROUTER_API_KEY') && openRouter !== null
      ? [service('openrouter', kindLabel('openrouter'), openRouter, 'OPENROUTER_API_KEY', 'OPENROUTER_API_KEY')]
      : []),
    ...elsewhere.map(({ address }) =>
      service('openai', new URL(address).host, address, 'OPENAI_BASE_URL', keyVariable),
    ),
    ...(keyVariable !== null && !isSet(env, 'OPENAI_BASE_URL')
      ? [service('openai', 'OpenAI', 'https://api.openai.com/v1', keyVariable, keyVariable)]
      : []),
  ]
}

const service = (
  kind: ConnectedKind,
  name: string,
  address: string,
  seenBy: string,
  keyVariable: string | null,
): FoundProvider => ({
  kind,
  name,
  address,
  seenBy,
  state: 'running',
  version: null,
  advice: 'It was not asked yet: nothing is sent to it before you connect it.',
  keyVariable,
})
