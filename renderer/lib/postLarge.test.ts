import { expect, it } from 'vitest'
import { failureOf } from './failure.ts'
import { refusalOf } from './postLarge.ts'

it('tells a refusal over REST as it tells any other', () => {
  const answer = { code: 'FILE_INVALID', message: 'It is no table.', advice: 'Choose another.', requestId: 'r1' }
  expect(failureOf(refusalOf(422, answer))).toEqual(answer)
  expect(failureOf(refusalOf(502, null))).toMatchObject({
    code: 'INTERNAL',
    message: 'Berth answered with status 502.',
    requestId: null,
  })
})
