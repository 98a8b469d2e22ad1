import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFakeProvider } from '../../test/support/fakeProvider.ts'
import { patience } from '../../test/support/patience.ts'
import { AppError } from '../lib/appError.ts'
import { createProviderService } from './providerService.ts'

const changes: string[] = []
const timing = { everyMs: 5, elsewhereEveryMs: 10_000, retryMs: 5, retryMaxMs: 20 }
let service = createProviderService({ now: Date.now, onChange: () => {}, timing })
const start = () => {
  changes.length = 0
  service = createProviderService({ now: Date.now, onChange: (id, what) => void changes.push(`${id} ${what}`), timing })
  return service
}
afterEach(() => service.close())

describe('providers', () => {
  it('are looked at when added, and say what they hold', async () => {
    await start().add(createFakeProvider('one', ['a', 'b']).provider)
    expect(service.list()).toMatchObject([
      { provider: 'one', status: { state: 'reachable', version: '1' }, models: 2, cannot: {}, lastFault: null },
    ])
  })

  it('keep their last known models, marked stale with the reason, while they do not answer', async () => {
    const fake = createFakeProvider('far', ['a'], 'http://far')
    await start().add(fake.provider)
    fake.goDown(new AppError('PROVIDER_UNREACHABLE', 'connection refused'))
    await vi.waitFor(
      () =>
        expect(service.inventory('far')).toMatchObject({
          stale: true,
          status: { state: 'unreachable', reason: 'connection refused' },
        }),
      patience,
    )
    expect([...(service.inventory('far')?.models.keys() ?? [])]).toEqual(['a'])
    expect(service.inventory('far')?.status).toHaveProperty('nextAttemptAt', expect.any(Number))
    fake.comeBack()
    await vi.waitFor(() => expect(service.inventory('far')?.stale).toBe(false), patience)
  })

  it('that asked to wait say until when, also when a person asks before', async () => {
    const fake = createFakeProvider('far', ['a'], 'http://far')
    let asked = 0
    const status = async () => {
      asked++
      throw new AppError('PROVIDER_RATE_LIMITED', 'too fast', { details: { waitMs: 600_000 } })
    }
    const added = Date.now()
    await start().add({ ...fake.provider, status })
    await service.check('far')
    const status429 = service.inventory('far')?.status
    expect(status429).toMatchObject({ state: 'unreachable', code: 'PROVIDER_RATE_LIMITED' })
    const next = status429?.state === 'unreachable' ? (status429.nextAttemptAt ?? 0) : 0
    expect(next - added).toBeGreaterThan(599_000)
    expect(asked).toBe(1)
  })

  it('are let go with their other questions when one of them fails', async () => {
    const fake = createFakeProvider('far', ['a'], 'http://far')
    const left = vi.fn()
    await start().add({
      ...fake.provider,
      models: () => Promise.reject(new AppError('PROVIDER_ERROR', 'no list', { details: { status: 400 } })),
      instances: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(left()))),
    })
    expect(service.inventory('far')?.status).toMatchObject({ state: 'unreachable', reason: 'no list' })
    expect(left).toHaveBeenCalled()
  })

  it('are gone also when their end fails', async () => {
    const fake = createFakeProvider('far', ['a'], 'http://far')
    await start().add({ ...fake.provider, close: () => Promise.reject(new Error('it hangs on')) })
    changes.length = 0
    await expect(service.remove('far')).rejects.toThrow('hangs on')
    expect(changes).toEqual(['far models', 'far instances', 'far status'])
    expect(service.list()).toEqual([])
  })

  it('do not wait for one that hangs', async () => {
    const hanging = createFakeProvider('hanging', [], 'http://far')
    const never = { ...hanging.provider, status: () => new Promise<never>(() => {}) }
    start()
    void service.add({
      ...never,
      status: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    await service.add(createFakeProvider('well', ['a']).provider)
    expect(service.list().map(({ provider, status }) => [provider, status.state])).toEqual([
      ['hanging', 'checking'],
      ['well', 'reachable'],
    ])
  })

  it('elsewhere are left alone longer than those of this network', async () => {
    const looks = { near: 0, far: 0 }
    const counting = (id: keyof typeof looks, address: string) => {
      const { provider } = createFakeProvider(id, [], address)
      return { ...provider, status: async () => ({ version: String(++looks[id]), latencyMs: 1 }) }
    }
    start()
    await service.add(counting('near', 'http://box'))
    await service.add(counting('far', 'https://models.example'))
    await vi.waitFor(() => expect(looks.near).toBeGreaterThan(3), patience)
    expect(looks.far).toBe(1)
  })

  it('announce only what changed', async () => {
    const fake = createFakeProvider('far', ['a'], 'http://far')
    await start().add(fake.provider)
    changes.length = 0
    await service.check('far')
    expect(changes).toEqual([])
  })

  it('announce at once that a server was updated', async () => {
    const fake = createFakeProvider('far', ['a'], 'http://far')
    const said = { version: '1' }
    await start().add({ ...fake.provider, status: async () => ({ version: said.version, latencyMs: 1 }) })
    changes.length = 0
    said.version = '2'
    await service.check('far')
    expect(changes).toEqual(['far status'])
  })

  it('are gone with everything of theirs when removed', async () => {
    await start().add(createFakeProvider('one', ['a']).provider)
    await service.remove('one')
    expect(service.list()).toEqual([])
    await expect(service.check('one')).rejects.toMatchObject({ code: 'PROVIDER_NOT_FOUND' })
  })
})
