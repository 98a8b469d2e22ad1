import { expect, onTestFinished, test, vi } from 'vitest'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { connectOllama, startOllama } from '../../../test/support/ollamaConnection.ts'
import { startOllamaServer } from '../../../test/support/ollamaServer.ts'
import { patience } from '../../../test/support/patience.ts'
import type { ProviderChatChunk } from '../provider.ts'

const never = new AbortController().signal
const report = () => {}
const tiny = 'tiny:latest'
const start = startOllama
type OllamaProvider = ReturnType<typeof connectOllama>

const say = async (provider: OllamaProvider, key = tiny, content = 'hello', signal = never) => {
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat(key, { messages: [{ role: 'user', content }] }, signal)) chunks.push(chunk)
  return chunks
}
const states = async (provider: OllamaProvider) =>
  (await provider.instances(never)).map(({ key, state }) => `${key} ${state}`)

test('status tells the version and how long the answer took', async () => {
  const { provider } = await start({ version: '0.32.15' })
  expect(await provider.status(never)).toEqual({ version: '0.32.15', latencyMs: expect.any(Number) })
})

test('a server that is down is unreachable in every verb, and comes back', async () => {
  const server = await startOllamaServer()
  const provider = connectOllama(server.url)
  await server.close()
  const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens there') }
  await expect(provider.status(never)).rejects.toMatchObject(unreachable)
  await expect(provider.models(never)).rejects.toMatchObject(unreachable)
  await expect(provider.instances(never)).rejects.toMatchObject(unreachable)
  await expect(provider.load(tiny, {}, report, never)).rejects.toMatchObject(unreachable)
  await expect(provider.unload(tiny, null, never)).rejects.toMatchObject(unreachable)
  await expect(say(provider)).rejects.toMatchObject(unreachable)
  const again = await startOllamaServer({ port: server.port })
  onTestFinished(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})

test('a load sends its options in Ollama’s words and resolves with the instance', async () => {
  const { server, provider } = await start({
    models: [{ name: tiny, contextLength: 8192, memoryBytes: 3_000, vramBytes: 2_000 }],
  })
  const before = Date.now()
  const options = { contextLength: 2048, gpuLayers: 3, threads: 2, batchSize: 64, mmap: false, keepAlive: 600 } as const
  const instance = await provider.load(tiny, options, report, never)
  expect(server.requests.at(-2)).toEqual({
    method: 'POST',
    path: '/api/generate',
    body: {
      model: tiny,
      stream: false,
      options: { num_ctx: 2048, num_gpu: 3, num_thread: 2, num_batch: 64, use_mmap: false },
      keep_alive: 600,
    },
  })
  expect(instance).toEqual({
    key: tiny,
    instance: null,
    state: 'loaded',
    reason: null,
    progress: null,
    options,
    memory: [
      { device: 'gpu', bytes: 2_000, source: 'reported' },
      { device: 'cpu', bytes: 1_000, source: 'reported' },
    ],
    contextLength: 2048,
    gpuLayers: null,
    pid: null,
    loadedAt: expect.any(Number),
    expiresAt: expect.any(Number),
    activeRequests: null,
    backend: null,
    kvCacheUse: null,
  })
  expect(instance.expiresAt).toBeGreaterThanOrEqual(before + 599_000)
  expect(await provider.instances(never)).toEqual([instance])
})

test('automatic options are left to Ollama, and forever is never', async () => {
  const { server, provider } = await start()
  const { expiresAt } = await provider.load(tiny, { gpuLayers: 'auto', keepAlive: 'forever' }, report, never)
  expect(expiresAt).toBe('never')
  expect(server.requests.find(({ path }) => path === '/api/generate')?.body).toEqual({
    model: tiny,
    stream: false,
    options: {},
    keep_alive: -1,
  })
})

test.each([{ kvCacheType: 'q8_0' }, { flashAttention: true }] as const)(
  'an option that Ollama takes only where it starts is refused before anything is asked: %j',
  async (options) => {
    const { server, provider } = await start()
    await expect(provider.load(tiny, options, report, never)).rejects.toMatchObject({
      code: 'VERB_NOT_SUPPORTED',
      message: expect.stringContaining('where it starts'),
    })
    expect(server.requests).toEqual([])
  },
)

test('an embedding model is loaded by embed and unloaded as any other', async () => {
  const { server, provider } = await start({ models: [{ name: 'minilm', embedding: true, guessed: true }] })
  await provider.load('minilm:latest', { keepAlive: 60 }, report, never)
  expect(server.requests.find(({ path }) => path === '/api/embed')?.body).toMatchObject({ input: [], keep_alive: 60 })
  expect(server.loaded).toEqual(['minilm:latest'])
  await provider.unload('minilm:latest', null, never)
  expect(server.loaded).toEqual([])
})

test('a load and an unload of ours show while they last, and are announced', async () => {
  const { server, provider } = await start()
  const changes: string[] = []
  const stop = provider.onChange((what) => changes.push(what))
  const releaseLoad = server.hold('/api/generate')
  const loading = provider.load(tiny, { contextLength: 512 }, report, never)
  expect(await provider.instances(never)).toMatchObject([
    { key: tiny, state: 'loading', progress: null, memory: [], options: { contextLength: 512 } },
  ])
  await expect(provider.load(tiny, {}, report, never)).rejects.toMatchObject({ code: 'BUSY' })
  await expect(provider.unload(tiny, null, never)).rejects.toMatchObject({ code: 'BUSY' })
  releaseLoad()
  await loading
  expect(await states(provider)).toEqual(['tiny:latest loaded'])
  expect(changes).toEqual(['instances', 'instances'])

  const releaseUnload = server.holdUnloads()
  const unloading = provider.unload(tiny, null, never)
  expect(await states(provider)).toEqual(['tiny:latest unloading'])
  releaseUnload()
  await unloading
  expect(await provider.instances(never)).toEqual([])
  expect(changes).toHaveLength(4)
  stop()
  await provider.load(tiny, {}, report, never)
  expect(changes).toHaveLength(4)
})

test('cancelling a load closes its connection and leaves nothing behind', async () => {
  const { server, provider } = await start()
  const controller = new AbortController()
  const release = server.hold('/api/generate')
  const loading = provider.load(tiny, {}, report, controller.signal)
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true), patience)
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted.map(({ path }) => path)).toEqual(['/api/generate']), patience)
  release()
  expect(server.loaded).toEqual([])
  expect(await provider.instances(never)).toEqual([])
})

test('a load that ended in the moment it was cancelled is taken out again', async () => {
  const { server, provider } = await start()
  const controller = new AbortController()
  // loaded on the server, its answer not yet here
  server.behaviour['/api/generate'] = 'headers, then silence'
  const loading = provider.load(tiny, {}, report, controller.signal)
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true), patience)
  server.loadElsewhere(tiny)
  delete server.behaviour['/api/generate']
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.loaded).toEqual([])
})

test('what was loaded before a cancelled load stays', async () => {
  const { server, provider } = await start()
  server.loadElsewhere(tiny)
  const controller = new AbortController()
  server.behaviour['/api/generate'] = 'headers, then silence'
  const loading = provider.load(tiny, {}, report, controller.signal)
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true), patience)
  delete server.behaviour['/api/generate']
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.loaded).toEqual([tiny])
})

test.each([
  ['llama-server process has terminated: exit status 1: cudaMalloc failed: out of memory', 'OUT_OF_MEMORY'],
  ['model requires more system memory (9.1 GiB) than is available (3.2 GiB)', 'OUT_OF_MEMORY'],
  ['llama-server process has terminated: exit status 1: unable to allocate CUDA0 buffer', 'OUT_OF_MEMORY'],
  ['llama-server process has terminated: exit status 1: unknown architecture', 'PROVIDER_ERROR'],
])('a load that fails with "%s" is %s', async (text, code) => {
  const { server, provider } = await start()
  server.behaviour['/api/generate'] = { status: 500, body: JSON.stringify({ error: text }) }
  await expect(provider.load(tiny, {}, report, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(text),
    details: { status: 500, providerMessage: text },
  })
  expect(await provider.instances(never)).toEqual([])
})

test.each<[Behaviour, string, string]>([
  [{ status: 404, body: `{"error":"model 'tiny' not found"}` }, 'MODEL_NOT_FOUND', "model 'tiny' not found"],
  [
    { status: 404, body: '{"error":"model \\"tiny\\" not found, try pulling it first"}' },
    'MODEL_NOT_FOUND',
    'try pulling it first',
  ],
  [{ status: 404, body: '404 page not found', contentType: 'text/plain' }, 'PROVIDER_BAD_ANSWER', 'not as Ollama does'],
  [{ status: 404, body: '{"error":{"message":"File Not Found"}}' }, 'PROVIDER_BAD_ANSWER', 'File Not Found'],
  [{ status: 503, body: '{"error":"server busy, please try again."}' }, 'PROVIDER_BUSY', 'busy'],
  [{ status: 429, body: '{"error":"too many"}' }, 'PROVIDER_RATE_LIMITED', 'too many'],
  [{ status: 401, body: '{"error":"no"}' }, 'PROVIDER_KEY_REJECTED', 'did not accept the key'],
  [{ status: 401, body: '{"error":"unauthorized","signin_url":"https://x/y"}' }, 'PROVIDER_ERROR', 'account'],
  [{ status: 402, body: '{"error":"pay"}' }, 'PROVIDER_NO_CREDIT', 'pay'],
  [{ status: 403, body: '' }, 'PROVIDER_ERROR', '403'],
  [{ status: 400, body: '{"error":"\\"m\\" does not support chat"}' }, 'VERB_NOT_SUPPORTED', 'does not support chat'],
  [{ status: 500, body: '<h1>proxy</h1>', contentType: 'text/html' }, 'PROVIDER_ERROR', '(500): no reason given'],
])('%j is %s', async (how, code, words) => {
  const { provider } = await start({ behaviour: { '/api/chat': how } })
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
})

test.each<[Behaviour, string]>([
  ['html', 'PROVIDER_BAD_ANSWER'],
  ['wrong types', 'PROVIDER_BAD_ANSWER'],
  ['huge body', 'PROVIDER_BAD_ANSWER'],
  ['reset', 'PROVIDER_UNREACHABLE'],
  ['not http', 'PROVIDER_BAD_ANSWER'],
  ['no headers', 'PROVIDER_TIMEOUT'],
  ['headers, then silence', 'PROVIDER_TIMEOUT'],
  [{ redirect: 'http://127.0.0.1:1/' }, 'PROVIDER_BAD_ANSWER'],
])('a server that lies by "%s" is %s in list and instances, and not Ollama if it answered', async (how, code) => {
  const behaviour = { '/api/version': how, '/api/tags': how, '/api/ps': how }
  const { provider } = await start(
    { behaviour },
    { answerMs: typeof how === 'string' && /headers/.test(how) ? 100 : 10_000, maxBodyBytes: 200_000 },
  )
  const status = code === 'PROVIDER_BAD_ANSWER' ? 'PROVIDER_WRONG_KIND' : code
  await expect(provider.status(never)).rejects.toMatchObject({ code: status })
  await expect(provider.models(never)).rejects.toMatchObject({ code })
  await expect(provider.instances(never)).rejects.toMatchObject({ code })
})

test('an unknown model is named as such in every verb', async () => {
  const { provider } = await start()
  const missing = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('nope') }
  await expect(provider.details('nope', never)).rejects.toMatchObject(missing)
  await expect(provider.load('nope', {}, report, never)).rejects.toMatchObject(missing)
  await expect(provider.unload('nope', null, never)).rejects.toMatchObject(missing)
  await expect(say(provider, 'nope')).rejects.toMatchObject(missing)
})

test('an unload waits until the request that uses the model has ended', async () => {
  const { server, provider } = await start()
  await provider.load(tiny, {}, report, never)
  const release = server.holdUnloads()
  let unloaded = false
  const unloading = provider.unload(tiny, null, never).then(() => {
    unloaded = true
  })
  const polls = () => server.requests.filter(({ path }) => path === '/api/ps').length
  const first = polls()
  await vi.waitFor(() => expect(polls()).toBeGreaterThan(first + 2), patience)
  expect(unloaded).toBe(false)
  release()
  await unloading
  expect(server.loaded).toEqual([])
})

test('an unload that is held up for too long says why, and the instance shows that it is leaving', async () => {
  const { server, provider } = await start({}, { unloadMs: 1_000 })
  await provider.load(tiny, {}, report, never)
  server.holdUnloads()
  await expect(provider.unload(tiny, null, never)).rejects.toMatchObject({
    code: 'PROVIDER_TIMEOUT',
    advice: expect.stringContaining('A request still uses it'),
  })
  expect(await provider.instances(never)).toMatchObject([{ state: 'unloading', expiresAt: null }])
  await expect(provider.unload(tiny, null, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('unloading what is not loaded is done at once', async () => {
  const { provider } = await start()
  await expect(provider.unload(tiny, null, never)).resolves.toBeUndefined()
})

test('what others loaded shows without options, and our options are forgotten when it was loaded anew', async () => {
  const { server, provider } = await start({ models: [{ name: tiny }, { name: 'other', contextLength: 2048 }] })
  server.loadElsewhere('other', { options: { num_ctx: 1024 }, keep_alive: -1 })
  await provider.load(tiny, { contextLength: 512 }, report, never)
  const byKey = async () => new Map((await provider.instances(never)).map((instance) => [instance.key, instance]))
  expect((await byKey()).get('other:latest')).toMatchObject({
    options: {},
    loadedAt: null,
    contextLength: 1024,
    expiresAt: 'never',
  })
  expect((await byKey()).get(tiny)).toMatchObject({ options: { contextLength: 512 } })
  server.loadElsewhere(tiny, { options: { num_ctx: 4096 } })
  expect((await byKey()).get(tiny)).toMatchObject({ options: {}, loadedAt: null, contextLength: 4096 })
})

test('two names of the same weights are both loaded, with the memory counted once', async () => {
  const { server, provider } = await start({
    models: [{ name: 'a:1', weights: 'w' }, { name: 'b:1', weights: 'w' }, { name: 'c:1' }],
  })
  await provider.load('c:1', {}, report, never)
  await provider.load('a:1', {}, report, never)
  const shared = await provider.load('b:1', {}, report, never)
  expect(server.loaded).toEqual(['c:1', 'a:1'])
  expect(shared).toMatchObject({ key: 'b:1', state: 'loaded', memory: [] })
  expect((await states(provider)).toSorted()).toEqual(['a:1 loaded', 'b:1 loaded', 'c:1 loaded'])
  await provider.unload('b:1', null, never)
  expect(await states(provider)).toEqual(['c:1 loaded'])
})

test('a list is answered while a load runs', async () => {
  const { server, provider } = await start({ models: [{ name: tiny }, { name: 'other' }] })
  const release = server.hold('/api/generate')
  const loading = provider.load(tiny, {}, report, never)
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true), patience)
  expect(await provider.models(never)).toHaveLength(2)
  expect(await states(provider)).toEqual(['tiny:latest loading'])
  release()
  await loading
})

test('a restarted server that has nothing loaded shows nothing', async () => {
  const { server, provider } = await start()
  await provider.load(tiny, { contextLength: 512 }, report, never)
  server.forget()
  expect(await provider.instances(never)).toEqual([])
  server.loadElsewhere(tiny, { options: { num_ctx: 512 } })
  expect(await provider.instances(never)).toMatchObject([{ options: {}, loadedAt: null }])
})
