import { expect, test } from 'vitest'
import { errorTextOf } from '../../lib/httpFaults.ts'
import { outcomeOf } from '../guard/breaker.ts'
import { openAiFault } from './openAiFault.ts'

const fault = (status: number, answer: unknown, wait: number | null = null) =>
  openAiFault('The server')(status, errorTextOf(answer) ?? JSON.stringify(answer) ?? '', { answer, wait })
const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

test.each([
  [400, error("The model 'x' does not exist"), 'MODEL_NOT_FOUND'],
  [404, error('no', { code: 'model_not_found' }), 'MODEL_NOT_FOUND'],
  [404, error('no router for requested model'), 'MODEL_NOT_FOUND'],
  [400, error('Invalid model name passed in model=x. Call `/v1/models`'), 'MODEL_NOT_FOUND'],
  [400, error('model is not found'), 'MODEL_NOT_FOUND'],
  [400, error('model is not loaded'), 'PROVIDER_ERROR'],
  [404, error('File Not Found'), 'PROVIDER_ERROR'],
  [404, { detail: 'Not Found' }, 'PROVIDER_ERROR'],
  [400, error('too long', { type: 'exceed_context_size_error' }), 'PROVIDER_ERROR'],
  [500, error('tensor not found'), 'PROVIDER_ERROR'],
  [403, error('Invalid API key'), 'PROVIDER_KEY_REJECTED'],
  [403, error('not in your country'), 'PROVIDER_ERROR'],
  [401, null, 'PROVIDER_KEY_REJECTED'],
  [429, error('You exceeded your quota', { code: 'insufficient_quota' }), 'PROVIDER_NO_CREDIT'],
  [501, error('This server does not support embeddings'), 'VERB_NOT_SUPPORTED'],
  [529, error('overloaded'), 'PROVIDER_BUSY'],
  [200, error('later', { code: 429 }), 'PROVIDER_RATE_LIMITED'],
  [200, error('later', { type: 'rate_limit_error' }), 'PROVIDER_RATE_LIMITED'],
  [200, error('who', { code: '401' }), 'PROVIDER_KEY_REJECTED'],
  [200, error('odd', { type: 'constructor' }), 'PROVIDER_ERROR'],
  [200, { choices: [{ message: { content: 'Hi' } }] }, 'PROVIDER_BAD_ANSWER'],
])('%i with %j is %s', (status, answer, code) => {
  expect(fault(status, answer)).toMatchObject({ code })
})

test('what a server says comes with the fault, in any of its forms', () => {
  const said = (answer: unknown) => fault(400, answer).message
  expect(said(error('too long'))).toBe('The server reports an error (400): too long')
  expect(said({ object: 'error', message: 'too long' })).toBe('The server reports an error (400): too long')
  expect(said({ error: 'too long' })).toBe('The server reports an error (400): too long')
  expect(said({ detail: 'too long' })).toBe('The server reports an error (400): too long')
  expect(openAiFault('The server')(400, '', { answer: undefined, wait: null }).message).toContain('no reason given')
})

test('the wait of a limit, and the status that the breaker counts, are in the details', () => {
  expect(fault(429, error('slow down'), 7_000).details).toMatchObject({ waitMs: 7_000, status: 429 })
  expect(fault(429, error('slow down')).details).not.toHaveProperty('waitMs')
  expect(outcomeOf(fault(500, error('broke')))).toBe('fault')
  expect(outcomeOf(fault(200, error('broke', { type: 'server_error' })))).toBe('fault')
  expect(outcomeOf(fault(404, error('File Not Found')))).toBe('good')
  expect(outcomeOf(fault(200, error('your fault', { code: 422 })))).toBe('good')
})

test('a key that a server repeats is not shown', () => {
  const keys = ['sk-or-v1-0123456789abcdef', 'sk-abc***************xyz', 'hf_AbCdEfGhIjKl']
  for (const key of keys) {
    const all = [400, 401, 402, 403, 404, 429, 500, 503].map((status) =>
      fault(status, error(`wrong: ${key}. Authorization: Bearer ${key}`)),
    )
    expect(JSON.stringify(all) + all.join()).not.toContain(key.slice(3))
  }
})
