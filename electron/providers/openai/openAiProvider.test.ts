import { afterEach, expect, test } from 'vitest'
import { LoadOptions } from '../../../shared/contract/models.ts'
import { Verb } from '../../../shared/contract/providers.ts'
import { lacking } from '../../../test/support/lacking.ts'
import {
  badAnswers,
  badStreams,
  limitsFor,
  type OpenAiBehaviour,
  streamLimitsFor,
  textEvent,
} from '../../../test/support/openAiBehaviour.ts'
import {
  type OpenAiServerOptions,
  sendError,
  sendEvents,
  startLyingServer,
  startOpenAiServer,
} from '../../../test/support/openAiServer.ts'
import { stillClock } from '../../../test/support/stillClock.ts'
import type { Provider, ProviderChatChunk } from '../provider.ts'
import { isPublic, prefixesFor } from './openAiAddress.ts'
import { createOpenAiProvider, type OpenAiLimits } from './openAiProvider.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const never = new AbortController().signal
const now = Date.parse('2026-10-01T00:00:00Z')
const canary = 'canary-key-0123456789'

const connect = (address: string, limits?: Partial<OpenAiLimits>, key: string | null = null) => {
  const provider = createOpenAiProvider({
    id: 'openai',
    name: 'My server',
    address,
    apiKey: () => key,
    hidePaid: false,
    now: () => now,
    ...(limits && { limits }),
  })
  cleanUps.push(provider.close)
  return provider
}
const start = async (options?: OpenAiServerOptions, limits?: Partial<OpenAiLimits>) => {
  const server = await startOpenAiServer(options)
  cleanUps.push(server.close)
  return { server, provider: connect(server.url, limits, options?.key ?? null) }
}

const request = { messages: [{ role: 'user' as const, content: 'hello' }] }
const say = async (provider: Pick<Provider, 'chat'>, model = 'tiny', more: object = {}) => {
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat?.(model, { ...request, ...more }, never) ?? []) chunks.push(chunk)
  return chunks
}
const textOf = (chunks: readonly ProviderChatChunk[]) =>
  chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')

test.each([
  ['', '/v1', '/v1/models'],
  ['/v1', '/v1', '/v1/models'],
  ['', '', '/models'],
  ['/openai/v1', '/openai/v1', '/openai/v1/models'],
  ['/proxy', '/proxy/v1', '/proxy/v1/models'],
  ['/v1beta/openai', '/v1beta/openai', '/v1beta/openai/models'],
])('an address that ends in "%s" finds the routes below "%s", once', async (path, prefix, models) => {
  const server = await startOpenAiServer({ prefix })
  cleanUps.push(server.close)
  const provider = connect(server.url + path)
  stillClock() // so that they are one look
  expect(await provider.status(never)).toEqual({ version: null, latencyMs: expect.any(Number) })
  expect((await provider.models(never)).map(({ key }) => key)).toEqual(['tiny'])
  expect(textOf(await say(provider))).toBe('Hello there.')
  expect((await provider.embed('tiny', ['abc'], never)).embeddings).toEqual([[3, 0.5]])
  const asked = server.requests.map((each) => each.path)
  expect(asked.slice(-3)).toEqual([models, `${prefix}/chat/completions`, `${prefix}/embeddings`])
  expect(asked.length).toBeLessThanOrEqual(4)
})

test('a verb finds the routes too when nobody looked before', async () => {
  const { server, provider } = await start({ prefix: '' })
  expect(textOf(await say(provider))).toBe('Hello there.')
  expect(server.paths()).toEqual(['GET /v1/models', 'GET /models', 'POST /chat/completions'])
})

test('a look asks for the list once, and the next look asks anew', async () => {
  stillClock()
  const { server, provider } = await start()
  for (const count of [1, 2, 3]) {
    await provider.status(never)
    await provider.models(never)
    expect(server.requests).toHaveLength(count)
  }
  await provider.models(never)
  expect(server.requests).toHaveLength(4)
  expect(await provider.instances()).toEqual([])
})

test('the list shows what is told, and leaves open what is not', async () => {
  const meta = { n_ctx: 2048, n_ctx_train: 4096, n_params: 5_507_328, size: 3_192_791, ftype: 'Q4_0' }
  const modalities = (...output: string[]) => ({ input_modalities: ['text', 'image'], output_modalities: output })
  const { provider } = await start({
    models: [
      'org/name:tag',
      'text-embedding-3-small',
      { id: 'gguf', owned_by: 'llamacpp', created: now / 1000, meta },
      { id: 'eyes', architecture: modalities('text'), supported_parameters: ['tools', 'reasoning', 'response_format'] },
      { id: 'vectors', architecture: modalities('embeddings'), max_model_len: 512 },
    ],
  })
  const [plain, embedding, gguf, eyes, vectors] = await provider.models(never)
  expect(plain).toEqual({
    key: 'org/name:tag',
    name: 'org/name:tag',
    reason: null,
    role: 'unknown',
    loadable: true,
    capabilities: [],
    format: null,
    architecture: null,
    parameterCount: null,
    quantization: null,
    bitsPerWeight: null,
    contextLength: null,
    sizeBytes: null,
    path: null,
    digest: null,
    weightsSha256: null,
    price: null,
    modifiedAt: 1_755_600_000_000,
    lacks: lacking(),
  })
  expect(embedding).toMatchObject({ role: 'embedding', lacks: lacking() })
  const figures = { parameterCount: 5_507_328, quantization: 'Q4_0', contextLength: 4096, sizeBytes: 3_192_791 }
  expect(gguf).toMatchObject({ ...figures, modifiedAt: null })
  expect(eyes).toMatchObject({ role: 'llm', lacks: lacking() })
  expect(eyes?.capabilities).toEqual(['completion', 'vision', 'tools', 'thinking', 'structured-output'])
  expect(vectors).toMatchObject({ role: 'embedding', lacks: lacking('chat'), contextLength: 512 })
})

test('every verb that is absent, and every option of a load, has its sentence', async () => {
  const { provider } = await start()
  const full: Provider = provider
  const verbs = Verb.options.filter((verb) => full[verb] === undefined)
  expect(verbs).toEqual(['load', 'unload', 'keepAlive', 'pull', 'push', 'create', 'copy', 'remove', 'adapters'])
  expect(Object.keys(provider.cannot)).toEqual(verbs)
  expect(Object.keys(provider.ignoredOptions).toSorted()).toEqual(Object.keys(LoadOptions.shape).toSorted())
  for (const sentence of [...Object.values(provider.cannot), ...Object.values(provider.ignoredOptions)])
    expect(sentence).toMatch(/^[A-Z].{20,}\.$/)
})

test('details say what the list says, each with its source', async () => {
  const model = { id: 'm', name: 'My model', aliases: ['a', 'b'], context_length: 8192, created: now / 1000 }
  const { provider } = await start({ models: [model], ownedBy: '<b>me</b>' })
  const { groups } = await provider.details('m', never)
  expect(groups.flatMap(({ facts }) => facts)).toEqual(
    [
      ['Name', 'm'],
      ['Title', 'My model'],
      ['Owned by', '<b>me</b>'],
      ['Also known as', 'a, b'],
      ['Context length', '8,192 tokens'],
    ].map(([label, value]) => ({ label, value, source: 'GET /v1/models' })),
  )
  await expect(provider.details('nope', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('a server of a kind that Berth knows is named, and works all the same', async () => {
  const { provider } = await start({ ownedBy: 'llamacpp' })
  const facts = (await provider.facts(never)).flatMap((group) => group.facts.map(({ label, value }) => [label, value]))
  expect(Object.fromEntries(facts)).toMatchObject({
    'Routes begin with': '/v1',
    Models: '1',
    'Looks like': expect.stringContaining('llama-server'),
  })
})

test('a key is sent with each call, and one that is wrong or missing is noticed', async () => {
  const { server, provider } = await start({ key: canary })
  await provider.status(never)
  await provider.models(never)
  await say(provider)
  expect(server.requests.every(({ headers }) => headers.authorization === `Bearer ${canary}`)).toBe(true)
  for (const wrong of ['another-key', null]) {
    const other = connect(server.url, {}, wrong)
    for (const call of [() => other.status(never), () => other.models(never), () => say(other)])
      await expect(call()).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
  }
})

test('an unknown model is named as such in every verb', async () => {
  const { provider } = await start()
  const missing = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining('nope') }
  await expect(say(provider, 'nope')).rejects.toMatchObject(missing)
  await expect(provider.embed('nope', ['a'], never)).rejects.toMatchObject(missing)
})

test.each<[string, OpenAiBehaviour]>([
  ['HTML', 'html'],
  ['JSON of another form', { status: 200, body: '{"models":[{"name":"tiny"}]}' }],
  ['text', { status: 200, body: 'Ollama is running' }],
  ['an error in another form', { status: 404, body: '404 page not found', headers: { 'content-type': 'text/plain' } }],
  ['no HTTP', 'not http'],
])('a server that answers %s is another kind of server', async (_, how) => {
  const { provider } = await start({ behaviour: { '/v1/models': how, '/models': how } })
  await expect(provider.status(never)).rejects.toMatchObject({
    code: 'PROVIDER_WRONG_KIND',
    message: expect.stringContaining('not an OpenAI-compatible server'),
  })
})

const inStatus = (code: string, words: string) =>
  code === 'PROVIDER_BAD_ANSWER' && /JSON|form|HTTP/.test(words) ? 'PROVIDER_WRONG_KIND' : code

test.each(badAnswers)('a server that lies by %j is %s in every look, and its verbs', async (how, code, words) => {
  const behaviour = { '/v1/models': how, '/models': how, '/v1/embeddings': how }
  const { server, provider } = await start({ behaviour, key: canary }, limitsFor(how))
  const failure = { code: inStatus(code, words), message: expect.stringContaining(words) }
  await expect(provider.status(never)).rejects.toMatchObject(failure)
  await expect(provider.models(never)).rejects.toMatchObject(failure)
  await expect(provider.details('tiny', never)).rejects.toMatchObject(failure)
  await expect(provider.facts(never)).rejects.toMatchObject(failure)
  server.behaviour['/v1/models'] = undefined
  const failed = await provider.embed('tiny', ['a'], never).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code, message: expect.stringContaining(words) })
  expect(JSON.stringify(failed) + String(failed)).not.toContain(canary)
})

test.each(badStreams)('a chat that breaks by %j is %s', async (how, code, words) => {
  const { provider } = await start({ behaviour: { '/v1/chat/completions': how } }, streamLimitsFor(how))
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  expect(await provider.status(never)).toBeDefined()
})

test('nothing goes to another server, however it is asked for, and no key', async () => {
  const other = await startOpenAiServer()
  cleanUps.push(other.close)
  const how = { redirect: `${other.url}/v1/models` }
  const { provider } = await start({ behaviour: { '/v1/*': how, '/models': how }, key: canary })
  const refused = { code: 'PROVIDER_BAD_ANSWER', message: expect.stringContaining('not followed') }
  await expect(provider.status(never)).rejects.toMatchObject(refused)
  await expect(provider.models(never)).rejects.toMatchObject(refused)
  await expect(say(provider)).rejects.toMatchObject(refused)
  await expect(provider.embed('tiny', ['a'], never)).rejects.toMatchObject(refused)
  expect(other.requests).toEqual([])
})

test('a server that is down is unreachable in every verb, and comes back', async () => {
  const { server, provider } = await start()
  await server.close()
  cleanUps.splice(0, 1)
  const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens there') }
  await expect(provider.status(never)).rejects.toMatchObject(unreachable)
  await expect(provider.models(never)).rejects.toMatchObject(unreachable)
  await expect(say(provider)).rejects.toMatchObject(unreachable)
  await expect(provider.embed('tiny', ['a'], never)).rejects.toMatchObject(unreachable)
  const again = await startOpenAiServer({ port: server.port })
  cleanUps.push(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})

test('every call may be cancelled', async () => {
  const { provider } = await start({ behaviour: { '/v1/models': 'no headers' } })
  const cancelled = { code: 'CANCELLED' }
  const soon = () => AbortSignal.timeout(20)
  await expect(provider.status(soon())).rejects.toMatchObject(cancelled)
  await expect(provider.models(soon())).rejects.toMatchObject(cancelled)
  await expect(provider.details('tiny', soon())).rejects.toMatchObject(cancelled)
  await expect(provider.embed('tiny', ['a'], soon())).rejects.toMatchObject(cancelled)
})

test('a server that refuses a field by its name is asked without it, and remembered by model', async () => {
  const server = await startLyingServer({
    routes: {
      'GET /v1/models': (_, response) => response.writeHead(200).end('{"data":[]}') && undefined,
      'POST /v1/chat/completions': ({ body }, response) => {
        if ('stream_options' in body) return sendError(response, 422, 'Extra inputs: stream_options')
        if ('max_tokens' in body) return sendError(response, 400, "Use 'max_completion_tokens' instead.")
        return sendEvents(response, [textEvent(String(body.max_completion_tokens), 'stop'), '[DONE]'])
      },
    },
  })
  cleanUps.push(server.close)
  const provider = connect(server.url)
  expect(textOf(await say(provider, 'o9', { maxTokens: 5 }))).toBe('5')
  expect(server.requests).toHaveLength(4)
  expect(textOf(await say(provider, 'o9', { maxTokens: 6 }))).toBe('6')
  expect(server.requests).toHaveLength(5)
})

test('ten thousand models are listed', async () => {
  const models = Array.from({ length: 10_000 }, (_, index) => `org-${index % 100}/model-${index}`)
  const { provider } = await start({ models })
  expect(await provider.models(never)).toHaveLength(10_000)
})

test('only what is out on the internet may cost money', () => {
  const outside = ['https://api.openai.com/v1', 'http://8.8.8.8', 'http://[2001:db8::1]:1', 'http://100.128.0.1']
  const own = [
    '127.0.0.1:1',
    'localhost',
    'box',
    'nas.local',
    '10.0.0.2',
    '192.168.1.2',
    '172.16.0.1',
    '[::1]:8',
    '[fd00::1]',
  ]
  expect(outside.map(isPublic)).toEqual(outside.map(() => true))
  expect(own.map((each) => isPublic(`http://${each}`))).toEqual(own.map(() => false))
  expect(prefixesFor('https://x/v1')).toEqual(['', '/v1'])
})
