import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { createLmStudioBench, never, report, say, token } from '../../../test/support/lmStudioBench.ts'

const { connect, listen, start, later, cleanUp } = createLmStudioBench()
afterEach(cleanUp)

test('status tells the version, which only the socket knows', async () => {
  const { provider } = await start({ version: '0.4.7' })
  expect(await provider.status(never)).toEqual({ version: '0.4.7', latencyMs: expect.any(Number) })
})

test.each([
  'answers 200',
  'answers 401',
  'redirects',
  'no upgrade',
  'silent',
  'refuses identity',
  'strange authentication',
] as const)('a socket that %s costs the version and nothing else', async (how) => {
  const { provider } = await start({ socket: { system: how } }, { socketMs: 100 })
  expect(await provider.status(never)).toMatchObject({ version: null })
})

test.each(['no answer', 'cut', 'not json', 'null', 'wrong form', 'error', 'huge frame'] as const)(
  'a question over the socket that is answered with %s is unknown',
  async (how) => {
    const socket = { 'system/version': how, 'llm/listLoaded': how }
    const { server, provider } = await start({ socket }, { socketMs: 100 })
    server.world.load('tiny', { ttlMs: 1000 })
    expect(await provider.status(never)).toMatchObject({ version: null })
    expect(await provider.instances(never)).toMatchObject([{ instance: 'tiny', expiresAt: null }])
  },
)

test('a socket that is not there is not knocked at with every look', async () => {
  const { server, provider } = await start({ socket: { system: 'answers 200' } })
  await provider.status(never)
  delete server.socketBehaviour.system
  expect(await provider.status(never)).toMatchObject({ version: null })
})

test('an LM Studio before 0.4 is too old, though it answers 200 to everything', async () => {
  const { provider } = await start({ old: true })
  const tooOld = { code: 'PROVIDER_TOO_OLD', advice: expect.stringContaining('0.4') }
  await expect(provider.status(never)).rejects.toMatchObject(tooOld)
  await expect(provider.models(never)).rejects.toMatchObject(tooOld)
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject(tooOld)
})

test('another list at the address of its models is too old as well, a cut one is not', async () => {
  const { server, provider } = await start()
  server.behaviour['/api/v1/models'] = { status: 200, body: '{"object":"list","data":[]}' }
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_TOO_OLD' })
  server.behaviour['/api/v1/models'] = 'cut in mid-answer'
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})

test.each([
  { status: 200, body: '{"lmstudio":"yes"}' },
  { status: 200, body: '{"version":"0.32.15"}' },
  { status: 404, body: '404 page not found' },
  'html',
  'not json',
  'not http',
] as const)('what does not greet as LM Studio is another kind of server: %j', async (how) => {
  const { provider } = await start({ behaviour: { '/lmstudio-greeting': how } })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
})

test('a right token opens REST and socket; none or another is refused, and never shown', async () => {
  const { server, provider } = await start({ token })
  expect(await provider.status(never)).toMatchObject({ version: '0.4.2' })
  expect(server.socket.identities).toEqual([
    { authVersion: 1, clientIdentifier: 'abcdefgh', clientPasskey: '0123456789abcdefghij' },
  ])
  const other = 'sk-lm-zzzzzzzz:zzzzzzzzzzzzzzzzzzzz'
  for (const key of [null, other]) {
    const failure = await connect(server.url, {}, key)
      .status(never)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('zzzzzzzz')
  }
})

test('a key that is no token of LM Studio is refused with what one looks like, before anything is sent', async () => {
  const { server } = await start()
  const provider = connect(server.url, {}, 'lm-studio-canary')
  const verbs = [
    () => provider.status(never),
    () => provider.models(never),
    () => provider.instances(never),
    () => provider.details('tiny', never),
    () => provider.load('tiny', {}, report, never),
    () => provider.unload('tiny', null, never),
    () => say(provider),
    () => provider.embed('tiny', ['x'], never),
    () => provider.pull({ name: 'x/y' }, report, never),
  ]
  for (const verb of verbs) {
    const failure = await verb().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'PROVIDER_KEY_REJECTED', message: expect.stringContaining('sk-lm-XXXX') })
    expect(String(failure)).not.toContain('canary')
  }
  expect(server.requests).toEqual([])
})

test('a server that is down is unreachable in every verb, and comes back', async () => {
  const { server, provider } = await start()
  await server.close()
  const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens there') }
  for (const verb of [provider.status, provider.models, provider.instances])
    await expect(verb(never)).rejects.toMatchObject(unreachable)
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject(unreachable)
  await expect(provider.unload('tiny', null, never)).rejects.toMatchObject(unreachable)
  await expect(say(provider)).rejects.toMatchObject(unreachable)
  await listen({ port: server.port })
  await expect(provider.models(never)).resolves.toHaveLength(1)
})

test('the list shows what each model is', async () => {
  const quantization = { name: 'Q4_K_M', bits_per_weight: 4 }
  const { provider } = await start({
    models: [
      {
        key: 'google/gemma-4-26b-a4b',
        name: 'Gemma 4',
        params: '26B',
        vision: true,
        tools: true,
        reasoning: true,
        quantization,
      },
      { key: 'nomic', type: 'embedding', params: '137M', quantization: null, format: null },
      { key: 'moe', params: '30B-A3B', format: 'mlx' },
      { key: 'draw', type: 'imageGen', params: 'many' },
    ],
  })
  const [gemma, nomic, moe, draw] = await provider.models(never)
  expect(gemma).toEqual({
    key: 'google/gemma-4-26b-a4b',
    name: 'Gemma 4',
    reason: null,
    role: 'llm',
    loadable: true,
    capabilities: ['completion', 'tools', 'vision', 'thinking'],
    format: 'gguf',
    architecture: 'llama',
    parameterCount: 26_000_000_000,
    quantization: 'Q4_K_M',
    bitsPerWeight: 4,
    contextLength: 8192,
    sizeBytes: 1_000_000,
    path: null,
    digest: null,
    weightsSha256: null,
    price: null,
    modifiedAt: null,
    lacks: lacking('embed'),
  })
  const unknown = { quantization: null, bitsPerWeight: null, format: null, architecture: null }
  expect(nomic).toMatchObject({
    role: 'embedding',
    capabilities: ['embedding'],
    lacks: lacking('chat'),
    parameterCount: 137e6,
    ...unknown,
  })
  expect(moe).toMatchObject({ parameterCount: 30_000_000_000, format: 'mlx' })
  expect(draw).toMatchObject({ loadable: false, reason: expect.stringContaining('imageGen'), parameterCount: null })
})

test('on this machine a model has the path it lies at, elsewhere and outside of the folder it has none', async () => {
  const home = await mkdtemp(join(tmpdir(), 'lmstudio-'))
  later(() => rm(home, { recursive: true }))
  const folder = join(home, 'other', 'models')
  await mkdir(join(folder, 'a', 'b'), { recursive: true })
  await mkdir(join(home, '.lmstudio'))
  await writeFile(join(home, '.lmstudio', 'settings.json'), JSON.stringify({ downloadsFolder: folder }))
  await writeFile(join(folder, 'a', 'b', 'c.gguf'), 'x')
  await writeFile(join(home, 'secret.gguf'), 'x')
  const { server } = await start({
    models: [
      { key: 'here', path: 'a/b/c.gguf' },
      { key: 'gone', path: 'a/b/d.gguf' },
      { key: 'outside', path: '../../secret.gguf' },
      { key: 'absolute', path: join(home, 'secret.gguf') },
    ],
  })
  const paths = async (address: string) =>
    (await connect(address, {}, null, home).models(never)).map(({ key, path }) => [key, path])
  expect(await paths(server.url)).toEqual([
    ['here', join(folder, 'a', 'b', 'c.gguf')],
    ['gone', null],
    ['outside', null],
    ['absolute', null],
  ])
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const { server, provider } = await start()
  const odd = { key: 'odd', type: 7, size_bytes: -1, quantization: 'no', max_context_length: 0, loaded_instances: 'x' }
  const hostile = `{"key":"<img src=x onerror=alert(1)>","type":"llm","architecture":"${'x'.repeat(100_000)}","max_context_length":1e999,"capabilities":{"vision":"yes"},"__proto__":{"polluted":1}}`
  server.behaviour['/api/v1/models'] = { status: 200, body: `{"models":[${JSON.stringify(odd)},${hostile}]}` }
  const [first, second] = await provider.models(never)
  expect(first).toMatchObject({ key: 'odd', role: 'unknown', sizeBytes: null, contextLength: null, quantization: null })
  expect(second).toMatchObject({
    key: '<img src=x onerror=alert(1)>',
    contextLength: null,
    capabilities: ['completion'],
  })
  expect(second?.architecture?.length).toBe(64)
  expect({}).not.toHaveProperty('polluted')
  expect(await provider.instances(never)).toEqual([])
  server.behaviour['/api/v1/models'] = { status: 200, body: '{"models":[{"key":7}]}' }
  await expect(provider.models(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})

test('details are grouped facts with their source', async () => {
  const { server, provider } = await start({ models: [{ key: 'tiny', reasoning: true }] })
  server.world.load('tiny', { contextLength: 2048 })
  const details = await provider.details('tiny', never)
  const facts = details.groups.flatMap(({ title, facts }) =>
    facts.map(({ label, value }) => `${title}: ${label} ${value}`),
  )
  expect(facts).toContain('Architecture: Reasoning off, on')
  expect(facts).toContain('Loaded as tiny: Context length 2,048 tokens')
  await expect(provider.details('other', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('instances of one model have their own names and times', async () => {
  const { server, provider } = await start({ models: [{ key: 'tiny' }, { key: 'emb', type: 'embedding' }] })
  server.world.load('tiny', { contextLength: 1024 })
  const lastUsedTime = Date.now() - 5_000
  server.world.load('tiny', { ttlMs: 60_000 }).lastUsedTime = lastUsedTime
  server.world.load('tiny', { ttlMs: 60_000 })
  server.world.load('emb')
  const seen = (await provider.instances(never)).map(({ key, instance, state, contextLength, memory, expiresAt }) => ({
    key,
    instance,
    state,
    contextLength,
    memory,
    expiresAt,
  }))
  const usual = { key: 'tiny', state: 'loaded', contextLength: 4096, memory: [] }
  expect(seen).toEqual([
    { ...usual, instance: 'tiny', contextLength: 1024, expiresAt: 'never' },
    { ...usual, instance: 'tiny:2', expiresAt: lastUsedTime + 60_000 },
    { ...usual, instance: 'tiny:3', expiresAt: null },
    { ...usual, key: 'emb', instance: 'emb', expiresAt: 'never' },
  ])
})

test('one instance is unloaded by its name, or all of a model; what is not there is gone already', async () => {
  const { server, provider } = await start({ models: [{ key: 'tiny' }, { key: 'other' }] })
  for (const key of ['tiny', 'tiny', 'tiny', 'other']) server.world.load(key)
  await provider.unload('tiny', 'tiny:2', never)
  expect(server.loaded()).toEqual(['tiny', 'tiny:3', 'other'])
  await provider.unload('tiny', 'other', never)
  expect(server.loaded()).toEqual(['tiny', 'tiny:3', 'other'])
  await provider.unload('tiny', null, never)
  expect(server.loaded()).toEqual(['other'])
  await provider.unload('tiny', null, never)
  await provider.unload('unheard-of', null, never)
})

test('an unload shows while it lasts, is announced, and refuses a second change', async () => {
  const { server, provider } = await start()
  server.world.load('tiny')
  const changes: string[] = []
  const stop = provider.onChange((what) => changes.push(what))
  const release = server.world.hold('unload')
  const unloading = provider.unload('tiny', null, never)
  expect(await provider.instances(never)).toMatchObject([{ instance: 'tiny', state: 'unloading' }])
  await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({ code: 'BUSY' })
  release()
  await unloading
  expect(await provider.instances(never)).toEqual([])
  expect(changes).toEqual(['instances', 'instances'])
  stop()
})

test('an unload that does not happen is given up, and can be cancelled', async () => {
  const { server, provider } = await start({}, { unloadMs: 150 })
  server.world.load('tiny')
  server.behaviour['/api/v1/models/unload'] = { status: 200, body: '{"instance_id":"tiny"}' }
  await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
  const cancelled = provider.unload('tiny', null, AbortSignal.timeout(30))
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('an answer streams, with its thoughts and its use, from the instance that is loaded', async () => {
  const { server, provider } = await start()
  server.world.load('tiny')
  server.world.load('tiny')
  server.world.unload('tiny')
  const chunks = await say(provider)
  expect(chunks).toMatchObject([
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'Hello' },
    { type: 'text', text: '.' },
    { type: 'done', finishReason: 'stop', usage: { promptTokens: 9, completionTokens: 2 }, costUsd: null },
  ])
  expect(server.requests.at(-1)?.body).toMatchObject({ model: 'tiny:2', max_tokens: 9, stream: true })
  expect(server.loaded()).toEqual(['tiny:2'])
})

test('embeddings come in the order of their texts', async () => {
  const { server, provider } = await start({ models: [{ key: 'emb', type: 'embedding' }] })
  server.world.load('emb')
  const result = await provider.embed('emb', ['a', 'bbb'], never)
  expect(result).toEqual({
    embeddings: [
      [1, 0.5],
      [3, 0.5],
    ],
    promptTokens: 4,
    costUsd: null,
  })
})

test('every verb that LM Studio lacks has a sentence', async () => {
  const { provider } = await start()
  expect(Object.keys(provider.cannot).sort()).toEqual(['adapters', 'copy', 'create', 'keepAlive', 'push', 'remove'])
  for (const sentence of [...Object.values(provider.cannot), ...Object.values(provider.ignoredOptions)])
    expect(sentence).toMatch(/^[A-Z].{20,}\.$/)
  for (const verb of Object.keys(provider.cannot)) expect(provider).not.toHaveProperty(verb)
})

test('a key that the server repeats is not shown, whether it comes over HTTP or over the socket', async () => {
  const { server, provider } = await start({ token, version: `0.4.2-${token.slice(-20)}`, models: [{ key: token }] })
  server.world.load(token)
  const said = [await provider.status(never), await provider.models(never), await provider.instances(never)]
  server.behaviour['/api/v1/models'] = { status: 500, body: JSON.stringify({ error: `Not for ${token}.` }) }
  const failure = await provider.models(never).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'PROVIDER_ERROR', message: expect.stringContaining('Not for [key removed]') })
  expect(JSON.stringify([said, failure]) + String(failure)).not.toMatch(/abcdefgh:|0123456789/)
  expect(said[0]).toMatchObject({ version: '0.4.2-[key removed]' })
})

test('a redirect is not followed, neither over HTTP nor by the socket, so no key leaves', async () => {
  const other = await listen()
  const { provider } = await start({
    token,
    behaviour: { '/api/v1/models': { redirect: `${other.url}/api/v1/models` } },
  })
  await expect(provider.models(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  expect(other.requests).toEqual([])
})
