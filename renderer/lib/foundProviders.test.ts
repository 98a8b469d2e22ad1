import { expect, it } from 'vitest'
import type { FoundProvider } from '../../shared/contract/providers.ts'
import { stillOffered } from './foundProviders.ts'
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
