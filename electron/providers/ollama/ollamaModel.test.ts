import { expect, test, vi } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import { startOllama } from '../../../test/support/ollamaConnection.ts'
import { patience } from '../../../test/support/patience.ts'
import { stillClock } from '../../../test/support/stillClock.ts'

const never = new AbortController().signal
const tiny = 'tiny:latest'
const start = startOllama

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
  stillClock()
  const models = Array.from({ length: 30 }, (_, index) => ({
    name: `m${index}:a`,
    guessed: true,
    contextLength: 100 + index,
  }))
  const { server, provider } = await start({ models })
  const release = server.hold('/api/show')
  const listing = provider.models(never)
  const shows = () => server.requests.filter(({ path }) => path === '/api/show').length
  await vi.waitFor(() => expect(shows()).toBe(4), patience)
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
