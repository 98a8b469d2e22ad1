import { describe, expect, onTestFinished, test } from 'vitest'
import { LoadOptions } from '../../../shared/contract/models.ts'
import { Verb } from '../../../shared/contract/providers.ts'
import { lacking } from '../../../test/support/lacking.ts'
import { canary, connect, never, report, say, start } from '../../../test/support/llamaSwapConnection.ts'
import { startLlamaSwapServer } from '../../../test/support/llamaSwapServer.ts'
import type { OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'

test('status tells the version', async () => {
  const { provider } = await start()
  expect(await provider.status(never)).toEqual({ version: 'v250', latencyMs: expect.any(Number) })
})

test.each<[string, OpenAiBehaviour]>([
  ['a version without a commit, as Ollama and Lemonade tell it', { status: 200, body: '{"version":"0.32.15"}' }],
  ['no such route', { status: 404, body: '{"error":"not found"}' }],
  ['a page', 'html'],
  ['an error under 200', { status: 200, body: '{"version":3,"commit":"x"}' }],
])('another kind of server is recognised by %s', async (_, how) => {
  const { provider } = await start({ behaviour: { '/api/version': how } })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
})

test('a wrong key and a missing one are seen by status, and never repeated', async () => {
  const server = await startLlamaSwapServer({ key: canary })
  onTestFinished(server.close)
  await expect(connect(server.url, {}, canary).status(never)).resolves.toMatchObject({ version: 'v250' })
  for (const key of ['wrong-key-1', null]) {
    const error: unknown = await connect(server.url, {}, key)
      .status(never)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-key-1')
  }
})

test('the list tells its own models from names for others, and what each can do', async () => {
  const { provider } = await start({
    models: [
      { id: 'tiny', more: { name: 'Tiny', context_length: 8192, meta: { llamaswap: { type: 'model' } } } },
      {
        id: 'eyes',
        more: {
          architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
          capabilities: { vision: true, function_calling: true, reranker: false },
        },
      },
      { id: 'order', more: { capabilities: { reranker: true } } },
      { id: 'draw', more: { architecture: { input_modalities: ['text'], output_modalities: ['image'] } } },
      { id: 'small', type: 'alias' },
      { id: 'far/z-ai/glm', type: 'peer' },
      { id: 'any', type: 'selector' },
    ],
  })
  const models = await provider.models(never)
  expect(models.map(({ key, role, capabilities, lacks }) => [key, role, capabilities, lacks])).toEqual([
    ['tiny', 'unknown', [], lacking()],
    ['eyes', 'llm', ['completion', 'vision', 'tools'], lacking()],
    ['order', 'reranker', ['rerank'], lacking('chat', 'embed')],
    ['draw', 'diffusion', ['image'], lacking('chat', 'embed')],
    ['small', 'unknown', [], lacking('load', 'unload')],
    ['far/z-ai/glm', 'unknown', [], lacking('load', 'unload')],
    ['any', 'unknown', [], lacking('load', 'unload')],
  ])
  expect(models[0]).toMatchObject({ name: 'Tiny', contextLength: null, modifiedAt: null, path: null, loadable: true })
})

const command = `env HF_TOKEN=hf_canary0 \\
  llama-server --port 5800 --api-key sk-canary1 -m "/models/My Model.gguf" -c 8192 -ngl 33 -ctk q8_0 --hf-token=hf_canary2`

describe('the command line of a running model', () => {
  test('gives its file and four settings, and its secrets go nowhere', async () => {
    const { server, provider } = await start({ models: [{ id: 'tiny', cmd: command }] })
    server.state.running.set('tiny', 'ready')
    const instances = await provider.instances(never)
    expect(instances).toMatchObject([
      {
        key: 'tiny',
        state: 'loaded',
        contextLength: 8192,
        options: { contextLength: 8192, gpuLayers: 33, kvCacheType: 'q8_0' },
        expiresAt: null,
      },
    ])
    const models = await provider.models(never)
    expect(models[0]?.path).toBe('/models/My Model.gguf')
    const everything = [instances, models, await provider.details('tiny', never), await provider.facts(never)]
    expect(JSON.stringify(everything)).not.toContain('canary')
    expect(JSON.stringify(everything)).not.toContain('api-key')
  })

  test('is remembered for its file while the model is listed', async () => {
    const { server, provider } = await start({ models: [{ id: 'tiny', cmd: command }] })
    server.state.running.set('tiny', 'ready')
    await provider.instances(never)
    server.state.running.clear()
    expect((await provider.models(never))[0]?.path).toBe('/models/My Model.gguf')
  })

  test('in a container has no path of ours', async () => {
    const cmd = 'docker run --rm -v /data:/models ghcr.io/llama:server -m /models/a.gguf -c 512'
    const { server, provider } = await start({ models: [{ id: 'tiny', cmd }] })
    server.state.running.set('tiny', 'ready')
    expect((await provider.models(never))[0]?.path).toBeNull()
    expect(await provider.instances(never)).toMatchObject([{ contextLength: 512 }])
  })
})

test('states are told as they are', async () => {
  const { server, provider } = await start({ models: ['a', 'b', 'c', 'd'].map((id) => ({ id })) })
  server.state.running.set('a', 'ready').set('b', 'starting').set('c', 'stopping')
  server.state.running.set('d', 'shutdown' as 'ready') // which it does not list
  expect((await provider.instances(never)).map(({ key, state }) => `${key} ${state}`)).toEqual([
    'a loaded',
    'b loading',
    'c unloading',
  ])
})

describe('a load', () => {
  test.each(['tiny', 'org/name:Q4_0', 'a b', 'ü%2F?#'])('of %s waits until it runs', async (id) => {
    const { server, provider } = await start({ models: [{ id }] })
    server.state.start = 'held'
    const seen: (number | null)[] = []
    const loading = provider.load(id, {}, (fraction) => seen.push(fraction), never)
    await expect.poll(() => provider.instances(never)).toMatchObject([{ key: id, state: 'loading' }])
    server.finishStart(id)
    expect(await loading).toMatchObject({ key: id, state: 'loaded', instance: null })
    expect(seen).toEqual([null])
  })

  test.each([
    { status: 404, body: 'Not Found' },
    { status: 401, body: '{"error":{"message":"Invalid API Key"}}' },
    { status: 200, body: 'x'.repeat(200_000) },
    { status: 500, body: '{"error":"the page is broken"}' },
  ])('is done whatever the model’s own server answers: %j', async (page) => {
    const { server, provider } = await start()
    server.state.page = page
    await expect(provider.load('tiny', {}, report, never)).resolves.toMatchObject({ state: 'loaded' })
  })

  test('that fails says so without the command', async () => {
    const { server, provider } = await start()
    server.state.start = 'fails'
    const error: unknown = await provider.load('tiny', {}, report, never).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'LOAD_FAILED', message: expect.stringContaining('unable to start process') })
    expect(JSON.stringify(error) + String(error)).not.toContain('canary')
    server.state.start = 'vanishes'
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'LOAD_FAILED' })
  })

  test('of a model that runs asks for nothing more', async () => {
    const { server, provider } = await start()
    server.state.running.set('tiny', 'ready')
    await provider.load('tiny', {}, report, never)
    expect(server.paths()).toEqual(['GET /running'])
  })

  test('that is cancelled ends what was started', async () => {
    const { server, provider } = await start()
    server.state.start = 'held'
    const controller = new AbortController()
    const loading = provider.load('tiny', {}, report, controller.signal)
    loading.catch(() => {}) // looked at below
    await expect.poll(() => server.state.running.get('tiny')).toBe('starting')
    controller.abort()
    await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
    expect([...server.state.running]).toEqual([])
  })

  test('of an unknown model, of a path in place of a name, and of a path that needs it running, are told apart', async () => {
    const { server, provider } = await start()
    await expect(provider.load('nope', {}, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    for (const name of ['../unload', 'a/../../unload', './x', 'a//b'])
      await expect(provider.load(name, {}, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADABLE' })
    expect(server.requests.filter(({ path }) => path.includes('unload'))).toEqual([])
    const body = JSON.stringify({ src: 'llama-swap', error: { message: 'not ready' } })
    server.behaviour['/upstream/tiny/'] = { status: 409, body }
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  })
})

describe('an unload', () => {
  test('resolves when nothing runs any more, and when nothing ran', async () => {
    const { server, provider } = await start({ models: [{ id: 'org/name:Q4_0' }] })
    await provider.unload('org/name:Q4_0', null, never)
    await provider.load('org/name:Q4_0', {}, report, never)
    await provider.unload('org/name:Q4_0', null, never)
    expect([...server.state.running]).toEqual([])
    expect(server.paths()).toContain('POST /api/models/unload/org/name%3AQ4_0')
    await expect(provider.unload('nope', null, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  test('that does not end is given up with words', async () => {
    const { server, provider } = await start({}, { unloadMs: 100 })
    server.state.running.set('tiny', 'ready')
    server.state.stop = 'held'
    await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      message: expect.stringContaining('still runs tiny'),
    })
  })
})

test('a chat and an embedding are answered', async () => {
  const { provider } = await start()
  const chunks = await say(provider)
  expect(chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : chunk.type)).join('|')).toBe('Hello| there|.|done')
  expect((await provider.embed('tiny', ['abc'], never)).embeddings).toEqual([[3, 0.5]])
})

test('too many requests at once are waited for as long as it says', async () => {
  const { server, provider } = await start()
  server.state.requestsAtOnce = 0
  const limited = { code: 'PROVIDER_RATE_LIMITED', details: { waitMs: 1_000 } }
  await expect(say(provider)).rejects.toMatchObject(limited)
  await expect(provider.embed('tiny', ['a'], never)).rejects.toMatchObject(limited)
  await expect(say(provider, 'nope')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('facts tell what runs, what was counted and the last requests', async () => {
  const { server, provider } = await start()
  server.state.running.set('tiny', 'ready')
  const groups = await provider.facts(never)
  expect(groups.map(({ title }) => title)).toEqual(['Server', 'Running', 'Since it counts', 'Last requests'])
  expect(groups.flatMap(({ facts }) => facts.map(({ label, value }) => `${label}: ${value}`))).toEqual(
    expect.arrayContaining([
      'Version: v250',
      'tiny: ready; unloaded after: 300 s without use',
      'Requests: 12',
      'Writing, tokens/s: 40 in the middle, 44.5 at best',
      '2026-10-01 10:00:00 tiny: status 200, 9 tokens in, 3 out, 41.3 tokens/s, 1.5 s',
    ]),
  )
  expect(JSON.stringify(groups)).not.toContain('canary')
})

test('a version without counters has the other facts', async () => {
  const { provider } = await start({ older: true })
  expect((await provider.facts(never)).map(({ title }) => title)).toEqual(['Server'])
})

test('every verb that is absent, and every option of a load, has its sentence', async () => {
  const { server, provider } = await start()
  const verbs = new Set(Object.keys(provider))
  for (const verb of Verb.options) expect([verb, verbs.has(verb)]).toEqual([verb, provider.cannot[verb] === undefined])
  expect(Object.keys(provider.ignoredOptions).sort()).toEqual(Object.keys(LoadOptions.shape).sort())
  await expect(provider.load('tiny', { contextLength: 2048 }, report, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('config file'),
  })
  expect(server.requests).toEqual([])
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const { server, provider } = await start()
  const hostile = { id: '<img src=x onerror=alert(1)>', capabilities: 'all', meta: [], context_length: -1, name: 7 }
  server.behaviour['/v1/models'] = { status: 200, body: JSON.stringify({ data: [hostile, { id: 7 }] }) }
  expect(await provider.models(never)).toMatchObject([{ key: hostile.id, name: hostile.id, capabilities: [] }])
  const odd = [
    { model: 'a', state: 7, cmd: ['x'], ttl: 'soon' },
    { model: 'b', state: 'ready', cmd: '-c nine -ngl "' },
  ]
  server.behaviour['/running'] = { status: 200, body: JSON.stringify({ running: odd }) }
  expect(await provider.instances(never)).toMatchObject([{ key: 'b', state: 'loaded', options: {} }])
  server.behaviour['/running'] = { status: 200, body: '{"running":null}' }
  expect(await provider.instances(never)).toEqual([])
})
