import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { migrate, migrations } from '../../electron/catalog/migrate.ts'
import { createProviderRepository } from '../../electron/catalog/providerRepository.ts'
import { AppError } from '../../electron/lib/appError.ts'
import { createConnectionService } from '../../electron/providers/connections/connectionService.ts'
import { createTryOut } from '../../electron/providers/connections/tryOut.ts'
import { type ConnectedKind, makeProvider } from '../../electron/providers/kinds.ts'
import type { Provider, ProviderConfig } from '../../electron/providers/provider.ts'
import { createProviderService } from '../../electron/providers/providerService.ts'
import { askAtOnce, askEverything, canaryKey, everyKind } from '../support/everyKind.ts'
import { holdsSecret } from '../support/findSecret.ts'
import { startOwnTime } from '../support/ownTime.ts'
import { patience } from '../support/patience.ts'
import { type InPlace, startTrap, startWatchedProxy, type WatchedProxyOptions } from '../support/watchedProxy.ts'

/**
 * What holds for every kind of provider, tried with the real providers against a server of each kind, behind a proxy that sees
 * all that is sent. A new kind is one line in `everyKind`.
 */
const never = new AbortController().signal

const startConnections = () => {
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const kept = new Map<string, { origin: string; key: string }>()
  const providers = createProviderService({ now: Date.now, onChange: () => {} })
  const make = (kind: ConnectedKind, config: ProviderConfig) => makeProvider[kind](config)
  const connections = createConnectionService({
    repository: createProviderRepository(db),
    providers,
    keys: {
      set: async (id, origin, key) => void kept.set(id, { origin, key }),
      get: (id, origin) => (kept.get(id)?.origin === origin ? (kept.get(id)?.key ?? null) : null),
      keyState: (id) => (kept.has(id) ? { state: 'stored', protection: 'memory' } : { state: 'none' }),
      forget: async (id) => void kept.delete(id),
    },
    env: {},
    make,
    discover: async () => [],
    tryOut: createTryOut({ make, now: Date.now }),
    now: Date.now,
    onChange: () => {},
  })
  onTestFinished(() => providers.close())
  return { connections, providers }
}

/** A server of this kind behind a proxy, with what lies between them; the address leads to the proxy. */
const startBehindProxy = async (
  start: (typeof everyKind)[number][2],
  options: Omit<WatchedProxyOptions, 'target'> = {},
) => {
  const server = await start()
  const { origin, pathname } = new URL(server.address)
  const path = pathname === '/' ? '' : pathname
  const watched = async (own: typeof options = {}) => {
    const proxy = await startWatchedProxy({ target: origin, ...own })
    onTestFinished(proxy.close)
    return { ...proxy, address: proxy.origin + path }
  }
  const proxy = await watched(options)
  onTestFinished(async () => void (await server.close()))
  return { proxy, another: watched, server }
}

const connected = async (kind: ConnectedKind, address: string, key: string | null): Promise<Provider> => {
  const config = { id: kind, name: kind, address, apiKey: () => key, hidePaid: false, now: Date.now }
  const provider = await makeProvider[kind](config)
  onTestFinished(async () => void (await provider.close?.()))
  return provider
}
/** What a request for an exact answer has more. Others take no more fields than they know. */
const exactFields = (exact: object, plain: object): object =>
  Object.fromEntries(Object.entries(exact).filter(([name]) => !Object.hasOwn(plain, name)))
const llama = { ignore_eos: true, cache_prompt: false }
const exactOf: Readonly<Record<string, object>> = {
  'llama-server': llama,
  'llama-swap': llama,
  lemonade: llama,
  vllm: { ignore_eos: true, min_tokens: 4 },
}

const keyOfFirst = async (provider: Provider): Promise<string> => (await provider.models(never))[0]?.key ?? 'tiny'

test('every kind is here', () => {
  expect(new Set(everyKind.map(([, kind]) => kind))).toEqual(new Set(Object.keys(makeProvider)))
})

describe.each(everyKind)('%s', (_, kind, start) => {
  it('is tested, connected, listed, looked at, moved and forgotten', async () => {
    const { proxy, another } = await startBehindProxy(start)
    const { connections, providers } = startConnections()
    const tested = await connections.test({ kind, address: proxy.address, key: canaryKey }, never)
    expect(tested).toMatchObject({ result: 'ok' })
    const added = await connections.add({ kind, address: proxy.address, key: canaryKey })
    expect(added).toMatchObject({ kind, status: { state: 'reachable' }, lastFault: null, models: 1 })
    expect(await connections.health(added.provider, never)).toMatchObject({ problem: null })
    const moved = await another()
    expect(await connections.change({ provider: added.provider, address: moved.address })).toMatchObject({
      address: moved.address,
      key: { state: 'none' },
    })
    expect(await connections.remove(added.provider)).toEqual([])
    expect(providers.list()).toEqual([])
  })

  it('tells a load test what a chat sends, to the same place', async () => {
    const { proxy } = await startBehindProxy(start)
    const provider = await connected(kind, proxy.address, canaryKey)
    const key = await keyOfFirst(provider)
    await provider.load?.(key, {}, () => {}, never).catch(() => {}) // some load nothing
    const request = { messages: [{ role: 'user' as const, content: 'Hello' }], maxTokens: 4, temperature: 0, seed: 1 }
    for await (const _chunk of provider.chat?.(key, request, never) ?? []);
    const sent = proxy.seen.at(-1)
    const wire = await provider.wire?.(key, { ...request, exact: false }, never)
    expect(wire?.url).toBe(proxy.origin + sent?.path)
    expect(sent?.bytes.split('\n\n').at(-1)).toBe(wire?.body)
    for (const [name, value] of Object.entries(wire?.headers ?? {})) expect(sent?.bytes).toContain(`${name}\n${value}`)
    expect(wire?.headers.authorization).toBe(`Bearer ${canaryKey}`)
    expect(wire?.format).toBe(kind === 'ollama' ? 'ollama' : 'openai')
    const exact = await provider.wire?.(key, { ...request, exact: true }, never)
    expect(exactFields(JSON.parse(exact?.body ?? '{}'), JSON.parse(wire?.body ?? '{}'))).toEqual(exactOf[kind] ?? {})
  })

  it('follows no redirect, whatever is asked and wherever it leads', async () => {
    const trap = await startTrap()
    onTestFinished(trap.close)
    const places = [
      `http://127.0.0.1:${trap.port}/taken`, // another port
      `http://localhost:${trap.port}/api/tags`, // another host
      `https://127.0.0.1:${trap.port}/v1/models`, // another scheme
      `//127.0.0.1:${trap.port}/`,
    ]
    const redirect = (count: number): InPlace => ({
      status: [301, 302, 303, 307, 308][count % 5] ?? 302,
      headers: { location: places[count % 4] ?? '' },
    })
    const isChange = (method: string) => !['GET', 'HEAD'].includes(method)
    let when: (method: string) => boolean = () => false
    const { proxy } = await startBehindProxy(start, {
      instead: (method, count) => (when(method) ? redirect(count) : null),
    })
    const provider = await connected(kind, proxy.address, canaryKey)
    const key = await keyOfFirst(provider)
    for (const redirects of [() => true, isChange, (method: string) => !isChange(method)]) {
      when = redirects
      proxy.seen.length = 0
      const said = await askEverything(provider, key)
      expect(proxy.seen.some(({ method }) => redirects(method))).toBe(true)
      const failures = said.filter(({ failed }) => failed)
      expect(failures.filter(({ answer }) => !(answer instanceof AppError))).toEqual([])
    }
    when = () => true
    await expect(provider.status(never)).rejects.toMatchObject({ code: expect.stringMatching(/^PROVIDER_/) })
    expect(trap.heard).toEqual([])
  }, 60_000)

  it('sends its key to its own origin, and none after a change of the address', async () => {
    const { proxy, another } = await startBehindProxy(start)
    const { connections, providers } = startConnections()
    const { provider: id } = await connections.add({ kind, address: proxy.address, key: canaryKey })
    const before = providers.inventory(id)?.provider
    if (!before) throw new Error('It was just added.')
    const key = await keyOfFirst(before)
    await askEverything(before, key)
    expect(proxy.seen.filter(({ bytes }) => holdsSecret(bytes, canaryKey)).length).toBeGreaterThan(0)
    expect(proxy.seen.filter(({ path }) => holdsSecret(path, canaryKey))).toEqual([])

    const moved = await another()
    await connections.change({ provider: id, address: moved.address })
    await connections.check(id)
    const after = providers.inventory(id)?.provider
    if (!after) throw new Error('It was just changed.')
    proxy.seen.length = 0
    await askEverything(after, key)
    await askEverything(before, key, 300) // whoever still holds the old one
    await connections.test({ kind, address: moved.address, provider: id }, never)
    expect(moved.seen.length).toBeGreaterThan(5)
    const secrets = [canaryKey, canaryKey.slice(-20)]
    for (const { bytes } of [...moved.seen, ...proxy.seen])
      for (const secret of secrets) expect(holdsSecret(bytes, secret), bytes).toBe(false)
    await connections.remove(id)
  }, 60_000)

  it.each(['closed', 'cancelled'])(
    'lets go of everything at once when it is %s, whatever it waits for',
    async (how) => {
      const isChange = (method: string) => !['GET', 'HEAD'].includes(method)
      for (const silent of how === 'closed' ? [() => true, isChange] : [() => true]) {
        let when: (method: string) => boolean = () => false
        const { proxy } = await startBehindProxy(start, { instead: (method) => (when(method) ? 'silence' : null) })
        const provider = await connected(kind, proxy.address, canaryKey)
        const key = await keyOfFirst(provider)
        when = silent
        const leaving = new AbortController()
        // who cancels a load or a download waits for some seconds until the server has been told, which each kind's own tests bound
        const asked = askAtOnce(provider, key, leaving.signal, how === 'cancelled' ? ['load', 'pull'] : [])
        await vi.waitFor(
          () => expect(proxy.seen.filter(({ method }) => silent(method)).length).toBeGreaterThan(1),
          patience,
        )
        const passed = startOwnTime()
        if (how === 'closed') void provider.close?.()
        else leaving.abort()
        const failures = (await Promise.all(asked)).filter(({ failed }) => failed)
        expect(passed()).toBeLessThan(2_000)
        expect(failures.filter(({ answer }) => !(answer instanceof AppError))).toEqual([])
        expect(failures.length).toBeGreaterThan(0)
        if (how === 'cancelled') await provider.close?.()
        await vi.waitFor(async () => expect(await proxy.connections()).toBe(0), patience)
      }
    },
  )

  it('tells its key to nobody, whatever the server repeats of it', async () => {
    const echo = (how: number): InPlace => {
      const said = `${canaryKey} ${encodeURIComponent(canaryKey)} ${Buffer.from(canaryKey).toString('base64')}`
      const json = { 'content-type': 'application/json' }
      const answers: readonly InPlace[] = [
        { status: 401, headers: json, body: JSON.stringify({ error: { message: `wrong key ${said}`, code: said } }) },
        { status: 500, body: `no access with ${said}` },
        { status: 200, headers: json, body: JSON.stringify({ error: said }) },
        { status: 200, headers: json, body: JSON.stringify({ models: said, data: { [said]: said }, version: [said] }) },
        { status: 200, body: `${said} is not JSON` },
        { status: 302, headers: { location: `/login?key=${encodeURIComponent(canaryKey)}` } },
        { status: 429, headers: { ...json, 'retry-after': said }, body: JSON.stringify({ error: said }) },
        {
          status: 200,
          headers: { 'content-type': 'text/event-stream' },
          body: `event: ${said}\ndata: {"error":"${said}"}\n\n`,
        },
      ]
      return answers[how] ?? { status: 404, body: said }
    }
    let how: number | null = null
    const { proxy } = await startBehindProxy(start, { instead: () => (how === null ? null : echo(how)) })
    const { connections, providers } = startConnections()
    const { provider: id } = await connections.add({ kind, address: proxy.address, key: canaryKey })
    const provider = await connected(kind, proxy.address, canaryKey)
    const key = await keyOfFirst(provider)
    for (how = 0; how < 8; how++) {
      const said = await askEverything(provider, key, 500)
      const info = await connections.check(id)
      const tested = await connections.test({ kind, address: proxy.address, key: canaryKey }, never)
      const all = inspect([said, info, tested, providers.inventory(id)], { depth: 12, maxStringLength: null })
      for (const secret of [canaryKey, canaryKey.slice(-20)])
        expect(holdsSecret(all, secret), `${how}: ${all.slice(0, 2_000)}`).toBe(false)
    }
  }, 60_000)
})
