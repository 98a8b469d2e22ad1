import { expect, test } from 'vitest'
import { resolveOllamaAddress } from './ollamaAddress.ts'

test('the settings win over the environment, and the environment over the default', () => {
  expect(resolveOllamaAddress('http://box:1', 'other:2')).toEqual({ address: 'http://box:1', source: 'settings' })
  expect(resolveOllamaAddress(null, 'other:2')).toEqual({ address: 'http://other:2', source: 'environment' })
  expect(resolveOllamaAddress(' ', ' "" ')).toEqual({ address: 'http://127.0.0.1:11434', source: 'default' })
  expect(resolveOllamaAddress(undefined, undefined).source).toBe('default')
})

test.each([
  ['box', 'http://box:11434'],
  ['box:80', 'http://box'],
  ['box:1234', 'http://box:1234'],
  [':1234', 'http://127.0.0.1:1234'],
  ['http://box', 'http://box'],
  ['https://box', 'https://box'],
  ['HTTPS://Box:8443/', 'https://box:8443'],
  ['http://box:11434/ollama/', 'http://box:11434/ollama'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:1234', 'http://127.0.0.1:1234'],
  ['http://0.0.0.0:1234', 'http://127.0.0.1:1234'],
  ['::', 'http://[::1]:11434'],
  ['[::]:1234', 'http://[::1]:1234'],
  ['::1', 'http://[::1]:11434'],
  ['[fe80::1]:1234', 'http://[fe80::1]:1234'],
  ['  "127.0.0.1:1234" ', 'http://127.0.0.1:1234'],
  ["'box'", 'http://box:11434'],
  ['box:none', 'http://box:11434'],
  ['box:0', 'http://box:11434'],
  ['box:70000', 'http://box:11434'],
  ['me:secret@box', 'http://box:11434'],
  ['http://me:secret@box:1', 'http://box:1'],
])('OLLAMA_HOST=%s is %s', (host, address) => {
  expect(resolveOllamaAddress(null, host)).toEqual({ address, source: 'environment' })
})

test('a text that is no address stays as it is, so that the provider can say so', () => {
  expect(resolveOllamaAddress('http://bad host', null)).toEqual({ address: 'http://bad host', source: 'settings' })
})
