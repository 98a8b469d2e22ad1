import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLoginGuard } from './loginGuard.ts'

describe('createLoginGuard', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }))
  afterEach(() => void vi.useRealTimers())

  const isLate = async (promise: Promise<void>): Promise<boolean> => {
    let done = false
    void promise.then(() => {
      done = true
    })
    await vi.advanceTimersByTimeAsync(0)
    return !done
  }

  it('answers ten wrong tokens a minute at once, and the next ones late, address by address', async () => {
    const guard = createLoginGuard({ now: Date.now })
    for (let attempt = 0; attempt < 10; attempt += 1) expect(await isLate(guard.failed('a'))).toBe(false)
    const eleventh = guard.failed('a')
    expect(await isLate(eleventh)).toBe(true)
    expect(await isLate(guard.failed('b'))).toBe(false)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await isLate(eleventh)).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await isLate(guard.failed('a'))).toBe(false)
  })

  it('looks at nothing more from an address while twenty answers wait', async () => {
    const guard = createLoginGuard({ now: Date.now })
    for (let attempt = 0; attempt < 30; attempt += 1) void guard.failed('a')
    expect(() => guard.admit('a')).toThrow('Too many wrong tokens')
    expect(() => guard.admit('b')).not.toThrow()
    await vi.advanceTimersByTimeAsync(1000)
    expect(() => guard.admit('a')).not.toThrow()
  })
})
