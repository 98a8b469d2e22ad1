import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createPacer } from './pacer.ts'

const none = new AbortController().signal
const control = (pace: 'full' | 'gentle' | 'paused') => ({ pace, readAhead: true })

const elapsed = async (work: Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

test('gentle work rests three times as long as it took, full work not at all', async () => {
  expect(await elapsed(createPacer(control('full')).rest(10_000, none))).toBeLessThan(10_000)
  const gentle = await elapsed(createPacer(control('gentle')).rest(40, none))
  expect(gentle).toBeGreaterThan(115)
})

test('who rests hears of every change at once', async () => {
  const pacer = createPacer(control('gentle'))
  const resting = elapsed(pacer.rest(60_000, none))
  await setTimeout(20)
  pacer.set(control('paused'))
  await setTimeout(20)
  pacer.set(control('gentle'))
  await setTimeout(20)
  pacer.set(control('full'))
  expect(await resting).toBeLessThan(60_000)
})

test('an abort ends every rest with its reason', async () => {
  for (const pace of ['full', 'gentle', 'paused'] as const) {
    const pacer = createPacer(control(pace))
    await expect(pacer.rest(1, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    const controller = new AbortController()
    const resting = pacer.rest(60_000, controller.signal)
    if (pace === 'full') continue
    controller.abort(new Error('enough'))
    await expect(resting).rejects.toThrow('enough')
  }
})
