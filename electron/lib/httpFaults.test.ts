import { expect, test } from 'vitest'
import { AppError } from './appError.ts'
import { errorTextOf, oneLine, retryAfterMs, toHttpFault } from './httpFaults.ts'

const peer = { name: 'Ollama', origin: 'http://127.0.0.1:11434' }
const errno = (code: string) => Object.assign(new Error(`${code} happened`), { code })

test.each([
  ['ECONNREFUSED', 'asking', 'PROVIDER_UNREACHABLE', 'nothing listens there'],
  ['ENOTFOUND', 'asking', 'PROVIDER_UNREACHABLE', 'host name is unknown'],
  ['EHOSTUNREACH', 'asking', 'PROVIDER_UNREACHABLE', 'no way to this host'],
  ['ECONNRESET', 'asking', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'asking', 'PROVIDER_UNREACHABLE', 'No secure connection'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'asking', 'PROVIDER_UNREACHABLE', 'No secure connection'],
  ['UND_ERR_CONNECT_TIMEOUT', 'asking', 'PROVIDER_TIMEOUT', 'did not accept the connection'],
  ['UND_ERR_HEADERS_TIMEOUT', 'asking', 'PROVIDER_TIMEOUT', 'did not answer'],
  ['UND_ERR_BODY_TIMEOUT', 'reading', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['ECONNRESET', 'reading', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['UND_ERR_SOCKET', 'reading', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['UND_ERR_HEADERS_OVERFLOW', 'asking', 'PROVIDER_BAD_ANSWER', 'header bytes'],
  ['UND_ERR_DESTROYED', 'asking', 'CANCELLED', 'closed by Berth'],
  ['ESOMETHING', 'asking', 'PROVIDER_UNREACHABLE', 'ESOMETHING happened'],
] as const)('%s while %s is %s and says so', (code, phase, kind, words) => {
  const cause = errno(code)
  const fault = toHttpFault(cause, peer, phase)
  expect(fault).toMatchObject({ code: kind, message: expect.stringContaining(words), cause })
})

test('what is named already keeps its name', () => {
  const error = new AppError('MODEL_NOT_FOUND', 'gone')
  expect(toHttpFault(error, peer, 'reading')).toBe(error)
})

test.each([
  [{ error: 'model not found' }, 'model not found'],
  [{ error: { message: 'no such model', type: 'x' } }, 'no such model'],
  [{ error: '{"error":{"code":400,"message":"context too long"}}' }, 'context too long'],
  [{ error: '{not json' }, '{not json'],
  [{ error: { code: 7 } }, '{"code":7}'],
  [{ error: null }, null],
  [{ error: '' }, null],
  [{ models: [] }, null],
  [['error'], null],
  ['error', null],
])('the error text of %j is %j', (answer, text) => {
  expect(errorTextOf(answer)).toBe(text)
})

test('a foreign text becomes one bounded line without control or direction characters', () => {
  expect(oneLine(' a\u0000\r\n\u001b[31mb\u202ec ')).toBe('a [31mb c')
  expect(oneLine('y'.repeat(1_000_000)).length).toBeLessThan(510)
})

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['1.5', 1_500],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 60_000],
  ['Wednesday, 21-Oct-26 07:28:00 GMT', 60_000],
  ['Wed Oct 21 07:28:00 2026 GMT', 60_000],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ['999999999', 999_999_999_000],
  ['99999999999999999999', null],
  ['-5', null],
  ['1e9', null],
  ['Infinity', null],
  ['NaN', null],
  ['in 3 hours', null],
  ['10 seconds', null],
  ['soon', null],
  ['Wed, 99 Foo 9999 99:99:99 GMT', null],
  ['', null],
  [['1', '2'], null],
  [undefined, null],
] as const)('Retry-After of %j is %j ms', (header, ms) => {
  expect(retryAfterMs(header, Date.parse('2026-10-21T07:27:00Z'))).toBe(ms)
})
