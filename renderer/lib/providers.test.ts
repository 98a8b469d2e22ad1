import { expect, it } from 'vitest'
import type { ProviderStatus } from '../../shared/contract/providers.ts'
import { answering, keyWords, providerWords } from './providers.ts'
import { aProvider } from './testMirror.ts'

const provider = (status: ProviderStatus) => aProvider('ollama', { status })
const up = provider({ state: 'reachable', version: '0.9.1', latencyMs: 0.4, checkedAt: 0 })
const down = provider({
  state: 'unreachable',
  code: 'PROVIDER_UNREACHABLE',
  reason: 'Nothing listens there.',
  advice: 'Start it.',
  checkedAt: 0,
  nextAttemptAt: 24_000,
})
const off = provider({ state: 'off' })

it('says why a provider is down and when it is asked again', () => {
  expect(providerWords(down, 0)).toMatchObject({
    tone: 'failed',
    text: 'Nothing listens there.',
    failure: { code: 'PROVIDER_UNREACHABLE', advice: 'Start it. Next attempt in 24 s.' },
  })
  expect(providerWords(up, 0).text).toBe('version 0.9.1, answers in 1 ms')
})

it('does not count a provider that is switched off', () => {
  expect(answering([up, down, off])).toEqual({ reachable: 1, asked: 2 })
})

it('says of a key how it is kept, and asks for one that cannot be used', () => {
  expect(keyWords({ state: 'stored', protection: 'memory' })).toMatchObject({ missing: false })
  expect(keyWords({ state: 'environment', variable: 'OPENAI_API_KEY' }).text).toContain('OPENAI_API_KEY')
  expect(keyWords({ state: 'locked' }).missing).toBe(true)
  expect(keyWords({ state: 'lost', reason: 'The key store changed.' })).toEqual({
    text: 'The key store changed. Enter the key again.',
    missing: true,
  })
})
