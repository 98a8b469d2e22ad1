import { afterEach, expect, test, vi } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { type LemonadeServerOptions, startLemonadeServer } from '../../../test/support/lemonadeServer.ts'
import { badAnswers, badStreams, limitsFor, type OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'
import type { ProviderChatChunk } from '../provider.ts'
import { createLemonadeProvider, type LemonadeLimits } from './lemonadeProvider.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const never = new AbortController().signal
const report = () => {}

const connect = (address: string, limits?: Partial<LemonadeLimits>, key: string | null = null) => {
  const config = { id: 'lemonade', name: 'Lemonade', address, apiKey: () => key, hidePaid: false, now: Date.now }
  const provider = createLemonadeProvider({ ...config, ...(limits && { limits }) })
  cleanUps.push(provider.close)
  return provider
}
const start = async (options?: LemonadeServerOptions, limits?: Partial<LemonadeLimits>, key: string | null = null) => {
  const server = await startLemonadeServer(options)
  cleanUps.push(server.close)
  return { server, provider: connect(server.url, limits, key) }
}
type LemonadeProvider = ReturnType<typeof connect>

const say = async (provider: LemonadeProvider, key = 'tiny', signal = never) => {
  const chunks: ProviderChatChunk[] = []
  const request = { messages: [{ role: 'user' as const, content: 'hello' }], maxTokens: 2 }
  for await (const chunk of provider.chat(key, request, signal)) chunks.push(chunk)
  return chunks
}
const states = async (provider: LemonadeProvider) =>
  (await provider.instances(never)).map(({ key, state }) => `${key} ${state}`)
const bodyOf = (server: Awaited<ReturnType<typeof start>>['server'], path: string) =>
  server.requests.findLast((request) => request.path === path)?.body

test('status tells the version', async () => {
  const { provider } = await start({ version: '2026.39.1-2' })
  expect(await provider.status(never)).toEqual({ version: '2026.39.1-2', latencyMs: expect.any(Number) })
})

test('an address with one of its prefixes is the same server', async () => {
  const { server } = await start()
  for (const prefix of ['/v1', '/v0', '/api/v1', '/api/v0'])
    await expect(connect(server.url + prefix).status(never)).resolves.toMatchObject({ version: '2026.39.1-2' })
})

test('a wrong key is told, and not told on', async () => {
  const { provider } = await start({ key: 'right-key' }, {}, 'wrong-key')
  const rejected = await provider.status(never).catch((error: unknown) => error)
  expect(rejected).toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
  expect(JSON.stringify(rejected) + String(rejected)).not.toContain('wrong-key')
})

test.each<[OpenAiBehaviour, string]>([
  ['html', 'PROVIDER_WRONG_KIND'],
  ['not json', 'PROVIDER_WRONG_KIND'],
  ['wrong types', 'PROVIDER_WRONG_KIND'],
  [{ status: 200, body: '{"status":"ok"}' }, 'PROVIDER_WRONG_KIND'],
  [{ status: 404, body: '{"detail":"Not Found"}' }, 'PROVIDER_WRONG_KIND'],
  ['no headers', 'PROVIDER_TIMEOUT'],
  ['reset', 'PROVIDER_UNREACHABLE'],
  [{ status: 500, body: '{"error":{"message":"it broke"}}' }, 'PROVIDER_ERROR'],
])('status of a health that is %j is %s', async (how, code) => {
  const { provider } = await start({ behaviour: { '/v1/health': how } }, limitsFor(how))
  await expect(provider.status(never)).rejects.toMatchObject({ code })
})

test('the list shows what each model is, with the exact size of its files, asked for once', async () => {
  const { server, provider } = await start({
    models: [
      { id: 'tiny', sizeBytes: 3_192_480 },
      { id: 'mini', labels: ['embeddings'], source: 'huggingface', checkpoint: 'me/mini-GGUF:Q8_0', trained: 512 },
      { id: 'eyes', labels: ['chat', 'vision', 'reasoning', 'tool-calling'], source: 'huggingface' },
      { id: 'ears', labels: ['transcription'], recipe: 'whispercpp', source: 'huggingface' },
      { id: 'far', labels: ['chat'], recipe: 'cloud', source: 'cloud' },
    ],
  })
  const models = await provider.models(never)
  expect(models[0]).toEqual({
    key: 'tiny',
    name: 'tiny',
    reason: null,
    role: 'llm',
    loadable: true,
    capabilities: ['completion'],
    format: 'gguf',
    architecture: null,
    parameterCount: null,
    quantization: null,
    bitsPerWeight: null,
    contextLength: 4096,
    sizeBytes: 3_192_480,
    path: '/models/tiny.gguf',
    digest: null,
    weightsSha256: null,
    price: null,
    modifiedAt: null,
    lacks: lacking('embed', 'remove'),
  })
  expect(models.slice(1)).toMatchObject([
    { key: 'mini', role: 'embedding', quantization: 'Q8_0', contextLength: 512, lacks: lacking('chat') },
    { key: 'eyes', capabilities: ['completion', 'vision', 'thinking', 'tools'], lacks: lacking('embed') },
    { key: 'ears', role: 'speech', format: null, capabilities: ['audio'], lacks: lacking('chat', 'embed') },
    { key: 'far', loadable: false, reason: expect.stringContaining('nothing to load'), price: { free: false } },
  ])
  await provider.models(never)
  expect(server.paths().filter((path) => path.endsWith('/files'))).toHaveLength(5)
})

test('a server that does not tell files shows the rounded size, and is not asked again', async () => {
  const behaviour = { '/v1/models/tiny/files': { status: 404, body: '{"error":{"type":"not_found"}}' } }
  const { server, provider } = await start({ behaviour })
  expect(await provider.models(never)).toMatchObject([{ sizeBytes: Math.round(0.003 * 2 ** 30), path: null }])
  await provider.models(never)
  expect(server.paths().filter((path) => path.endsWith('/files'))).toHaveLength(1)
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const { server, provider } = await start()
  const odd = { id: 'odd', size: -1, labels: 'x', recipe: 7, checkpoint: [], max_context_window: '4k', source: {} }
  const name = '<img src=x onerror=alert(1)>'
  const hostile = `{"id":${JSON.stringify(name)},"recipe":"constructor","labels":["__proto__","${'x'.repeat(9_000)}"]}`
  server.behaviour['/v1/models'] = { status: 200, body: `{"data":[${JSON.stringify(odd)},${hostile},{"id":7}]}` }
  const [first, second, ...rest] = await provider.models(never)
  expect(first).toMatchObject({ key: 'odd', role: 'unknown', sizeBytes: null, contextLength: null, capabilities: [] })
  expect(second).toMatchObject({ key: name, role: 'unknown', capabilities: [] })
  expect(rest).toEqual([])
})

test('details are facts with their source, and the files', async () => {
  const { provider } = await start({ models: [{ id: 'all-minilm', args: '-t 1' }] })
  const { groups, files, warnings } = await provider.details('all-minilm', never)
  expect(
    Object.fromEntries(groups.flatMap(({ facts }) => facts.map(({ label, value }) => [label, value]))),
  ).toMatchObject({
    'Run by': 'llamacpp',
    'Trained for': '4,096 tokens',
    'Arguments of llama-server': '-t 1',
  })
  expect(files).toEqual([{ path: '/models/all-minilm.gguf', sizeBytes: 3_192_480 }])
  expect(warnings).toEqual([expect.stringContaining('user_models.json')])
})

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
  const release = server.holdLoads()
  const loading = provider.load('tiny', { contextLength: 512 }, report, never)
  expect(await provider.instances(never)).toMatchObject([
    { key: 'tiny', state: 'loading', progress: null, pid: null, options: { contextLength: 512 } },
  ])
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'BUSY' })
  release()
  await loading
  expect(await states(provider)).toEqual(['tiny loaded'])
  const unloading = provider.unload('tiny', null, never)
  expect(await states(provider)).toEqual(['tiny unloading'])
  await unloading
  expect(server.loadedNames()).toEqual([])
  expect(changes).toHaveLength(4)
  stop()
})

test('a cancelled load cannot be stopped: it is unloaded when it has ended', async () => {
  const { server, provider } = await start()
  const release = server.holdLoads()
  const controller = new AbortController()
  const loading = provider.load('tiny', {}, report, controller.signal)
  await vi.waitFor(() => expect(server.paths()).toContain('POST /v1/load'))
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
    const release = server.holdLoads()
    const controller = new AbortController()
    const loading = provider.load(key, {}, report, controller.signal)
    await vi.waitFor(() => expect(bodyOf(server, '/v1/load')).toEqual({ model_name: key }))
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

test('a chat streams text, and ends with usage and the figures of its llama-server', async () => {
  const { provider } = await start()
  const chunks = await say(provider)
  expect(chunks.slice(0, -1)).toEqual(['Hello', ' there'].map((text) => ({ type: 'text', text })))
  expect(chunks.at(-1)).toMatchObject({
    type: 'done',
    finishReason: 'length',
    usage: { promptTokens: 15, completionTokens: 2 },
    timings: { promptTokensPerSecond: 150, tokensPerSecond: 100 },
  })
})

test('embeddings come from a model that is for them; another says how it could be', async () => {
  const { provider } = await start({ models: [{ id: 'tiny' }, { id: 'mini', labels: ['embeddings'] }] })
  expect(await provider.embed('mini', ['a', 'bcd'], never)).toMatchObject({
    embeddings: [
      [1, 0.5],
      [3, 0.5],
    ],
    promptTokens: 4,
  })
  await expect(provider.embed('tiny', ['a'], never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('user_models.json'),
  })
})

test('an engine that ended in mid-answer is told as that', async () => {
  const error = { type: 'backend_error', message: 'the backend was reset', details: { code: 'backend_watchdog_reset' } }
  const behaviour = { '/v1/chat/completions': { events: [JSON.stringify({ error })] } }
  const { provider } = await start({ behaviour })
  await expect(say(provider)).rejects.toMatchObject({ code: 'ENGINE_CRASHED' })
})

test('removing gives the bytes of its files, and names who loses them too', async () => {
  const source = 'huggingface'
  const { server, provider } = await start({
    models: [
      { id: 'a', source, checkpoint: 'me/x:Q4_0', sizeBytes: 5_000 },
      { id: 'b', source, checkpoint: 'me/x:Q4_0' },
      { id: 'c', source, checkpoint: 'me/x:Q8_0' },
    ],
  })
  expect(await provider.removal('a', never)).toEqual({
    freedBytes: 5_000,
    sharedWith: [],
    alsoRemoved: ['b'],
    notes: [],
  })
  await provider.remove('a', never)
  expect([...server.state.models.keys()]).toEqual(['b', 'c'])
})

test.each(['extra_models_dir', 'local_path'])(
  'a file of %s is not removed, and not unloaded either',
  async (source) => {
    const { server, provider } = await start({ models: [{ id: 'tiny', source }] })
    server.loadElsewhere('tiny')
    for (const ask of [provider.removal, provider.remove])
      await expect(ask('tiny', never)).rejects.toMatchObject({
        code: 'VERB_NOT_SUPPORTED',
        message: expect.stringContaining('/models/tiny.gguf'),
      })
    expect(server.loadedNames()).toEqual(['tiny'])
  },
)

test('every verb that is absent has its sentence', async () => {
  const { provider } = await start()
  const verbs = ['push', 'create', 'copy', 'adapters'] as const
  for (const verb of verbs) {
    expect(provider).not.toHaveProperty(verb)
    expect(provider.cannot[verb]).toMatch(/\.$/)
  }
  expect(Object.keys(provider.cannot).toSorted()).toEqual([...verbs].toSorted())
})

test('a model that is not there is named as such in every verb', async () => {
  const { provider } = await start()
  const missing = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('nope') }
  await expect(provider.details('nope', never)).rejects.toMatchObject(missing)
  await expect(provider.load('nope', {}, report, never)).rejects.toMatchObject(missing)
  await expect(provider.unload('nope', null, never)).rejects.toMatchObject(missing)
  await expect(provider.removal('nope', never)).rejects.toMatchObject(missing)
  await expect(provider.remove('nope', never)).rejects.toMatchObject(missing)
  await expect(provider.pull({ name: 'nope' }, report, never)).rejects.toMatchObject(missing)
  await expect(say(provider, 'nope')).rejects.toMatchObject(missing)
  await expect(provider.embed('nope', ['a'], never)).rejects.toMatchObject(missing)
})

test('facts say how much room there is, what is allowed, and what a failed load costs', async () => {
  const { server, provider } = await start({ offline: true })
  server.loadElsewhere('tiny', { pinned: true })
  const groups = await provider.facts(never)
  expect(Object.fromEntries(groups.flatMap(({ facts }) => facts.map(({ label, value }) => [label, value])))).toEqual({
    Loaded: '1',
    'Type llm': '1 of 2, 1 pinned',
    'Type embedding': '0 of any number',
    Downloads: 'off: it is set to stay offline',
    'Extra folder': '/models',
    'Unloads what is idle': 'only where asked',
    Requests: '7',
    Prompts: '100 tokens',
    Answers: '50 tokens',
    'Speed of the last answer': '42.0 tokens/s',
    'Operating system': 'Linux',
    Memory: '23.54 GB',
    'Free for models': '2.0 GiB',
    'llama.cpp by default': 'system',
    'llama.cpp installed': 'system',
    'Failed loads': expect.stringContaining('every other model'),
  })
})

test('facts that are missing hide no others', async () => {
  const broken = { status: 401, body: '{"error": "Invalid or missing admin API key"}' }
  const behaviour = { '/v1/stats': 'html', '/v1/system-info': 'wrong types', '/internal/config': broken } as const
  const { provider } = await start({ behaviour })
  expect((await provider.facts(never)).map(({ title }) => title)).toEqual(['Room', 'Take care'])
})

const limits = (how: OpenAiBehaviour) => {
  const short = limitsFor(how)
  return { ...short, loadMs: short.answerMs, unloadMs: short.answerMs, pullIdleMs: short.answerMs }
}
const verbs: Readonly<Record<string, readonly [path: string, ask: (provider: LemonadeProvider) => Promise<unknown>]>> =
  {
    models: ['/v1/models', (provider) => provider.models(never)],
    details: ['/v1/models/tiny', (provider) => provider.details('tiny', never)],
    instances: ['/v1/health', (provider) => provider.instances(never)],
    load: ['/v1/load', (provider) => provider.load('tiny', {}, report, never)],
    unload: ['/v1/unload', (provider) => provider.unload('tiny', null, never)],
    keepAlive: ['/internal/pin', (provider) => provider.keepAlive('tiny', 'forever', never)],
    embed: ['/v1/embeddings', (provider) => provider.embed('tiny', ['a'], never)],
    removal: ['/v1/models/mine', (provider) => provider.removal('mine', never)],
    remove: ['/v1/delete', (provider) => provider.remove('mine', never)],
    facts: ['/v1/health', (provider) => provider.facts(never)],
  }

test.each(Object.keys(verbs).flatMap((verb) => badAnswers.map(([how, code]) => [verb, how, code] as const)))(
  '%s, when the server answers %j, is %s',
  async (verb, how, code) => {
    const [path, ask] = verbs[verb] ?? []
    if (path === undefined || ask === undefined) throw new Error(verb)
    const models = [{ id: 'tiny' }, { id: 'mine', source: 'huggingface' }]
    const { server, provider } = await start({ models, behaviour: { [path]: how } }, limits(how))
    if (verb === 'unload') server.loadElsewhere('tiny')
    await expect(ask(provider)).rejects.toMatchObject({ code })
  },
)

test.each(badStreams)('a chat that breaks by %j is %s', async (how, code, words) => {
  const { provider } = await start({ behaviour: { '/v1/chat/completions': how } }, limits(how))
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
})

test('a redirect leads nowhere: no request and no key arrives there', async () => {
  const other = await startLemonadeServer()
  cleanUps.push(other.close)
  const redirect = { redirect: `${other.url}/v1/health` }
  const paths = ['/v1/health', '/v1/models', '/v1/load', '/v1/pull', '/v1/chat/completions', '/internal/*']
  const behaviour = Object.fromEntries(paths.map((path) => [path, redirect]))
  const { provider } = await start({ behaviour }, {}, 'canary-key')
  const bad = { code: 'PROVIDER_BAD_ANSWER' }
  await expect(provider.status(never)).rejects.toMatchObject(bad)
  await expect(provider.models(never)).rejects.toMatchObject(bad)
  await expect(provider.facts(never)).rejects.toMatchObject(bad)
  await expect(provider.pull({ name: 'tiny' }, report, never)).rejects.toMatchObject(bad)
  await expect(say(provider)).rejects.toMatchObject(bad)
  expect(other.requests).toEqual([])
})

test('a server that is down is unreachable in every verb, and comes back', async () => {
  const { server, provider } = await start()
  await server.close()
  cleanUps.splice(0, 1)
  const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens there') }
  await expect(provider.status(never)).rejects.toMatchObject(unreachable)
  await expect(provider.models(never)).rejects.toMatchObject(unreachable)
  await expect(provider.instances(never)).rejects.toMatchObject(unreachable)
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject(unreachable)
  await expect(provider.unload('tiny', null, never)).rejects.toMatchObject(unreachable)
  await expect(provider.pull({ name: 'tiny' }, report, never)).rejects.toMatchObject(unreachable)
  await expect(say(provider)).rejects.toMatchObject(unreachable)
  const again = await startLemonadeServer({ port: server.port })
  cleanUps.push(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})
