import { describe, expect, onTestFinished, test } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { chat, never, report, start, states } from '../../../test/support/llamaRouterConnection.ts'
import { startLlamaServer } from '../../../test/support/llamaServer.ts'
import { badAnswers, limitsFor } from '../../../test/support/openAiBehaviour.ts'

test('a router is told by itself, and what it has not is changing adapters', async () => {
  const { provider } = await start()
  await expect(provider.status(never)).resolves.toMatchObject({ version: 'b11669-Debian' })
  expect(Object.keys(provider.cannot).sort()).toEqual(['adapters', 'copy', 'create', 'keepAlive', 'push'])
  await expect(provider.adapters('tiny', never)).rejects.toMatchObject({ message: provider.cannot.adapters })
  await expect(provider.changeAdapter('tiny', { change: 'scale', id: '0', scale: 1 }, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
  })
})

test('who was given the sentences sees them follow the mode of the next start', async () => {
  const { server, provider } = await start()
  const { cannot } = provider
  await provider.status(never)
  expect(cannot.load).toBeUndefined()
  await server.close()
  const single = await startLlamaServer({ port: server.port })
  onTestFinished(single.close)
  await provider.status(never)
  expect(cannot).toMatchObject({ load: expect.any(String), pull: expect.any(String) })
  expect(cannot.adapters).toBeUndefined()
})

test('all models are listed, loaded or not, and listing loads none', async () => {
  const { server, provider } = await start({
    models: [
      { id: 'tiny' },
      { id: 'mini', embeddings: 'pooled' },
      { id: 'org/big:Q4_0', canRemove: true, args: ['--hf-token', 'hf_canary', '--ctx-size', '4096'] },
    ],
  })
  expect(await provider.models(never)).toMatchObject([
    {
      key: 'tiny',
      role: 'llm',
      contextLength: 4096,
      path: '/models/tiny.gguf',
      lacks: lacking('embed', 'adapters', 'remove'),
    },
    { key: 'mini', role: 'embedding', capabilities: ['embedding'], lacks: lacking('chat', 'adapters', 'remove') },
    { key: 'org/big:Q4_0', lacks: lacking('embed', 'adapters'), parameterCount: null },
  ])
  expect(await provider.instances(never)).toEqual([])
  expect([...server.models.values()].map(({ value }) => value)).toEqual(['unloaded', 'unloaded', 'unloaded'])
})

test('of a command line only known settings are shown, and never a token', async () => {
  const { provider } = await start({
    models: [
      { id: 'tiny', args: ['--hf-token', 'hf_canary_0123', '--api-key=canary', '--ctx-size', '4096', '-fa', 'on'] },
    ],
  })
  const details = await provider.details('tiny', never)
  expect(
    details.groups.find(({ title }) => title === 'Settings')?.facts.map(({ label, value }) => [label, value]),
  ).toEqual([
    ['Context', '4096'],
    ['Flash attention', 'on'],
  ])
  const everything = [details, await provider.models(never), await provider.facts(never)]
  expect(JSON.stringify(everything)).not.toContain('canary')
})

describe('a load', () => {
  test('resolves when the model is loaded, not when the router says that it begins', async () => {
    const { server, provider } = await start()
    server.state.load = 'held'
    const loading = provider.load('tiny', {}, report, never)
    await expect.poll(() => states(provider)).toEqual(['tiny loading'])
    server.settle('tiny')
    expect(await loading).toMatchObject({ key: 'tiny', state: 'loaded', contextLength: 2048, instance: null })
    expect(await provider.instances(never)).toMatchObject([{ key: 'tiny', state: 'loaded', activeRequests: 0 }])
    expect(await chat(provider, 'tiny')).toBe('Hello there.')
  })

  test('reports how far it is over all stages, by events and by the list', async () => {
    const { server, provider } = await start()
    server.state.load = 'held'
    const seen: (number | null)[] = []
    const loading = provider.load('tiny', {}, (fraction) => seen.push(fraction), never)
    await expect.poll(() => server.listeners.size).toBe(1)
    await expect.poll(() => server.models.get('tiny')?.value).toBe('loading')
    server.progress('tiny', ['text_model', 'mmproj'], 'text_model', 0.5)
    await expect.poll(() => seen).toContain(0.25)
    server.progress('tiny', ['text_model', 'mmproj'], 'mmproj', 0.5, true)
    await expect.poll(() => seen).toContain(0.75)
    expect(await provider.instances(never)).toMatchObject([{ state: 'loading', progress: 0.75 }])
    server.settle('tiny')
    await loading
    expect(seen[0]).toBeNull()
  })

  test('ends without events too', async () => {
    const { provider } = await start({ noEvents: true })
    await expect(provider.load('tiny', {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
  })

  test.each(['html', 'headers, then silence', 'endless event line', 'reset'] as const)(
    'ends when the events are %s',
    async (how) => {
      const { provider } = await start({ behaviour: { '/models/sse': how } })
      await expect(provider.load('tiny', {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
    },
  )

  test('that fails says with which code, and where the reason stands', async () => {
    const { server, provider } = await start()
    server.state.load = 'fails'
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({
      code: 'LOAD_FAILED',
      message: expect.stringContaining('ended with code 1'),
      advice: expect.stringContaining('log of llama-server'),
    })
    expect(await provider.instances(never)).toMatchObject([{ key: 'tiny', state: 'failed' }])
    server.state.load = 'works'
    await expect(provider.load('tiny', {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
  })

  test('that somebody else ends is a failure, and no endless wait', async () => {
    const { server, provider } = await start()
    server.state.load = 'held'
    const loading = provider.load('tiny', {}, report, never)
    loading.catch(() => {}) // looked at below
    await expect.poll(() => server.models.get('tiny')?.value).toBe('loading')
    const looks = () => server.requests.filter(({ path }) => path === '/models').length
    const before = looks()
    await expect.poll(looks).toBeGreaterThan(before + 1) // so one was answered meanwhile
    server.become('tiny', 'unloaded')
    await expect(loading).rejects.toMatchObject({ code: 'LOAD_FAILED', message: expect.stringContaining('unloaded') })
  })

  test('of a model that is loaded, or being loaded by somebody else, joins', async () => {
    const { server, provider } = await start()
    server.become('tiny', 'loaded')
    await expect(provider.load('tiny', {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
    server.become('tiny', 'loading')
    const joined = provider.load('tiny', {}, report, never)
    server.settle('tiny')
    await expect(joined).resolves.toMatchObject({ state: 'loaded' })
    expect(server.paths()).not.toContain('POST /models/load')
  })

  test('of a model that sleeps wakes it', async () => {
    const { server, provider } = await start()
    server.become('tiny', 'sleeping')
    Object.assign(server.models.get('tiny')?.process.state ?? {}, { sleeping: true })
    expect(await provider.instances(never)).toEqual([])
    await expect(provider.load('tiny', {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
    expect(await states(provider)).toEqual(['tiny loaded'])
  })

  test('that is cancelled leaves nothing behind', async () => {
    const { server, provider } = await start()
    server.state.load = 'held'
    const controller = new AbortController()
    const loading = provider.load('tiny', {}, report, controller.signal)
    loading.catch(() => {}) // looked at below
    await expect.poll(() => server.models.get('tiny')?.value).toBe('loading')
    server.state.unload = 'forced'
    controller.abort()
    await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(server.models.get('tiny')?.value).toBe('unloaded')
    expect(await provider.instances(never)).toEqual([]) // the router calls it failed, and it was asked for
    await expect.poll(() => server.listeners.size).toBe(0)
  })

  test('that takes too long is given up and undone', async () => {
    const { server, provider } = await start({}, { loadMs: 1_000 })
    server.state.load = 'held'
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
    expect(server.models.get('tiny')?.value).toBe('unloaded')
  })

  test('of an unknown model, of one on its way here, and into a full router are told apart', async () => {
    const { server, provider } = await start({ models: [{ id: 'tiny' }, { id: 'a/b' }] })
    server.become('a/b', 'downloading')
    await expect(provider.load('nope', {}, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await expect(provider.load('a/b', {}, report, never)).rejects.toMatchObject({ code: 'BUSY' })
    server.state.full = true
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'PROVIDER_BUSY' })
  })

  test.each(badAnswers)('answered by %j is %s', async (how, code) => {
    const { provider } = await start({ behaviour: { '/models/load': how } }, limitsFor(how))
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code })
  })
})

describe('an unload', () => {
  test('resolves when the model is gone, also when it had to be forced, and when nothing was loaded', async () => {
    const { server, provider } = await start()
    await provider.unload('tiny', null, never)
    for (const how of ['works', 'forced'] as const) {
      await provider.load('tiny', {}, report, never)
      server.state.unload = how
      await provider.unload('tiny', null, never)
      expect(server.models.get('tiny')?.value).toBe('unloaded')
      expect(await provider.instances(never)).toEqual([])
    }
    await expect(provider.unload('nope', null, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  test('that does not end is given up with words', async () => {
    const { server, provider } = await start({}, { unloadMs: 100 })
    server.become('tiny', 'loaded')
    server.state.unload = 'held'
    await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      message: expect.stringContaining('still holds tiny'),
    })
  })

  test.each(badAnswers)('answered by %j is %s', async (how, code) => {
    const { server, provider } = await start({ behaviour: { '/models/unload': how } }, limitsFor(how))
    server.become('tiny', 'loaded')
    await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({ code })
  })
})

describe('a process behind the router', () => {
  test('that crashed is failed, with its code', async () => {
    const { server, provider } = await start()
    await provider.load('tiny', {}, report, never)
    server.become('tiny', 'unloaded', { failed: true, exitCode: 139 })
    expect(await provider.instances(never)).toMatchObject([
      { key: 'tiny', state: 'failed', reason: expect.stringContaining('code 139') },
    ])
    await expect(chat(provider, 'tiny')).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
    expect(server.models.get('tiny')?.value).toBe('unloaded') // the chat did not load it again
  })

  test('that ends in the middle of an answer is named, and is not the router’s fault', async () => {
    const { server, provider } = await start()
    await provider.load('tiny', {}, report, never)
    server.behaviour['/v1/chat/completions'] = { status: 500, body: 'proxy error: Failed to read connection' }
    await expect(chat(provider, 'tiny')).rejects.toMatchObject({ code: 'ENGINE_CRASHED' })
  })

  test('started for embeddings without pooling is never asked to chat', async () => {
    const { server, provider } = await start({ models: [{ id: 'odd', embeddings: 'unpooled' }] })
    await provider.load('odd', {}, report, never)
    await expect(chat(provider, 'odd')).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    expect((await provider.models(never))[0]?.lacks).toEqual(lacking('chat', 'embed', 'adapters', 'remove'))
    expect(server.models.get('odd')?.value).toBe('loaded')
  })

  test.each(['no headers', 'html', 'reset', 'wrong types'] as const)(
    'that answers its slots by %s hides nothing of the others',
    async (how) => {
      const { server, provider } = await start(
        { behaviour: { '/slots': how } },
        { answerMs: how === 'no headers' ? 1_000 : 10_000 },
      )
      server.become('tiny', 'loaded')
      await expect(provider.models(never)).resolves.toHaveLength(1)
      if (how === 'reset') return
      await expect(provider.instances(never)).resolves.toMatchObject([{ state: 'loaded', activeRequests: null }])
    },
  )

  test('is described in the facts of the router', async () => {
    const { server, provider } = await start({ models: [{ id: 'tiny', metrics: true }, { id: 'small' }] })
    server.become('tiny', 'loaded')
    const groups = await provider.facts(never)
    expect(groups.map(({ title }) => title)).toEqual(['Server', 'Slots of tiny', 'Counters of tiny'])
    expect(groups[0]?.facts).toContainEqual({ label: 'Models at once', value: '4', source: '/props' })
  })
})
