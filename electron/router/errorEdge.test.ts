import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { ErrorData, errorCodes } from '../../shared/contract/errors.ts'
import { AppError } from '../lib/appError.ts'
import { toContractError } from './errorEdge.ts'

/** What becomes of what is thrown, and what is reported of it. */
const convert = (thrown: unknown) => {
  const reported: unknown[] = []
  const error = toContractError(thrown, 'request-1', (bug) => reported.push(bug))
  return { error, reported }
}

describe('what is thrown becomes an error of the contract', () => {
  const badRequest = (data?: unknown) => new ORPCError('BAD_REQUEST', { data })
  const aborted = Object.assign(new Error('The operation was aborted'), { name: 'AbortError' })
  const diskFull = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  it.each([
    ['a failure a person can act on', new AppError('BUSY', 'Something loads.'), 'BUSY'],
    ['input that does not fit', badRequest({ issues: [{ message: 'too long', path: ['name'] }] }), 'INVALID_INPUT'],
    ['a request oRPC cannot read', badRequest(), 'INVALID_INPUT'],
    ['a full disk', diskFull, 'DISK_FULL'],
    ['a caller who left', aborted, 'CANCELLED'],
    ['a bug', new TypeError('secret detail'), 'INTERNAL'],
    ['an error of oRPC that the contract does not know', new ORPCError('NOT_IMPLEMENTED'), 'INTERNAL'],
    ['a code of ours that somebody threw without its data', new ORPCError('BUSY'), 'INTERNAL'],
    ['a name every object has', new ORPCError('toString', { data: { advice: '', requestId: '' } }), 'INTERNAL'],
    ['a word', 'thrown as it is', 'INTERNAL'],
    ['nothing', undefined, 'INTERNAL'],
  ] as const)('%s', (_, thrown, code) => {
    const { error, reported } = convert(thrown)
    expect(error).toMatchObject({ code, defined: true, status: errorCodes[code].status })
    expect(ErrorData.parse(error.data).requestId).toBe('request-1')
    expect(reported).toEqual(code === 'INTERNAL' ? [thrown] : [])
    expect(JSON.stringify(error)).not.toContain('secret detail')
  })

  it('keeps what was said, and the facts', () => {
    const facts = { details: { missingBytes: 12 }, advice: 'Unload something.' }
    const { error } = convert(new AppError('OUT_OF_MEMORY', '12 bytes are missing.', facts))
    expect(error.message).toBe('12 bytes are missing.')
    expect(error.data).toEqual({ requestId: 'request-1', ...facts })
  })

  it('names each field that is wrong', () => {
    const issues = [{ message: 'too long', path: ['options', 0] }, { message: 'unknown key' }]
    expect(convert(badRequest({ issues })).error.message).toBe(
      `${errorCodes.INVALID_INPUT.message} options.0: too long; request: unknown key`,
    )
  })

  it('leaves an error of the contract as it is, request id included', () => {
    const { error } = convert(new AppError('BUSY'))
    expect(toContractError(error, 'request-2', () => {})).toBe(error)
  })
})
