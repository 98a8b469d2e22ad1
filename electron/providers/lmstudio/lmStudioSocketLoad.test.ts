import { afterEach, expect, test, vi } from 'vitest'
import { createLmStudioBench, never, patience, report, token } from '../../../test/support/lmStudioBench.ts'

const { start, cleanUp } = createLmStudioBench()
afterEach(cleanUp)

test('a load sends every option in the words of LM Studio and resolves with the instance', async () => {
  const { server, provider, loadCalls } = await start({ token })
  const told: (number | null)[] = []
  const options = {
    contextLength: 2048,
    gpuLayers: 0,
    batchSize: 64,
    flashAttention: true,
    kvCacheType: 'q8_0',
    mmap: false,
    keepAlive: 600,
  } as const
  const before = Date.now()
  const instance = await provider.load('tiny', options, (fraction) => told.push(fraction), never)
  expect(loadCalls()).toMatchObject([
    {
      endpoint: 'llm/loadModel',
      parameter: { modelKey: 'tiny', ttlMs: 600_000 },
      fields: {
        'llm.load.contextLength': 2048,
        'llm.load.llama.acceleration.offloadRatio': 'off',
        'llm.load.llama.evalBatchSize': 64,
        'llm.load.llama.flashAttention': true,
        'llm.load.llama.kCacheQuantizationType': { checked: true, value: 'q8_0' },
        'llm.load.llama.vCacheQuantizationType': { checked: true, value: 'q8_0' },
        'llm.load.llama.tryMmap': false,
      },
    },
  ])
  expect(told).toEqual([null, 0.25])
  expect(instance).toEqual({
    key: 'tiny',
    instance: 'tiny',
    state: 'loaded',
    reason: null,
    progress: null,
    options,
    memory: [],
    contextLength: 2048,
    gpuLayers: null,
    pid: null,
    loadedAt: expect.any(Number),
    expiresAt: expect.any(Number),
    activeRequests: null,
    backend: null,
    kvCacheUse: null,
  })
  expect(instance.expiresAt).toBeGreaterThanOrEqual(before + 600_000)
  expect(await provider.instances(never)).toEqual([instance])
  expect(server.paths()).not.toContain('POST /api/v1/models/load')
  await vi.waitFor(() => expect(server.socket.open.size).toBe(0), patience)
})

test('automatic options are left to LM Studio, forever is no time, and a second instance has its own name', async () => {
  const { server, provider, loadCalls } = await start()
  server.world.load('tiny', { ttlMs: 1_000 })
  const loaded = await provider.load('tiny', { gpuLayers: 'auto', keepAlive: 'forever' }, report, never)
  expect(loaded).toMatchObject({ instance: 'tiny:2', expiresAt: 'never' })
  expect(loadCalls()).toMatchObject([{ fields: {}, parameter: { modelKey: 'tiny' } }])
  expect(loadCalls()[0]?.parameter).not.toHaveProperty('ttlMs')
})

test('an embedding model is loaded as one', async () => {
  const { provider, loadCalls } = await start({ models: [{ key: 'emb', type: 'embedding' }] })
  await provider.load('emb', { contextLength: 512 }, report, never)
  expect(loadCalls()).toMatchObject([
    { endpoint: 'embedding/loadModel', fields: { 'embedding.load.contextLength': 512 } },
  ])
})

test('a load shows while it lasts with its progress, is announced, and refuses a second change', async () => {
  const { server, provider } = await start()
  const changes: string[] = []
  provider.onChange((what) => changes.push(what))
  const release = server.world.hold('load')
  const loading = provider.load('tiny', { contextLength: 512 }, report, never)
  await vi.waitFor(
    async () =>
      expect(await provider.instances(never)).toMatchObject([
        { key: 'tiny', instance: null, state: 'loading', progress: 0.25, options: { contextLength: 512 } },
      ]),
    patience,
  )
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'BUSY' })
  await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({ code: 'BUSY' })
  release()
  await loading
  expect(await provider.instances(never)).toMatchObject([{ instance: 'tiny', state: 'loaded' }])
  expect(changes).toEqual(['instances', 'instances'])
})

test('cancelling a load tells LM Studio, closes the connection and leaves nothing behind', async () => {
  const { server, provider, loadCalls } = await start()
  const release = server.world.hold('load')
  const controller = new AbortController()
  const loading = provider.load('tiny', {}, report, controller.signal)
  await vi.waitFor(() => expect(loadCalls()).toHaveLength(1), patience)
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.socket.cancelled).toBe(1)
  await vi.waitFor(() => expect(server.socket.open.size).toBe(0), patience)
  release()
  expect(server.loaded()).toEqual([])
  expect(await provider.instances(never)).toEqual([])
})

test('closing the provider ends a load under way', async () => {
  const { server, provider, loadCalls } = await start()
  server.world.hold('load')
  const loading = provider.load('tiny', {}, report, never)
  await vi.waitFor(() => expect(loadCalls()).toHaveLength(1), patience)
  await provider.close()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.socket.open.size).toBe(0), patience)
})

test('what was loaded in the moment of the cancel is taken out again, and nothing else', async () => {
  const { server, provider, loadCalls } = await start({ socket: { 'llm/loadModel': 'loads though cancelled' } })
  server.world.load('tiny')
  server.world.hold('load')
  const controller = new AbortController()
  const loading = provider.load('tiny', {}, report, controller.signal)
  await vi.waitFor(() => expect(loadCalls()).toHaveLength(1), patience)
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.socket.cancelled).toBe(1)
  expect(server.loaded()).toEqual(['tiny'])
})

test('where the SDK cannot read the end of a load, the list tells that it is loaded', async () => {
  const { server, provider } = await start({ socket: { 'llm/loadModel': 'odd end' } })
  expect(await provider.load('tiny', {}, report, never)).toMatchObject({ instance: 'tiny', state: 'loaded' })
  expect(server.loaded()).toEqual(['tiny'])
})

test('a model that went meanwhile is not found, by the list and by the SDK', async () => {
  const { server, provider } = await start()
  await expect(provider.load('other', {}, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  const gone = JSON.stringify({ models: [{ type: 'llm', key: 'gone' }] })
  server.behaviour['/api/v1/models'] = { status: 200, body: gone }
  await expect(provider.load('gone', {}, report, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test.each(['answers 200', 'redirects', 'no upgrade', 'silent', 'strange authentication'] as const)(
  'where the socket %s, REST loads with what it takes, and tells no progress',
  async (how) => {
    const { server, provider } = await start({ socket: { system: how } }, { socketMs: 100 })
    const told: (number | null)[] = []
    const options = {
      contextLength: 1024,
      batchSize: 64,
      flashAttention: true,
      gpuLayers: 'auto',
      keepAlive: 'forever',
    } as const
    const loaded = await provider.load('tiny', options, (fraction) => told.push(fraction), never)
    expect(loaded).toMatchObject({ instance: 'tiny', contextLength: 1024, options })
    expect(told).toEqual([null])
    const call = server.requests.find(({ path }) => path === '/api/v1/models/load')
    expect(call?.body).toEqual({ model: 'tiny', context_length: 1024, eval_batch_size: 64, flash_attention: true })
  },
)

test('what REST does not take is refused with a sentence, and nothing is loaded', async () => {
  const { server, provider } = await start({ socket: { system: 'answers 200' } })
  for (const options of [{ gpuLayers: 0 }, { kvCacheType: 'q8_0' }, { mmap: true }, { keepAlive: 60 }] as const)
    await expect(provider.load('tiny', options, report, never)).rejects.toMatchObject({
      code: 'VERB_NOT_SUPPORTED',
      message: expect.stringContaining(`${Object.keys(options)[0]} only over its socket`),
    })
  expect(server.paths()).not.toContain('POST /api/v1/models/load')
})

test('a socket that refuses the key refuses the load', async () => {
  const { server, provider } = await start({ socket: { system: 'refuses identity' } })
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
  server.socketBehaviour.system = undefined
  server.socketBehaviour.llm = 'refuses identity'
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
})

test('a load over REST that was cancelled is taken out when it shows up', async () => {
  const { server, provider } = await start({ socket: { system: 'answers 200' } })
  const release = server.world.hold('load')
  const controller = new AbortController()
  const loading = provider.load('tiny', {}, report, controller.signal)
  await vi.waitFor(() => expect(server.paths()).toContain('POST /api/v1/models/load'), patience)
  controller.abort()
  await vi.waitFor(() => expect(server.aborted).toHaveLength(1), patience)
  release()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.loaded()).toEqual([])
})

test('one that does not show up soon may still come, and that is said', async () => {
  const { server, provider } = await start({ socket: { system: 'answers 200' } }, { strayMs: 50 })
  server.world.hold('load')
  const controller = new AbortController()
  const loading = provider.load('tiny', {}, report, controller.signal)
  await vi.waitFor(() => expect(server.paths()).toContain('POST /api/v1/models/load'), patience)
  controller.abort()
  await expect(loading).rejects.toMatchObject({
    code: 'CANCELLED',
    message: expect.stringContaining('may still finish'),
  })
})
