import { expect, test } from 'vitest'
import { emptyForm, parseParameters, requestOf } from './createForm.ts'

test('lines of a Modelfile become values, a name that stands twice a list', () => {
  const text = 'num_ctx 8192\nPARAMETER temperature 0.7\n\nstop "<|end|>"\nSTOP User:\nuse_mmap true'
  expect(parseParameters(text)).toEqual({
    parameters: { num_ctx: 8192, temperature: 0.7, stop: ['<|end|>', 'User:'], use_mmap: true },
  })
})

test('a line that is no parameter is named', () => {
  expect(parseParameters('num_ctx 1\nnonsense')).toEqual({ wrong: 'nonsense' })
  expect(requestOf({ ...emptyForm, parameters: '=' }, 'ollama')).toBeNull()
})

test('only what was filled in is sent', () => {
  expect(requestOf({ ...emptyForm, source: ' /m/a.gguf ', name: 'mine:q4' }, 'ollama')).toEqual({
    model: 'ollama/mine:q4',
    source: { from: 'file', path: '/m/a.gguf' },
  })
  expect(
    requestOf({ ...emptyForm, from: 'model', source: 'a', name: 'b', system: 'Be brief.', quantization: 'q8_0' }, 'o'),
  ).toEqual({ model: 'o/b', source: { from: 'model', key: 'a' }, system: 'Be brief.', quantization: 'q8_0' })
})
