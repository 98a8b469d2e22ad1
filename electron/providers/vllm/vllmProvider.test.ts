import { expect, onTestFinished, test } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { limitsFor, type OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'
import { startLyingServer } from '../../../test/support/openAiServer.ts'
import { connect, factsOf, never, qwen, report, say, start } from '../../../test/support/vllmConnection.ts'

test('status tells the version', async () => {
  const { provider } = await start({ version: '0.32.0' })
  expect(await provider.status(never)).toEqual({ version: '0.32.0', latencyMs: expect.any(Number) })
})

test('a wrong key is noticed, though only the paths under /v1 ask for it, and is not told on', async () => {
  const { server, provider } = await start({ key: 'right-key' }, {}, 'wrong-key')
  const rejected = await provider.status(never).catch((error: unknown) => error)
  expect(rejected).toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
  expect(JSON.stringify(rejected) + String(rejected)).not.toContain('wrong-key')
  await expect(connect(server.url, {}, 'right-key').status(never)).resolves.toMatchObject({ version: '0.32.0' })
})

test('a dead engine behind a living web server is told', async () => {
  const { server, provider } = await start()
  server.state.engineDead = true
  await expect(provider.status(never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringContaining('engine has ended'),
    details: { status: 503 },
  })
})

test('another OpenAI-style server is another kind, and is named', async () => {
  const { provider } = await start({ ownedBy: 'sglang' })
  await expect(provider.status(never)).rejects.toMatchObject({
    code: 'PROVIDER_WRONG_KIND',
    message: expect.stringContaining('sglang'),
  })
  const none = await startLyingServer({ routes: {} })
  onTestFinished(none.close)
  await expect(connect(none.url).status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
})

test.each<[OpenAiBehaviour, string]>([
  ['html', 'PROVIDER_WRONG_KIND'],
  ['not json', 'PROVIDER_WRONG_KIND'],
  ['wrong types', 'PROVIDER_WRONG_KIND'],
  [{ status: 404, body: '{"detail":"Not Found"}' }, 'PROVIDER_WRONG_KIND'],
  ['no headers', 'PROVIDER_TIMEOUT'],
  ['headers, then silence', 'PROVIDER_TIMEOUT'],
  ['reset', 'PROVIDER_UNREACHABLE'],
  [{ status: 500, body: '{"error":{"message":"it broke"}}' }, 'PROVIDER_ERROR'],
  [{ status: 429, body: '{"error":{"message":"slow"}}', headers: { 'retry-after': '7' } }, 'PROVIDER_RATE_LIMITED'],
])('status of a list that is %j is %s', async (how, code) => {
  const { provider } = await start({ behaviour: { '/v1/models': how } }, limitsFor(how))
  await expect(provider.status(never)).rejects.toMatchObject({ code })
})

test('the list has the names of the model and its adapters', async () => {
  const { server, provider } = await start({ names: [qwen, 'qwen'] })
  server.state.adapters.set('pirate', '/loras/pirate')
  expect(await provider.models(never)).toEqual([
    {
      key: qwen,
      name: qwen,
      reason: null,
      role: 'unknown',
      loadable: true,
      capabilities: [],
      format: null,
      architecture: null,
      parameterCount: null,
      quantization: null,
      bitsPerWeight: null,
      contextLength: 40_960,
      sizeBytes: null,
      path: null,
      digest: null,
      weightsSha256: null,
      price: null,
      modifiedAt: null,
      lacks: lacking(),
    },
    expect.objectContaining({ key: 'qwen', loadable: true }),
    expect.objectContaining({
      key: 'pirate',
      loadable: false,
      contextLength: 40_960,
      reason: expect.stringContaining(`comes and goes with ${qwen}`),
      lacks: lacking('load', 'unload', 'adapters'),
    }),
  ])
})

test.each(['new', 'old'] as const)('an instance tells requests and cache use by the %s names', async (metrics) => {
  const { server, provider } = await start({ metrics, names: [qwen, 'qwen'] })
  Object.assign(server.state, { running: 2, waiting: 1, kvCache: 0.5 })
  server.state.adapters.set('pirate', '/loras/pirate')
  expect(await provider.instances(never)).toEqual([
    {
      key: qwen,
      instance: null,
      state: 'loaded',
      reason: null,
      progress: null,
      options: {},
      memory: [],
      contextLength: 40_960,
      gpuLayers: null,
      pid: null,
      loadedAt: null,
      expiresAt: 'never',
      activeRequests: 3,
      backend: null,
      kvCacheUse: 0.5,
    },
    // the same engine: nothing is counted twice
    expect.objectContaining({ key: 'qwen', activeRequests: null, kvCacheUse: null }),
    expect.objectContaining({ key: 'pirate', state: 'loaded', activeRequests: null, contextLength: 40_960 }),
  ])
})

test.each<[OpenAiBehaviour]>([['html'], [{ status: 404, body: '' }], [{ status: 500, body: 'x' }], ['huge body']])(
  'figures that are %j are unknown, and hide nothing',
  async (how) => {
    const { provider } = await start({ behaviour: { '/metrics': how } }, { maxBodyBytes: 100_000 })
    expect(await provider.instances(never)).toMatchObject([{ key: qwen, activeRequests: null, kvCacheUse: null }])
  },
)

test('a cache use that is out of range is unknown', async () => {
  const { server, provider } = await start()
  server.state.kvCache = 25
  expect(await provider.instances(never)).toMatchObject([{ kvCacheUse: null }])
})

test.each([
  ['contextLength', 4096, '--max-model-len'],
  ['gpuLayers', 3, '--cpu-offload-gb'],
  ['threads', 2, 'VLLM_CPU_OMP_THREADS_BIND'],
  ['batchSize', 64, '--max-num-batched-tokens'],
  ['flashAttention', true, '--attention-backend'],
  ['kvCacheType', 'q8_0', '--kv-cache-dtype'],
  ['mmap', false, '--load-format'],
  ['keepAlive', 60, 'as long as it runs'],
] as const)('the option %s is refused before anything is asked, with where it is set', async (option, value, words) => {
  const { server, provider } = await start()
  await expect(provider.load(qwen, { [option]: value }, report, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining(words),
  })
  expect(provider.ignoredOptions[option]).toContain(words)
  expect(server.requests).toEqual([])
})

test('every verb that is absent has its sentence', async () => {
  const { provider } = await start()
  const verbs = ['keepAlive', 'pull', 'push', 'create', 'copy', 'remove'] as const
  for (const verb of verbs) {
    expect(provider).not.toHaveProperty(verb)
    expect(provider.cannot[verb]).toMatch(/\.$/)
  }
  expect(Object.keys(provider.cannot).toSorted()).toEqual([...verbs].toSorted())
})

test('a model that is not served is named as such in every verb', async () => {
  const { provider } = await start()
  const missing = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('nope') }
  await expect(provider.details('nope', never)).rejects.toMatchObject(missing)
  await expect(provider.load('nope', {}, report, never)).rejects.toMatchObject(missing)
  await expect(provider.unload('nope', null, never)).rejects.toMatchObject(missing)
  await expect(say(provider, 'nope')).rejects.toMatchObject(missing)
  await expect(provider.adapters('nope', never)).rejects.toMatchObject(missing)
})

test('a chat streams reasoning and text, and ends with the usage', async () => {
  const { server, provider } = await start()
  const chunks = await say(provider)
  expect(chunks.slice(0, -1)).toEqual([
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'Hello' },
    { type: 'text', text: '.' },
  ])
  expect(chunks.at(-1)).toMatchObject({ type: 'done', usage: { promptTokens: 9, completionTokens: 2 } })
  expect(server.requests.at(-1)?.body).toMatchObject({ model: qwen, stream_options: { include_usage: true } })
})

test('the tokens of a text are counted by its model', async () => {
  const { provider } = await start()
  expect(await provider.countTokens(qwen, 'three small words', never)).toBe(3)
})

test('a sleeping server is not asked for an answer', async () => {
  const { server, provider } = await start()
  server.state.sleep = 'weights_offloaded'
  await expect(say(provider)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  await expect(provider.embed(qwen, ['a'], never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  expect(server.paths().filter((path) => path.startsWith('POST'))).toEqual([])
})

test('a model for the other purpose says so', async () => {
  const { provider } = await start()
  await expect(provider.embed(qwen, ['a'], never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('embeddings'),
  })
  const other = await start({ embedding: true })
  await expect(say(other.provider)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('Chat Completions'),
  })
  expect(await other.provider.embed(qwen, ['a', 'bcd'], never)).toMatchObject({
    embeddings: [
      [1, 1],
      [3, 1],
    ],
    promptTokens: 4,
  })
})

test('adapters are listed, added by a path of the server, and removed', async () => {
  const { server, provider } = await start()
  const can = { scale: false, add: true, remove: true }
  expect(await provider.adapters(qwen, never)).toEqual({ adapters: [], can })
  const added = await provider.changeAdapter(qwen, { change: 'add', name: 'pirate', path: '/loras/p' }, never)
  expect(added).toEqual({ adapters: [{ id: 'pirate', name: 'pirate', path: '/loras/p', scale: null }], can })
  expect(server.requests.at(-2)?.body).toEqual({ lora_name: 'pirate', lora_path: '/loras/p' })
  expect(await provider.changeAdapter(qwen, { change: 'remove', id: 'pirate' }, never)).toEqual({ adapters: [], can })
})

test('what is wrong with an adapter is told as vLLM tells it', async () => {
  const { server, provider } = await start()
  const add = (path: string) => provider.changeAdapter(qwen, { change: 'add', name: 'a', path }, never)
  await expect(add('/nowhere')).rejects.toMatchObject({ message: expect.stringContaining('No adapter found') })
  await add('/loras/a')
  await expect(add('/loras/a')).rejects.toMatchObject({ message: expect.stringContaining('already been loaded') })
  await expect(provider.changeAdapter(qwen, { change: 'remove', id: 'b' }, never)).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
  })
  await expect(provider.changeAdapter(qwen, { change: 'scale', id: 'a', scale: 0.5 }, never)).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringContaining('no scale'),
  })
  await expect(provider.adapters('a', never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  server.state.adapters.clear()
  server.state.forgetsAdapters = true
  await expect(add('/loras/a')).rejects.toMatchObject({ advice: expect.stringContaining('one of its processes') })
})

test('without the variable and the flag adapters are read only, and the words say how they could be more', async () => {
  const { provider } = await start({ lora: false })
  expect(await provider.adapters(qwen, never)).toEqual({
    adapters: [],
    can: { scale: false, add: false, remove: false },
  })
  await expect(
    provider.changeAdapter(qwen, { change: 'add', name: 'a', path: '/loras/a' }, never),
  ).rejects.toMatchObject({
    code: 'VERB_NOT_SUPPORTED',
    message: expect.stringMatching(/VLLM_ALLOW_RUNTIME_LORA_UPDATING=True.*--enable-lora/),
  })
})

test('facts are what the figures say, with their source', async () => {
  const { server, provider } = await start()
  Object.assign(server.state, { running: 2, waiting: 1 })
  expect(await factsOf(provider)).toEqual({
    'Sleep mode': 'awake',
    Running: '2',
    Waiting: '1',
    'Ended: stop': '7',
    'Ended: length': '0',
    'In use': '25.0 %',
    Capacity: '16,000 tokens',
    Type: 'auto',
    'Share of GPU memory': '0.9',
    'Prefix cache hits': '25.0 % of 200 tokens since the start',
    Prompts: '1,234 tokens',
    Answers: '567 tokens',
    'Time to the first token': '150.0 ms',
    'Between two tokens': '20.0 ms',
  })
  expect((await provider.facts(never))[1]?.facts[0]?.source).toBe('/metrics')
})

test('facts of a server without figures and sleep mode say how to get them', async () => {
  const { provider } = await start({ metrics: 'none', sleepMode: false })
  const facts = await factsOf(provider)
  expect(facts.Figures).toContain('--disable-log-stats')
  expect(facts['Sleep mode']).toContain('--enable-sleep-mode')
  expect((await factsOf((await start({ metrics: 'old' })).provider))['Between two tokens']).toBe('20.0 ms')
})
