import { expect, test } from 'vitest'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { startOllama } from '../../../test/support/ollamaConnection.ts'

const never = new AbortController().signal
const report = () => {}
const tiny = 'tiny:latest'
const minilm = 'minilm:latest'
const embedding = { name: 'minilm', embedding: true, contextLength: 512 }

test('keep-alive sets the seconds and pins, and repeats the options of the load: with others it would load anew', async () => {
  const { server, provider } = await startOllama()
  await provider.load(tiny, { contextLength: 512, threads: 2, keepAlive: 60 }, report, never)
  const changes: string[] = []
  provider.onChange((what) => changes.push(what))
  const before = Date.now()
  await provider.keepAlive(tiny, 900, never)
  const lastOf = (path: string) => server.requests.findLast((request) => request.path === path)
  expect(lastOf('/api/generate')).toMatchObject({
    body: { model: tiny, keep_alive: 900, options: { num_ctx: 512, num_thread: 2 }, stream: false },
  })
  const [instance] = await provider.instances(never)
  expect(instance).toMatchObject({ contextLength: 512, options: { contextLength: 512, threads: 2, keepAlive: 900 } })
  expect(instance?.expiresAt).toBeGreaterThanOrEqual(before + 899_000)
  expect(changes).toEqual(['instances'])
  await provider.keepAlive(tiny, 'forever', never)
  expect(await provider.instances(never)).toMatchObject([{ expiresAt: 'never' }])
  // an answer begins the time anew: it must not bring back the old one
  for await (const _ of provider.chat(tiny, { messages: [{ role: 'user', content: 'x' }] }, never));
  expect(await provider.instances(never)).toMatchObject([{ expiresAt: 'never', contextLength: 512 }])
})

test('an embedding model is kept alive by embed', async () => {
  const { server, provider } = await startOllama({ models: [embedding] })
  await provider.load(minilm, {}, report, never)
  await provider.keepAlive(minilm, 'forever', never)
  expect(server.requests.findLast(({ path }) => path === '/api/embed')?.body).toMatchObject({
    input: [],
    keep_alive: -1,
    options: {},
  })
  expect(await provider.instances(never)).toMatchObject([{ expiresAt: 'never' }])
})

test('keep-alive of what somebody else loaded asks for the context that it has', async () => {
  const { server, provider } = await startOllama({ models: [{ name: tiny }, embedding] })
  server.loadElsewhere(tiny, { options: { num_ctx: 1024 } })
  await provider.keepAlive(tiny, 60, never)
  const optionsAt = (path: string) => server.requests.findLast((request) => request.path === path)?.body.options
  expect(optionsAt('/api/generate')).toEqual({ num_ctx: 1024 })
  // as long as the model allows: cut from Ollama's own default, so asking for it would load anew
  server.loadElsewhere(minilm)
  await provider.keepAlive(minilm, 60, never)
  expect(optionsAt('/api/embed')).toEqual({})
})

test('keep-alive of what is not loaded, or on its way, does not load it', async () => {
  const { server, provider } = await startOllama()
  await expect(provider.keepAlive(tiny, 60, never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  expect(server.loaded).toEqual([])
  const release = server.hold('/api/generate')
  const loading = provider.load(tiny, {}, report, never)
  await expect(provider.keepAlive(tiny, 60, never)).rejects.toMatchObject({ code: 'BUSY' })
  release()
  await loading
})

test('embeddings come in the order of their texts, in requests of a hundred, and nothing is cut', async () => {
  const { server, provider } = await startOllama({ models: [embedding] })
  await provider.load(minilm, { threads: 1, keepAlive: 60 }, report, never)
  const input = Array.from({ length: 250 }, (_, index) => 'x'.repeat(1 + index))
  const { embeddings, promptTokens, costUsd } = await provider.embed(minilm, input, never)
  expect(embeddings.map(([length]) => Math.round((length ?? 0) * 100))).toEqual(input.map(({ length }) => length))
  expect({ promptTokens, costUsd }).toEqual({ promptTokens: 750, costUsd: null })
  const asked = server.requests.filter(({ body }) => Array.isArray(body.input) && body.input.length > 0)
  expect(asked.map(({ body }) => (body.input as string[]).length)).toEqual([100, 100, 50])
  expect(asked[0]?.body).toMatchObject({ truncate: false, options: { num_thread: 1 }, keep_alive: 60 })
  await expect(provider.embed(minilm, ['x'.repeat(600)], never)).rejects.toMatchObject({
    code: 'PROVIDER_ERROR',
    advice: expect.stringContaining('Shorten'),
    details: { status: 400 },
  })
})

test('a chat model has no embeddings, an embedding model no chat', async () => {
  const { provider } = await startOllama({ models: [{ name: tiny }, embedding] })
  await expect(provider.embed(tiny, ['a'], never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  const chat = async () => {
    for await (const _ of provider.chat(minilm, { messages: [{ role: 'user', content: 'x' }] }, never));
  }
  await expect(chat()).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  const lacks = (await provider.models(never)).map(({ key, lacks }) => `${key} ${Object.keys(lacks)}`)
  expect(lacks).toEqual(['tiny:latest embed,push', 'minilm:latest chat,push'])
})

test('cancelling an embed closes its connection', async () => {
  const { server, provider } = await startOllama({ models: [embedding] })
  server.hold('/api/embed')
  const leaving = new AbortController()
  const cancelled = expect(provider.embed(minilm, ['a'], leaving.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => server.requests.at(-1)?.path).toBe('/api/embed')
  leaving.abort()
  await cancelled
  await expect.poll(() => server.aborted.map(({ path }) => path)).toEqual(['/api/embed'])
})

test.each<[Behaviour, string]>([
  [{ status: 200, body: '{"embeddings":[[1,2],[3,4]]}' }, 'PROVIDER_BAD_ANSWER'],
  [{ status: 200, body: '{"embeddings":[]}' }, 'PROVIDER_BAD_ANSWER'],
  [{ status: 200, body: '{"embeddings":[[]]}' }, 'PROVIDER_BAD_ANSWER'],
  [{ status: 200, body: '{"embeddings":[["1"]]}' }, 'PROVIDER_BAD_ANSWER'],
  [{ status: 200, body: '{"embeddings":[[1e999]]}' }, 'PROVIDER_BAD_ANSWER'],
  [{ status: 200, body: '{"embeddings":[[null]]}' }, 'PROVIDER_BAD_ANSWER'],
  [{ status: 200, body: '{"error":"CUDA error: out of memory"}' }, 'OUT_OF_MEMORY'],
  [{ status: 501, body: '{"error":"This server does not support embeddings."}' }, 'VERB_NOT_SUPPORTED'],
  [{ status: 404, body: '{"error":"model \\"m\\" not found, try pulling it first"}' }, 'MODEL_NOT_FOUND'],
  [{ status: 401, body: '' }, 'PROVIDER_KEY_REJECTED'],
  [{ status: 429, body: '' }, 'PROVIDER_RATE_LIMITED'],
  [{ status: 500, body: '{"error":"crash"}' }, 'PROVIDER_ERROR'],
  [{ status: 503, body: '' }, 'PROVIDER_BUSY'],
  ['html', 'PROVIDER_BAD_ANSWER'],
  ['wrong types', 'PROVIDER_BAD_ANSWER'],
  ['huge body', 'PROVIDER_BAD_ANSWER'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER'],
  ['reset', 'PROVIDER_UNREACHABLE'],
  ['headers, then silence', 'PROVIDER_TIMEOUT'],
])('an embed that answers %j is %s', async (how, code) => {
  const limits = { maxBodyBytes: 200_000, loadMs: code === 'PROVIDER_TIMEOUT' ? 100 : 5_000 }
  const { provider } = await startOllama({ models: [embedding], behaviour: { '/api/embed': how } }, limits)
  await expect(provider.embed(minilm, ['a'], never)).rejects.toMatchObject({ code })
})

test('vectors of different lengths are no answer', async () => {
  const how = { status: 200, body: '{"embeddings":[[1,2],[3]]}' }
  const { provider } = await startOllama({ models: [embedding], behaviour: { '/api/embed': how } })
  await expect(provider.embed(minilm, ['a', 'b'], never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})

test.each<[Behaviour, string]>([
  [{ status: 404, body: `{"error":"model 'tiny' not found"}` }, 'MODEL_NOT_FOUND'],
  [{ status: 500, body: '{"error":"out of memory"}' }, 'OUT_OF_MEMORY'],
  [{ status: 429, body: '' }, 'PROVIDER_RATE_LIMITED'],
  [{ status: 503, body: '' }, 'PROVIDER_BUSY'],
  ['html', 'PROVIDER_BAD_ANSWER'],
  ['reset', 'PROVIDER_UNREACHABLE'],
])('a keep-alive that answers %j is %s, and the load’s own stays known', async (how, code) => {
  const { server, provider } = await startOllama()
  await provider.load(tiny, { keepAlive: 60 }, report, never)
  server.behaviour['/api/generate'] = how
  await expect(provider.keepAlive(tiny, 'forever', never)).rejects.toMatchObject({ code })
  expect(await provider.instances(never)).toMatchObject([{ options: { keepAlive: 60 } }])
})
