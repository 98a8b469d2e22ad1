import { expect, it } from 'vitest'
import type { FoundProvider } from '../../shared/contract/providers.ts'
import { foundWords, stillOffered } from './foundProviders.ts'
import { aProvider } from './testMirror.ts'

const found = (kind: FoundProvider['kind'], address: string): FoundProvider => ({
  kind,
  name: kind,
  address,
  seenBy: 'answers on its default port',
  state: 'running',
  version: null,
  advice: null,
  keyVariable: null,
})

it('does not offer again what was connected since the search', () => {
  const address = 'http://127.0.0.1:11434'
  const both = [found('ollama', address), found('vllm', 'http://127.0.0.1:8000')]
  expect(stillOffered(both, [aProvider('ollama', { address })]).map(({ kind }) => kind)).toEqual(['vllm'])
  // the same address may hold another kind
  expect(stillOffered(both, [aProvider('x', { kind: 'openai', address })])).toEqual(both)
})

it('does not call a service an answering server that nobody asked', () => {
  const service = { ...found('openrouter', 'https://openrouter.ai/api/v1'), seenBy: 'OPENROUTER_API_KEY' }
  expect(foundWords(service).word).toBe('answers')
  expect(foundWords({ ...service, advice: 'It was not asked yet.' })).toEqual({
    tone: 'unloaded',
    word: 'not asked',
    text: 'OPENROUTER_API_KEY. It was not asked yet.',
  })
  expect(foundWords({ ...service, state: 'stopped', advice: 'Start it.' })).toMatchObject({
    word: 'stopped',
    text: 'Start it.',
  })
})
