import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeProvider } from '../../../test/support/fakeProvider.ts'
import { migrate, migrations } from '../../catalog/migrate.ts'
import { createProviderRepository } from '../../catalog/providerRepository.ts'
import { AppError } from '../../lib/appError.ts'
import type { ProviderConfig } from '../provider.ts'
import { createProviderService } from '../providerService.ts'
import { createConnectionService } from './connectionService.ts'

const never = new AbortController().signal

const start = (options: { db?: Database.Database; env?: Record<string, string>; silent?: boolean } = {}) => {
  const db = options.db ?? new Database(':memory:')
  migrate(db, migrations, () => {})
  const kept = new Map<string, { origin: string; key: string }>()
  const made: ProviderConfig[] = []
  const tried: (string | null)[] = []
  const providers = createProviderService({ now: Date.now, onChange: () => {} })
  const connections = createConnectionService({
    repository: createProviderRepository(db),
    providers,
    keys: {
      set: async (id, origin, key) => void kept.set(id, { origin, key }),
      get: (id, origin) => (kept.get(id)?.origin === origin ? (kept.get(id)?.key ?? null) : null),
      keyState: (id) => (kept.has(id) ? { state: 'stored', protection: 'memory' } : { state: 'none' }),
      forget: async (id) => void kept.delete(id),
    },
    env: options.env ?? {},
    make: async (_kind, config) => {
      made.push(config)
      const { provider: fake } = createFakeProvider(config.id, ['a'], config.address)
      const provider = { ...fake, name: config.name }
      return options.silent ? { ...provider, status: () => new Promise(() => {}) } : provider
    },
    discover: async () => [
      {
        kind: 'ollama',
        name: 'Ollama',
        address: 'http://127.0.0.1:11434',
        seenBy: 'its default port',
        state: 'running',
        version: '1',
        advice: null,
        keyVariable: null,
      },
      {
        kind: 'vllm',
        name: 'vLLM',
        address: 'http://127.0.0.1:8000',
        seenBy: 'its default port',
        state: 'running',
        version: '1',
        advice: null,
        keyVariable: null,
      },
    ],
    tryOut: async (_kind, _address, key) => {
      tried.push(key)
      return { result: 'ok', version: null, latencyMs: 1, models: 0, warnings: [] }
    },
    now: Date.now,
    onChange: () => {},
  })
  onTestFinished(() => providers.close())
  return { connections, providers, made, tried, kept, db }
}

describe('connections', () => {
  it('that a person adds before the start has connected the others are connected once', async () => {
    const { connections, made } = start()
    await connections.add({ kind: 'ollama' })
    await connections.start()
    expect(made).toHaveLength(1)
    expect(connections.info('ollama').status.state).toBe('reachable')
  })

  it('are added with the defaults of their kind, several of one kind too, and outlive a restart', async () => {
    const { connections, db } = start()
    expect(await connections.add({ kind: 'ollama' })).toMatchObject({
      provider: 'ollama',
      name: 'Ollama',
      address: 'http://127.0.0.1:11434',
      key: { state: 'none' },
      status: { state: 'reachable' },
    })
    expect(await connections.add({ kind: 'ollama', address: 'box.local:11434/' })).toMatchObject({
      provider: 'ollama-2',
      name: 'Ollama 2',
      address: 'http://box.local:11434',
    })
    const again = start({ db })
    await again.connections.start()
    expect(again.connections.list().map(({ provider, address }) => [provider, address])).toEqual([
      ['ollama', 'http://127.0.0.1:11434'],
      ['ollama-2', 'http://box.local:11434'],
    ])
  })

  it('are refused twice, without an address where there is no usual one, and at what is no address', async () => {
    const { connections } = start()
    await connections.add({ kind: 'ollama' })
    await expect(connections.add({ kind: 'ollama', address: '127.0.0.1:11434' })).rejects.toMatchObject({
      code: 'PROVIDER_EXISTS',
    })
    await expect(connections.add({ kind: 'openai' })).rejects.toMatchObject({ code: 'ADDRESS_INVALID' })
    await expect(connections.add({ kind: 'openai', address: 'ftp://x' })).rejects.toMatchObject({
      code: 'ADDRESS_INVALID',
    })
    const secret = connections.add({ kind: 'openai', address: 'http://me:hunter2@x/' })
    await expect(secret).rejects.toSatisfy((error) => error instanceof AppError && !error.message.includes('hunter2'))
    expect(connections.list()).toHaveLength(1)
  })

  it('give their key to its own origin alone: another address drops it, another path does not', async () => {
    const { connections, made, kept } = start()
    await connections.add({ kind: 'openai', address: 'https://a.example/v1', key: 'k1' })
    expect(made.at(-1)?.apiKey()).toBe('k1')
    await connections.change({ provider: 'openai', address: 'https://a.example/v2' })
    expect(made.at(-1)?.apiKey()).toBe('k1')
    await connections.change({ provider: 'openai', address: 'http://a.example/v2' })
    expect(made.at(-1)?.apiKey()).toBeNull()
    expect(kept.size).toBe(0)
    await connections.change({ provider: 'openai', address: 'https://b.example', key: 'k2' })
    expect(made.at(-1)?.apiKey()).toBe('k2')
    await connections.change({ provider: 'openai', key: null })
    expect(made.at(-1)?.apiKey()).toBeNull()
  })

  it('take a key from the environment when that was chosen, for the address it was chosen for', async () => {
    const { connections, made } = start({ env: { OPENROUTER_API_KEY: ' sk-or-1 ', PATH: '/bin' } })
    await connections.add({ kind: 'openrouter', keyVariable: 'OPENROUTER_API_KEY' })
    expect(made.at(-1)?.apiKey()).toBe('sk-or-1')
    expect(connections.info('openrouter').key).toEqual({ state: 'environment', variable: 'OPENROUTER_API_KEY' })
    await connections.change({ provider: 'openrouter', address: 'https://elsewhere.example' })
    expect(made.at(-1)?.apiKey()).toBeNull()
    await expect(connections.add({ kind: 'openai', address: 'http://x', keyVariable: 'PATH' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('are tried out with the kept key only where it belongs', async () => {
    const { connections, tried } = start()
    await connections.add({ kind: 'openai', address: 'https://a.example', key: 'k1' })
    await connections.test({ kind: 'openai', address: 'https://a.example/v1', provider: 'openai' }, never)
    await connections.test({ kind: 'openai', address: 'https://evil.example', provider: 'openai' }, never)
    await connections.test({ kind: 'openai', address: 'https://evil.example', key: 'typed', provider: 'openai' }, never)
    expect(tried).toEqual(['k1', null, 'typed'])
    expect(await connections.test({ kind: 'openai', address: 'nonsense://' }, never)).toMatchObject({
      problem: 'address',
    })
  })

  it('that are found are offered until they are connected', async () => {
    const { connections } = start()
    expect((await connections.found(never)).map(({ kind }) => kind)).toEqual(['ollama', 'vllm'])
    await connections.add({ kind: 'ollama' })
    expect((await connections.found(never)).map(({ kind }) => kind)).toEqual(['vllm'])
  })

  it('that are switched off stay listed, without models, and come back', async () => {
    const { connections, providers } = start()
    await connections.add({ kind: 'ollama' })
    expect(await connections.change({ provider: 'ollama', enabled: false })).toMatchObject({
      status: { state: 'off' },
      models: 0,
    })
    expect(providers.inventory('ollama')).toBeNull()
    expect(await connections.change({ provider: 'ollama', enabled: true })).toMatchObject({
      status: { state: 'reachable' },
      models: 1,
    })
  })

  it('that only get another name go on with what is under way', async () => {
    const { connections, made } = start()
    await connections.add({ kind: 'ollama' })
    expect(await connections.change({ provider: 'ollama', name: 'The box' })).toMatchObject({ name: 'The box' })
    expect(connections.list()).toMatchObject([{ name: 'The box', status: { state: 'reachable' } }])
    expect(made).toHaveLength(1)
    await connections.change({ provider: 'ollama', name: 'The box', key: 'new' })
    expect(made).toHaveLength(2)
  })

  it('are there for who looks while they are changed', async () => {
    const { connections } = start()
    await connections.add({ kind: 'ollama' })
    const changing = connections.change({ provider: 'ollama', address: 'http://box:1' })
    expect(await connections.check('ollama')).toMatchObject({ address: 'http://box:1' })
    await changing
    const removing = connections.remove('ollama')
    await expect(connections.check('ollama')).rejects.toMatchObject({ code: 'PROVIDER_NOT_FOUND' })
    await removing
  })

  it('that could not be written down leave no key to the next of their name', async () => {
    const { connections, kept, db } = start()
    db.exec("CREATE TEMP TRIGGER full BEFORE INSERT ON provider BEGIN SELECT RAISE(ABORT, 'full'); END")
    await expect(connections.add({ kind: 'openai', address: 'http://a:1', key: 'of another' })).rejects.toThrow('full')
    db.exec('DROP TRIGGER full')
    expect(await connections.add({ kind: 'openai', address: 'http://a:1' })).toMatchObject({ key: { state: 'none' } })
    expect(kept.size).toBe(0)
  })

  it('to a server that hangs keep nobody else waiting', async () => {
    const { connections } = start({ silent: true })
    const hanging = connections.add({ kind: 'ollama' })
    await expect.poll(() => connections.list()).toHaveLength(1)
    await connections.change({ provider: 'ollama', enabled: false })
    await hanging
    expect(connections.list()).toMatchObject([{ provider: 'ollama', status: { state: 'off' } }])
  })

  it('can be forgotten with their key and their usage; what is part of Berth cannot', async () => {
    const { connections, providers, kept } = start()
    await providers.add(createFakeProvider('embedded', []).provider)
    await connections.add({ kind: 'openai', address: 'https://a.example', key: 'k1' })
    connections.countAnswer('openai', { promptTokens: 5, completionTokens: null, costUsd: 0.25 })
    connections.countAnswer('openai', { promptTokens: null, completionTokens: 2, costUsd: null })
    connections.countFault('openai')
    const figures = { requests: 3, faults: 1, promptTokens: 5, completionTokens: 2, costUsd: 0.25 }
    expect(connections.info('openai').usage).toEqual({ today: figures, total: figures })
    expect((await connections.remove('openai')).map(({ provider }) => provider)).toEqual(['embedded'])
    expect(kept.size).toBe(0)
    await connections.add({ kind: 'openai', address: 'https://a.example' })
    expect(connections.info('openai').usage.total.requests).toBe(0)
    await expect(connections.remove('embedded')).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(connections.remove('nobody')).rejects.toMatchObject({ code: 'PROVIDER_NOT_FOUND' })
  })
})
