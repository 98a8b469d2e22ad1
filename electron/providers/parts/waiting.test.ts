import { describe, expect, it } from 'vitest'
import { AppError } from '../../lib/appError.ts'
import { inTime, orCancelled, untilAnswered } from './waiting.ts'

const never = new AbortController().signal
const pace = { firstMs: 1, mostMs: 2 }

describe('a question that is repeated', () => {
  it('ends with its first answer, whatever that is', async () => {
    const answers = [undefined, undefined, null]
    expect(await untilAnswered(async () => answers.shift(), never, pace)).toBeNull()
    expect(answers).toEqual([])
  })

  it('ends when it is cancelled, also when nobody who is asked notices', async () => {
    const cancel = new AbortController()
    let asked = 0
    const waiting = untilAnswered(
      async () => {
        if (++asked === 3) cancel.abort()
        return undefined
      },
      cancel.signal,
      pace,
    )
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(asked).toBe(3)
  })

  it('ends with what the question rejects with', async () => {
    const fault = new AppError('PROVIDER_UNREACHABLE')
    await expect(untilAnswered(() => Promise.reject(fault), never, pace)).rejects.toBe(fault)
  })
})

describe('work with a deadline', () => {
  const hanging = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new AppError('CANCELLED'))))

  it('is over time in the words that were given', async () => {
    const late = inTime({ ms: 5, words: 'It still holds.', advice: 'Wait.' }, never, hanging)
    await expect(late).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT', message: 'It still holds.', advice: 'Wait.' })
  })

  it('is cancelled when its caller cancels', async () => {
    const cancel = new AbortController()
    const work = inTime({ ms: 10_000, words: 'late' }, cancel.signal, hanging)
    cancel.abort()
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('fails as it fails', async () => {
    const fault = new AppError('PROVIDER_ERROR')
    await expect(inTime({ ms: 10_000, words: 'late' }, never, () => Promise.reject(fault))).rejects.toBe(fault)
  })
})

it('who stops waiting does not stop the work', async () => {
  const cancel = new AbortController()
  const { promise, resolve } = Promise.withResolvers<string>()
  const waiting = orCancelled(promise, cancel.signal, 'Nobody waits.')
  cancel.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', message: 'Nobody waits.' })
  resolve('done')
  expect(await promise).toBe('done')
})
