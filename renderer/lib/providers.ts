import type { KeyState, Provider, ProviderKind } from '../../shared/contract/providers.ts'
import type { Tone } from '../components/StateBadge.tsx'
import type { Failure } from './failure.ts'
import { nextAttempt } from './format.ts'

/** Every kind that a person connects; the embedded engine is part of Berth. */
export type ConnectedKind = Exclude<ProviderKind, 'embedded'>

export type ProviderWords = {
  readonly tone: Tone
  readonly word: string
  /** why it is so, or what it is; never empty */
  readonly text: string
  /** null while nothing is wrong */
  readonly failure: Failure | null
}

/** Where a server answers, only not as it should. */
const faultWords: Readonly<Record<string, string>> = {
  PROVIDER_KEY_REJECTED: 'key refused',
  PROVIDER_NO_CREDIT: 'no credit',
  PROVIDER_RATE_LIMITED: 'rate limited',
  PROVIDER_BUSY: 'busy',
  PROVIDER_WRONG_KIND: 'another kind',
  PROVIDER_TOO_OLD: 'too old',
  PROVIDER_BAD_ANSWER: 'bad answer',
  PROVIDER_ERROR: 'answers errors',
}

/** How a provider is, in words for the status list and for Settings. */
export const providerWords = ({ kind, status }: Provider, now: number): ProviderWords => {
  switch (status.state) {
    case 'checking':
      return { tone: 'loading', word: 'checking', text: 'No answer yet.', failure: null }
    case 'off':
      return { tone: 'unloaded', word: 'off', text: 'Switched off.', failure: null }
    case 'unreachable': {
      const { code, reason, advice } = status
      const next = nextAttempt(status.nextAttemptAt, now)
      const failure = { code, message: reason, advice: `${advice} ${next}`.trim(), requestId: null }
      return { tone: 'failed', word: faultWords[code] ?? 'not reachable', text: reason, failure }
    }
    case 'reachable': {
      const version = status.version === null ? [] : [`version ${status.version}`]
      const latency = status.latencyMs === null ? [] : [`answers in ${Math.max(1, Math.round(status.latencyMs))} ms`]
      const facts = kind === 'embedded' ? [...version, 'part of Berth'] : [...version, ...latency]
      return { tone: 'loaded', word: 'reachable', text: facts.join(', ') || 'It answers.', failure: null }
    }
  }
}

/** How its key is kept, in one sentence that never holds the key. */
export const keyWords = (key: KeyState): { readonly text: string; readonly missing: boolean } => {
  switch (key.state) {
    case 'none':
      return { text: 'No key is stored.', missing: false }
    case 'stored':
      return { text: protectionWords[key.protection], missing: false }
    case 'environment':
      return { text: `Read from ${key.variable} in the environment each time it is needed.`, missing: false }
    case 'locked':
      return { text: 'A key is stored and locked. Unlock it with the passphrase to use it.', missing: true }
    case 'lost':
      return { text: `${key.reason} Enter the key again.`, missing: true }
  }
}

const protectionWords = {
  os: 'Stored in the key store of the operating system.',
  passphrase: 'Stored, encrypted under your passphrase.',
  memory: 'Kept in memory until Berth ends; nothing is written to the disk.',
} as const

/** `off` ones are left out: nobody waits for them. */
export const answering = (providers: readonly Provider[]): { readonly reachable: number; readonly asked: number } => {
  const asked = providers.filter(({ status }) => status.state !== 'off')
  return { reachable: asked.filter(({ status }) => status.state === 'reachable').length, asked: asked.length }
}
