import { expect, onTestFinished, test, vi } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { connectOllama, startOllama } from '../../../test/support/ollamaConnection.ts'
import { startOllamaServer } from '../../../test/support/ollamaServer.ts'
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
const textOf = (chunks: readonly ProviderChatChunk[]) =>
  chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')
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

test('the list shows what each model is', async () => {
  const { server, provider } = await start({ models: [{ name: 'hf.co/Some.One/a-b:Q4_0', sizeBytes: 5 }] })
  expect(await provider.models(never)).toEqual([
    {
      key: 'hf.co/Some.One/a-b:Q4_0',
      name: 'hf.co/Some.One/a-b:Q4_0',
      reason: null,
      role: 'llm',
      loadable: true,
      capabilities: ['completion'],
      format: 'gguf',
      architecture: 'llama',
      parameterCount: 5_507_328,
      quantization: 'Q4_0',
      bitsPerWeight: null,
      contextLength: 4096,
      sizeBytes: 5,
      path: expect.stringMatching(/^\/models\/blobs\/sha256-[0-9a-f]{64}$/),
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      price: null,
      modifiedAt: Date.parse('2026-08-01T10:00:00.123+02:00'),
      lacks: lacking('embed'),
    },
  ])
  expect(server.requests.map(({ path }) => path)).toEqual(['/api/tags', '/api/show'])
})

test('an embedding model that the list calls a completion model is recognised, and asked about once', async () => {
  const { server, provider } = await start({
    models: [{ name: 'minilm', embedding: true, guessed: true, contextLength: 512 }],
  })
  const expected = [
    expect.objectContaining({
      role: 'embedding',
      contextLength: 512,
      parameterCount: 22_565_376,
      lacks: lacking('chat', 'push'),
    }),
  ]
  expect(await provider.models(never)).toEqual(expected)
  expect(await provider.models(never)).toEqual(expected)
  expect(server.requests.filter(({ path }) => path === '/api/show')).toHaveLength(1)
})

test('many guessed models are asked about a few at a time, each under its own name', async () => {
  const models = Array.from({ length: 30 }, (_, index) => ({
    name: `m${index}:a`,
    guessed: true,
    contextLength: 100 + index,
  }))
  const { server, provider } = await start({ models })
  const release = server.hold('/api/show')
  const listing = provider.models(never)
  const shows = () => server.requests.filter(({ path }) => path === '/api/show').length
  await vi.waitFor(() => expect(shows()).toBe(4))
  release()
  expect((await listing).map(({ key, contextLength }) => `${key} ${contextLength}`)).toEqual(
    models.map(({ name, contextLength }) => `${name} ${contextLength}`),
  )
  expect(shows()).toBe(30)
})

test('a model without weights stays listed with the reason, a cloud model too', async () => {
  const { provider } = await start({
    models: [
      { name: 'lost', guessed: true, gone: true },
      { name: 'big-cloud', remoteHost: 'https://ollama.com:443' },
      { name: 'tiny' },
    ],
  })
  expect(await provider.models(never)).toMatchObject([
    { key: 'lost:latest', loadable: false, reason: expect.stringContaining('weights are gone') },
    { key: 'big-cloud:latest', loadable: false, reason: expect.stringContaining('runs at https://ollama.com:443') },
    { key: tiny, loadable: true, reason: null },
  ])
})

test('no models and nothing loaded are empty lists, also when the server writes null', async () => {
  const { server, provider } = await start({ models: [] })
  expect(await provider.models(never)).toEqual([])
  server.behaviour['/api/tags'] = { status: 200, body: '{"models":null}' }
  server.behaviour['/api/ps'] = { status: 200, body: '{"models":null}' }
  expect(await provider.models(never)).toEqual([])
  expect(await provider.instances(never)).toEqual([])
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const { server, provider } = await start()
  const odd = { name: 'odd:a', size: -1, digest: '../../etc', details: 'no', modified_at: 'soon', capabilities: [1] }
  const name = '<img src=x onerror=alert(1)>:a'
  const details = `{"context_length":1e999,"family":"${'x'.repeat(100_000)}","quantization_level":"unknown","__proto__":{"polluted":1}}`
  const hostile = `{"name":${JSON.stringify(name)},"details":${details},"capabilities":["completion"]}`
  server.behaviour['/api/tags'] = { status: 200, body: `{"models":[${JSON.stringify(odd)},${hostile}]}` }
  const [first, second] = await provider.models(never)
  expect(first).toMatchObject({ key: 'odd:a', role: 'unknown', sizeBytes: null, digest: null, modifiedAt: null })
  expect(second).toMatchObject({ key: name, contextLength: null, quantization: null })
  expect(second?.architecture?.length).toBe(64)
  expect({}).not.toHaveProperty('polluted')
  server.behaviour['/api/tags'] = { status: 200, body: '{"models":[{"name":7}]}' }
  await expect(provider.models(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})

test('details are grouped facts with their source, the template, and every metadata key', async () => {
  const { provider } = await start({ models: [{ name: tiny, license: 'MIT License\n…' }] })
  const details = await provider.details(tiny, never)
  const facts = Object.fromEntries(details.groups.flatMap(({ facts }) => facts.map((fact) => [fact.label, fact])))
  expect(facts).toMatchObject({
    Parameters: { value: '5,507,328', source: '/api/show' },
    'Context length': { value: '4,096 tokens' },
    stop: { value: '"<|im_start|>"' },
    Text: { value: 'MIT License\n…' },
    Weights: { value: expect.stringMatching(/^\/models\/blobs\/sha256-[0-9a-f]{64}$/) },
  })
  expect(details.chatTemplate).toBe('{{ .Prompt }}')
  expect(details.metadata).toContainEqual({ key: 'llama.block_count', type: 'number', value: '4' })
  expect(details.metadata).toContainEqual({ key: 'tokenizer.ggml.tokens', type: 'array', value: '(not sent)' })
})

test('hostile metadata is plain, bounded text', async () => {
  const { server, provider } = await start()
  const info = `{"__proto__":{"polluted":1},"constructor":"c","long":"${'y'.repeat(100_000)}","general.architecture":"__proto__"}`
  server.behaviour['/api/show'] = { status: 200, body: `{"model_info":${info},"license":7,"template":["x"]}` }
  const { metadata, chatTemplate } = await provider.details(tiny, never)
  expect(metadata.map(({ key }) => key)).toEqual(['__proto__', 'constructor', 'general.architecture', 'long'])
  expect(metadata.every(({ value }) => value.length < 2_100)).toBe(true)
  expect(chatTemplate).toBeNull()
  expect({}).not.toHaveProperty('polluted')
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
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true))
  controller.abort()
  await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted.map(({ path }) => path)).toEqual(['/api/generate']))
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
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true))
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
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true))
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
  await vi.waitFor(() => expect(polls()).toBeGreaterThan(first + 2))
  expect(unloaded).toBe(false)
  release()
  await unloading
  expect(server.loaded).toEqual([])
})

test('an unload that is held up for too long says why, and the instance shows that it is leaving', async () => {
  const { server, provider } = await start({}, { unloadMs: 150 })
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

test('a chat streams text and ends with usage and the server’s own figures', async () => {
  const { provider } = await start()
  await provider.load(tiny, {}, report, never)
  const chunks = await say(provider)
  expect(chunks.slice(0, -1)).toEqual(['Hello', ' from', ' Ollama', '.'].map((text) => ({ type: 'text', text })))
  expect(chunks.at(-1)).toEqual({
    type: 'done',
    finishReason: 'stop',
    usage: { promptTokens: 15, completionTokens: 4 },
    timings: {
      ttftMs: expect.any(Number),
      promptTokensPerSecond: 150,
      tokensPerSecond: 100,
      totalMs: expect.any(Number),
    },
    costUsd: null,
  })
})

test('the prompt speed of a prompt that the server still has in its cache is unknown', async () => {
  const { provider } = await start()
  const promptSpeed = async (content: string) => {
    const last = (await say(provider, tiny, content)).at(-1)
    return last?.type === 'done' ? last.timings.promptTokensPerSecond : undefined
  }
  expect(await promptSpeed('hello')).toBe(150)
  expect(await promptSpeed('hello')).toBeNull()
  expect(await promptSpeed('something else')).toBe(150)
})

test('a chat asks with the options of the load, or the context of what is there: it must not load anew', async () => {
  const { server, provider } = await start({ models: [{ name: tiny }, { name: 'other', contextLength: 2048 }] })
  await provider.load(tiny, { contextLength: 512, threads: 1, keepAlive: 'forever' }, report, never)
  server.loadElsewhere('other', { options: { num_ctx: 1024 } })
  const request = { messages: [{ role: 'user', content: 'x' }], maxTokens: 2, temperature: 0, seed: 7 } as const
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat(tiny, { ...request, messages: [...request.messages] }, never))
    chunks.push(chunk)
  expect(chunks.at(-1)).toMatchObject({ finishReason: 'length' })
  expect(server.requests.at(-1)?.body).toMatchObject({
    options: { num_ctx: 512, num_thread: 1, num_predict: 2, temperature: 0, seed: 7 },
    keep_alive: -1,
    truncate: false,
  })
  await say(provider, 'other:latest')
  expect(server.requests.at(-1)?.body.options).toEqual({ num_ctx: 1024 })
  expect(server.requests.at(-1)?.body).not.toHaveProperty('keep_alive')
})

test('text in any script arrives whole when every byte is a chunk of its own', async () => {
  const { server, provider } = await start({ behaviour: { '/api/chat': 'byte by byte' } })
  server.answer = ['Grüße ', '你好 ', '👩‍👩‍👧 ', '𝔘𝔫𝔦', '\u2028', '"\\n']
  expect(textOf(await say(provider))).toBe('Grüße 你好 👩‍👩‍👧 𝔘𝔫𝔦\u2028"\\n')
})

test('a stream that ends whole without done is an end without figures', async () => {
  const line = '{"message":{"role":"assistant","content":"la"},"done":false}'
  const { provider } = await start({ behaviour: { '/api/chat': { lines: [line, line] } } })
  const chunks = await say(provider)
  expect(textOf(chunks)).toBe('lala')
  expect(chunks.at(-1)).toMatchObject({
    finishReason: 'stop',
    usage: { promptTokens: null, completionTokens: null },
    timings: { ttftMs: expect.any(Number), tokensPerSecond: null, promptTokensPerSecond: null },
  })
})

test('figures that are left out because they are zero are unknown, never NaN', async () => {
  const lines = ['{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1}']
  const { provider } = await start({ behaviour: { '/api/chat': { lines } } })
  expect((await say(provider)).at(-1)).toMatchObject({
    usage: { promptTokens: 3, completionTokens: 1 },
    timings: { ttftMs: null, tokensPerSecond: null, promptTokensPerSecond: null },
  })
})

test('the time to the first token counts thinking, which is not part of the answer', async () => {
  const lines = ['{"message":{"content":"","thinking":"hm"}}', '{"message":{"content":"42"},"done":true}']
  const { provider } = await start({ behaviour: { '/api/chat': { lines } } })
  const chunks = await say(provider)
  expect(textOf(chunks)).toBe('42')
  expect(chunks.at(-1)).toMatchObject({ timings: { ttftMs: expect.any(Number) } })
})

test.each<[Behaviour, string, string]>([
  ['error line', 'PROVIDER_ERROR', 'an error was encountered'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['endless line', 'PROVIDER_BAD_ANSWER', 'a line of more than'],
  ['endless stream', 'PROVIDER_BAD_ANSWER', 'streamed more than'],
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['wrong types', 'PROVIDER_BAD_ANSWER', 'JSON of another form'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  [{ lines: [] }, 'PROVIDER_BAD_ANSWER', 'without a word'],
  [{ lines: ['{"error":"CUDA error: out of memory"}'] }, 'OUT_OF_MEMORY', 'CUDA error'],
  [
    { status: 400, body: '{"error":"{\\"error\\":{\\"code\\":400,\\"message\\":\\"request exceeds the context\\"}}"}' },
    'PROVIDER_ERROR',
    '(400): request exceeds the context',
  ],
])('a chat that breaks by "%s" is %s', async (how, code, words) => {
  const limits = {
    maxLineLength: 100_000,
    maxStreamBytes: 1_000_000,
    idleMs: how === 'headers, then silence' ? 100 : 5_000,
  }
  const { server, provider } = await start({ behaviour: { '/api/chat': how } }, limits)
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  expect(await provider.status(never)).toBeDefined()
  if (how === 'endless stream') await vi.waitFor(() => expect(server.aborted).toHaveLength(1))
})

test('cancelling a chat stops the server, and so does leaving its loop', async () => {
  const { server, provider } = await start()
  server.hold('next word')
  const controller = new AbortController()
  const chunks = provider.chat(tiny, { messages: [{ role: 'user', content: 'x' }] }, controller.signal)
  const iterator = chunks[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { type: 'text', text: 'Hello' } })
  const next = iterator.next()
  controller.abort()
  await expect(next).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted).toHaveLength(1))
  for await (const _ of provider.chat(tiny, { messages: [{ role: 'user', content: 'x' }] }, never)) break
  await vi.waitFor(() => expect(server.aborted).toHaveLength(2))
})

test('a list is answered while a load runs', async () => {
  const { server, provider } = await start({ models: [{ name: tiny }, { name: 'other' }] })
  const release = server.hold('/api/generate')
  const loading = provider.load(tiny, {}, report, never)
  await vi.waitFor(() => expect(server.requests.some(({ path }) => path === '/api/generate')).toBe(true))
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
