import type { FoundProvider } from '../../../shared/contract/providers.ts'
import type { ConnectedKind } from '../kinds.ts'
import { parseAddress, serverOf, withoutVersion } from '../providerAddress.ts'

/** An address at which a server might be. */
export interface Candidate {
  readonly address: string
  /** what names it, for people; null: only its port made us look there */
  readonly namedBy: string | null
  /** what it should be by that */
  readonly kind: ConnectedKind | null
}

export type DefaultPorts = Readonly<Partial<Record<ConnectedKind, readonly number[]>>>

/** The first is where a new one listens. LiteLLM is an OpenAI-style one. */
export const defaultPorts: DefaultPorts = {
  ollama: [11434],
  lmstudio: [1234],
  'llama-server': [8080, 9931],
  'llama-swap': [8080],
  lemonade: [13305],
  vllm: [8000],
  openai: [4000],
}

/** Every default port of one host. */
export const atDefaultPorts = (host: string, ports: DefaultPorts): Candidate[] =>
  [...new Set(Object.values(ports).flat())].flatMap((port) => {
    const address = addressOf(`http://${host}:${port}`)
    return address === null ? [] : { address, namedBy: null, kind: null }
  })

/**
 * Null where a text is no address. `localhost` may mean [::1] first, where most servers do not listen: it is written as
 * 127.0.0.1.
 */
export const addressOf = (text: string): string | null => {
  try {
    return parseAddress(text).replace(/^(https?:\/\/)localhost(?=[:/]|$)/, '$1127.0.0.1')
  } catch {
    return null // what other programs are set to is not the person's mistake here
  }
}

/** Each is asked once: the first of equal addresses, with everything that names it. */
export const unique = (candidates: readonly Candidate[]): Candidate[] => {
  const byKey = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const key = withoutVersion(candidate.address)
    const known = byKey.get(key)
    const names = [known?.namedBy, candidate.namedBy].filter((name) => name !== null && name !== undefined)
    byKey.set(key, {
      address: known?.address ?? candidate.address,
      kind: known?.kind ?? candidate.kind,
      namedBy: names.length === 0 ? null : [...new Set(names)].join(', '),
    })
  }
  return [...byKey.values()]
}

/** The first of what is one server by `serverOf`. */
export const oncePerServer = (found: readonly FoundProvider[]): FoundProvider[] => {
  const byKey = new Map<string, FoundProvider>()
  for (const each of found) {
    const key = `${each.kind} ${serverOf(each.address)}`
    if (!byKey.has(key)) byKey.set(key, each)
  }
  return [...byKey.values()]
}
