import { ORPCError } from '@orpc/client'
import { expect, it } from 'vitest'
import { ConnectionLost, failureOf, failureText } from './failure.ts'

it('takes message, advice and request id from an error of the contract', () => {
  const error = new ORPCError('DISK_FULL', {
    status: 507,
    message: 'The disk is full.',
    data: { advice: 'Free some space and try again.', requestId: 'r1' },
  })
  expect(failureOf(error)).toEqual({
    code: 'DISK_FULL',
    message: 'The disk is full.',
    advice: 'Free some space and try again.',
    requestId: 'r1',
  })
  expect(failureText(failureOf(error))).toBe(
    'DISK_FULL: The disk is full.\nFree some space and try again.\nrequest id r1',
  )
})

it('survives an error whose data is not what the contract says', () => {
  for (const data of [undefined, null, 'x', 7, { advice: 3 }])
    expect(failureOf(new ORPCError('INTERNAL', { status: 500, data })).advice).not.toBe('')
})

it('names a lost connection and its remedy', () => {
  expect(failureOf(new ConnectionLost()).code).toBe('CONNECTION_LOST')
  expect(failureOf(Object.assign(new Error('closed'), { name: 'AbortError' })).code).toBe('CONNECTION_LOST')
  expect(failureOf('odd')).toMatchObject({ code: 'WINDOW_ERROR', message: 'odd', requestId: null })
})
