import { describe, expect, it } from 'vitest'
import { createFakeProvider } from '../../../test/support/fakeProvider.ts'
import { AppError } from '../../lib/appError.ts'
import type { Provider } from '../provider.ts'
import { createBreaker } from './breaker.ts'
import { guardProvider } from './guardProvider.ts'

const never = new AbortController().signal
const hello = { messages: [{ role: 'user' as const, content: 'Hello' }] }
const down = new AppError('PROVIDER_UNREACHABLE', 'nothing listens there')

const start = (verbs: Partial<Provider> = {}, shape = (provider: Provider): Provider => provider) => {
  let at = 0
  const now = () => at
  const breaker = createBreaker({ now, random: () => 1 })
  const used: unknown[] = []
  const faults: [string, boolean][] = []
  const inner = { ...createFakeProvider('one', ['a', 'b'], 'http://127.0.0.1:1').provider, ...verbs }
  const provider = guardProvider(shape(inner), {
    breaker,
    now,
    random: () => 0,
    onAnswer: (figures) => used.push(figures),
    onFault: ({ code }, answering) => faults.push([code, answering]),
  })
  return {
    provider,
    breaker,
    used,
    faults,
    pass: (ms: number) => {
      at += ms
    },
  }
}
const failing = (...errors: readonly Error[]) => {
  let calls = 0
  const call = async (): Promise<never> => {
    throw errors[Math.min(calls++, errors.length - 1)]
  }
  return Object.assign(call, { calls: () => calls })
}
const answer = async (provider: Provider, key = 'a') => {
  for await (const _ of provider.chat?.(key, hello, never) ?? []) {
  }
}

describe('a guarded provider', () => {
  it('has the verbs of its provider and no others', () => {
    const { provider } = start({}, ({ unload, ...rest }) => rest)
    expect(provider.load).toBeTypeOf('function')
    expect(provider.unload).toBeUndefined()
    expect(provider.pull).toBeUndefined()
  })

  it('asks again where asking twice changes nothing, and tells the last fault when that does not help', async () => {
    const models = failing(down)
    const { provider, faults } = start({ models })
    await expect(provider.models(never)).rejects.toBe(down)
    expect(models.calls()).toBe(3)
    expect(faults).toHaveLength(3)
  })

  it.each(['PROVIDER_TIMEOUT', 'PROVIDER_KEY_REJECTED', 'MODEL_NOT_FOUND', 'CANCELLED'] as const)(
    'does not ask again after %s',
    async (code) => {
      const details = failing(new AppError(code))
      const { provider } = start({ details })
      await expect(provider.details('a', never)).rejects.toMatchObject({ code })
      expect(details.calls()).toBe(1)
    },
  )

  it('lets a load test past the breaker, and no other question', async () => {
    const status = failing(down)
    const wire = { url: 'http://127.0.0.1:1/chat', headers: {}, body: '{}', format: 'openai' as const }
    const { provider, breaker } = start({
      status,
      wire: async () => wire,
      countTokens: async (_, text) => text.length,
      measure: async () => ({ tokens: 8, ms: 2 }),
    })
    expect(await provider.countTokens?.('a', 'four', never)).toBe(4)
    expect(await provider.measure?.('a', { type: 'prompt', tokens: 8, depth: 0 }, never)).toEqual({ tokens: 8, ms: 2 })
    await expect(provider.status(never)).rejects.toBe(down)
    expect(breaker.state().state).toBe('open')
    expect(await provider.wire?.('a', { ...hello, exact: true }, never)).toBe(wire)
    await expect(provider.countTokens?.('a', 'four', never)).rejects.toMatchObject({ code: 'PROVIDER_PAUSED' })
  })

  it('never asks twice for what changes something', async () => {
    const unload = failing(down)
    const { provider } = start({ unload })
    await expect(provider.unload?.('a', null, never)).rejects.toBe(down)
    expect(unload.calls()).toBe(1)
  })

  it('stops trying again when the caller leaves', async () => {
    const leaving = new AbortController()
    const { provider } = start({
      details: async () => {
        leaving.abort()
        throw down
      },
    })
    await expect(provider.details('a', leaving.signal)).rejects.toBe(down)
  })

  it('is not asked after repeated faults, says until when, and is asked again by the look in the background', async () => {
    let isDown = true
    const status = async () => {
      if (isDown) throw down
      return { version: '1', latencyMs: 1 }
    }
    const { provider } = start({ status })
    await expect(provider.status(never)).rejects.toBe(down)
    await expect(answer(provider)).rejects.toMatchObject({
      code: 'PROVIDER_PAUSED',
      message: expect.stringContaining('not asked before'),
      details: { nextAttemptAt: 2_000 },
    })
    isDown = false
    await provider.status(never)
    await answer(provider)
  })

  it('waits as long as a 429 says, for that model alone, and is not thought to be broken', async () => {
    const limited = new AppError('PROVIDER_RATE_LIMITED', 'slow down', { details: { waitMs: 7_000 } })
    const { provider, breaker, pass } = start({
      chat: async function* (key) {
        if (key === 'a') throw limited
        yield* []
      },
    })
    await expect(answer(provider)).rejects.toBe(limited)
    pass(6_999)
    await expect(answer(provider)).rejects.toMatchObject({
      code: 'PROVIDER_RATE_LIMITED',
      details: { nextAttemptAt: 7_000 },
    })
    await answer(provider, 'b')
    pass(1)
    await expect(answer(provider)).rejects.toBe(limited)
    expect(breaker.state()).toEqual({ state: 'closed', faults: 0 })
  })

  it('counts what an answer used and cost, and what failed', async () => {
    const { provider, used } = start()
    await answer(provider)
    expect(used).toEqual([{ promptTokens: 3, completionTokens: 2, costUsd: null }])
    const broken = start({
      chat: () => {
        throw down
      },
    })
    await expect(answer(broken.provider)).rejects.toBe(down)
    expect(broken.faults).toEqual([['PROVIDER_UNREACHABLE', true]])
  })

  it('counts nothing when the reader leaves in the middle of an answer', async () => {
    const { provider, breaker, used, faults } = start()
    for (let count = 0; count < 5; count++) for await (const _ of provider.chat?.('a', hello, never) ?? []) break
    expect(breaker.state()).toEqual({ state: 'closed', faults: 0 })
    expect([used, faults]).toEqual([[], []])
  })
})
