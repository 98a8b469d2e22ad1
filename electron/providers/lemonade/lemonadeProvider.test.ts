import { expect, test } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { connect, never, report, say, start } from '../../../test/support/lemonadeConnection.ts'
import { limitsFor, type OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'

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
