import { expect, test, vi } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { bodyOf, connect, never, report, start, states } from '../../../test/support/lemonadeConnection.ts'
import { patience } from '../../../test/support/patience.ts'

test('a load sends its options in the server’s words and resolves with the instance', async () => {
  const { server, provider } = await start({ models: [{ id: 'tiny', args: '--cache-reuse 256' }] })
  const options = {
    contextLength: 1024,
    gpuLayers: 3,
    threads: 2,
    batchSize: 64,
    flashAttention: true,
    kvCacheType: 'q8_0',
    mmap: false,
    keepAlive: 'forever',
  } as const
  const instance = await provider.load('tiny', options, report, never)
  expect(bodyOf(server, '/v1/load')).toEqual({
    model_name: 'tiny',
    ctx_size: 1024,
    llamacpp_args: '--cache-reuse 256 -ngl 3 -t 2 -b 64 -fa on -ctk q8_0 -ctv q8_0 --load-mode none',
    pinned: true,
  })
  expect(instance).toEqual({
    key: 'tiny',
    instance: null,
    state: 'loaded',
    reason: null,
    progress: null,
    options,
    memory: [],
    contextLength: 1024,
    gpuLayers: null,
    pid: 101,
    loadedAt: expect.any(Number),
    expiresAt: 'never',
    activeRequests: 0,
    backend: null,
    kvCacheUse: null,
  })
  expect(await provider.instances(never)).toEqual([instance])
})

test('options that are left out are left to the server, and seconds are its idle time', async () => {
  const { server, provider } = await start()
  await provider.load('tiny', { gpuLayers: 'auto', keepAlive: 600 }, report, never)
  expect(bodyOf(server, '/v1/load')).toEqual({ model_name: 'tiny', auto_evict: true, evict_idle_timeout: 600 })
  await provider.unload('tiny', null, never)
  await provider.load('tiny', { mmap: true, flashAttention: false }, report, never)
  expect(bodyOf(server, '/v1/load')).toEqual({ model_name: 'tiny', llamacpp_args: '-fa off --load-mode mmap' })
})

test.each([
  [{ contextLength: 8192 }, 'trained for 4096', {}],
  [{ kvCacheType: 'q4_0', flashAttention: false }, 'needs flash attention', {}],
  [{ mmap: true }, 'unload them first', {}],
  [{ threads: 2 }, 'no options of llama.cpp', { recipe: 'flm' }],
  [{ contextLength: 512 }, 'no context length', { recipe: 'whispercpp' }],
] as const)('options that would cost every loaded model are refused: %j', async (options, words, more) => {
  const { server, provider } = await start({ models: [{ id: 'tiny', ...more }, { id: 'other' }] })
  server.loadElsewhere('other')
  await expect(provider.load('tiny', options, report, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining(words),
  })
  expect(server.paths()).not.toContain('POST /v1/load')
  expect(server.loadedNames()).toEqual(['other'])
})

test.each([
  [{ gone: true }, 'MODEL_NOT_LOADABLE', 'gone'],
  [{ downloaded: false }, 'MODEL_NOT_LOADABLE', 'not downloaded'],
])('a model that is %j is refused before the others pay for it', async (more, code, words) => {
  const { server, provider } = await start({ models: [{ id: 'tiny', ...more }, { id: 'other' }] })
  server.loadElsewhere('other')
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  })
  expect(server.loadedNames()).toEqual(['other'])
})

test('a load that fails all the same says what it cost', async () => {
  const { server, provider } = await start({ models: [{ id: 'tiny', broken: true }, { id: 'other' }] })
  server.loadElsewhere('other')
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    message: expect.stringContaining('failed to start'),
    advice: expect.stringContaining('unload every other model'),
    details: { status: 500 },
  })
  expect(await provider.instances(never)).toEqual([])
})

test.each([
  [{ code: 'model_load_error', message: 'cudaMalloc failed: out of memory' }, 500, 'OUT_OF_MEMORY'],
  [{ code: 'slots_pinned_error', message: 'All loaded models of type standard/llm are pinned.' }, 409, 'BUSY'],
  [{ code: 'model_not_found', message: "Model 'tiny' was not found." }, 404, 'MODEL_NOT_FOUND'],
])('a load that ends with %j is %s', async (error, status, code) => {
  const { provider } = await start({ behaviour: { '/v1/load': { status, body: JSON.stringify({ error }) } } })
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code })
})

test('loads and unloads show while they last, and are announced', async () => {
  const { server, provider } = await start()
  const changes: string[] = []
  const stop = provider.onChange((what) => changes.push(what))
  const release = server.hold()
  const loading = provider.load('tiny', { contextLength: 512 }, report, never)
  expect(await provider.instances(never)).toMatchObject([
    { key: 'tiny', state: 'loading', progress: null, pid: null, options: { contextLength: 512 } },
  ])
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'BUSY' })
  release()
  await loading
  expect(await states(provider)).toEqual(['tiny loaded'])
  const releaseUnload = server.hold()
  const unloading = provider.unload('tiny', null, never)
  expect(await states(provider)).toEqual(['tiny unloading'])
  releaseUnload()
  await unloading
  expect(server.loadedNames()).toEqual([])
  expect(changes).toHaveLength(4)
  stop()
})

test('a cancelled load cannot be stopped: it is unloaded when it has ended', async () => {
  const { server, provider } = await start()
  const release = server.hold()
  const controller = new AbortController()
  const loading = provider.load('tiny', {}, report, controller.signal)
  await vi.waitFor(() => expect(server.paths()).toContain('POST /v1/load'), patience)
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(await provider.instances(never)).toMatchObject([
    { key: 'tiny', state: 'unloading', reason: expect.stringContaining('has begun') },
  ])
  const unloaded = provider.unload('tiny', null, never)
  release()
  await unloaded
  expect(server.paths()).toContain('POST /v1/unload')
  expect(server.loadedNames()).toEqual([])
  expect(await provider.instances(never)).toEqual([])
})

test('what was loaded before a cancelled load stays, and a load after one waits for its end', async () => {
  const { server, provider } = await start({ models: [{ id: 'tiny' }, { id: 'other' }] })
  server.loadElsewhere('other')
  for (const key of ['other', 'tiny']) {
    const release = server.hold()
    const controller = new AbortController()
    const loading = provider.load(key, {}, report, controller.signal)
    await vi.waitFor(() => expect(bodyOf(server, '/v1/load')).toEqual({ model_name: key }), patience)
    controller.abort()
    await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
    release()
  }
  await provider.load('tiny', {}, report, never)
  expect(server.loadedNames()).toEqual(['other', 'tiny'])
})

test('an unload names its model, always', async () => {
  const { server, provider } = await start({ models: [{ id: 'tiny' }, { id: 'other' }] })
  server.loadElsewhere('other')
  server.loadElsewhere('tiny')
  await provider.unload('tiny', null, never)
  expect(server.loadedNames()).toEqual(['other'])
  await provider.unload('tiny', null, never)
  for (const name of ['', ' ', 'nope'])
    await expect(provider.unload(name, null, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  expect(server.loadedNames()).toEqual(['other'])
  expect(server.requests.filter(({ path }) => path === '/v1/unload').map(({ body }) => body)).toEqual([
    { model_name: 'tiny' },
  ])
})

test('a model that left by itself just before its unload is unloaded', async () => {
  const { server, provider } = await start()
  server.loadElsewhere('tiny')
  server.behaviour['/v1/unload'] = { status: 404, body: '{"error":"Model not loaded: tiny"}' }
  await expect(provider.unload('tiny', null, never)).resolves.toBeUndefined()
})

test('what others loaded shows with the options that are told', async () => {
  const { server, provider } = await start({ models: [{ id: 'a' }, { id: 'b' }] })
  server.loadElsewhere('a', { ctx_size: 1024, pinned: true })
  server.loadElsewhere('b', { auto_evict: true, evict_idle_timeout: 300 })
  Object.assign(server.state.loaded[1] ?? {}, { busy: true, alive: false })
  expect(await provider.instances(never)).toMatchObject([
    { key: 'a', options: { contextLength: 1024, keepAlive: 'forever' }, expiresAt: 'never', activeRequests: 0 },
    { key: 'b', options: { contextLength: 4096, keepAlive: 300 }, expiresAt: null, activeRequests: 1, state: 'failed' },
  ])
})

test('our options are forgotten when the model was loaded anew', async () => {
  const { server, provider } = await start()
  await provider.load('tiny', { contextLength: 512, threads: 1 }, report, never)
  server.state.loaded = []
  server.loadElsewhere('tiny')
  expect(await provider.instances(never)).toMatchObject([{ options: { contextLength: 4096 }, loadedAt: null }])
})

test('a process of another machine has no number here', async () => {
  const { server } = await start()
  server.loadElsewhere('tiny')
  const local = connect(server.url.replace('127.0.0.1', 'localhost'))
  expect(await local.instances(never)).toMatchObject([{ pid: 101 }])
  const far = connect(server.url.replace('127.0.0.1', '0.0.0.0'))
  expect(await far.instances(never)).toMatchObject([{ pid: null }])
  expect(await far.models(never)).toMatchObject([{ path: null }])
})

test('an alias is another name of what is loaded, counted once, and not removed', async () => {
  const { server, provider } = await start()
  server.state.aliases.set('al', 'tiny')
  expect(await provider.models(never)).toMatchObject([
    { key: 'tiny' },
    { key: 'al', lacks: lacking('embed', 'remove') },
  ])
  expect(await provider.load('al', {}, report, never)).toMatchObject({ key: 'al', state: 'loaded' })
  expect(await provider.instances(never)).toMatchObject([
    { key: 'tiny', state: 'loaded', pid: 101 },
    { key: 'al', state: 'loaded', pid: null },
  ])
  await expect(provider.remove('al', never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  await provider.unload('al', null, never)
  expect(bodyOf(server, '/v1/unload')).toEqual({ model_name: 'tiny' })
  expect(await provider.instances(never)).toEqual([])
})

test('a loaded model is pinned; a time cannot be set afterwards', async () => {
  const { server, provider } = await start()
  await expect(provider.keepAlive('tiny', 'forever', never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  await provider.load('tiny', {}, report, never)
  await provider.keepAlive('tiny', 'forever', never)
  expect(bodyOf(server, '/internal/pin')).toEqual({ model_name: 'tiny', pinned: true })
  expect(await provider.instances(never)).toMatchObject([{ expiresAt: 'never' }])
  await expect(provider.keepAlive('tiny', 60, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('together with a load'),
  })
})
