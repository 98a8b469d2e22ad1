import { expect, test } from 'vitest'
import { lacking } from '../../../test/support/lacking.ts'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { startOllama } from '../../../test/support/ollamaConnection.ts'
import { stillClock } from '../../../test/support/stillClock.ts'

const never = new AbortController().signal
const ignore = () => {}
const keys = async (provider: Awaited<ReturnType<typeof startOllama>>['provider']) =>
  (await provider.models(never)).map(({ key }) => key)

test('a copy is listed beside its source, with the same weights', async () => {
  const { provider } = await startOllama()
  expect(await provider.copy('tiny:latest', 'Me/Second:v1', never)).toBe('Me/Second:v1')
  const [first, second] = await provider.models(never)
  expect(second).toMatchObject({ key: 'Me/Second:v1', weightsSha256: first?.weightsSha256 })
  await expect(provider.copy('nope', 'third', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('a model is removed by its name, a stub of a cloud model too', async () => {
  const { provider } = await startOllama({
    models: [{ name: 'tiny' }, { name: 'big:x-cloud', remoteHost: 'https://ollama.com:443' }],
  })
  await provider.remove('tiny:latest', never)
  expect(await keys(provider)).toEqual(['big:x-cloud'])
  expect((await provider.models(never))[0]?.lacks).toEqual(
    lacking('load', 'unload', 'keepAlive', 'chat', 'embed', 'push'),
  )
  expect(await provider.removal('big:x-cloud', never)).toMatchObject({ freedBytes: 3_192_791, notes: [] })
  await provider.remove('big:x-cloud', never)
  expect(await keys(provider)).toEqual([])
  await expect(provider.remove('tiny:latest', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('removing a model alone frees all of it', async () => {
  const { provider } = await startOllama({ models: [{ name: 'a', sizeBytes: 5_000 }, { name: 'b' }] })
  expect(await provider.removal('a:latest', never)).toEqual({
    freedBytes: 5_000,
    sharedWith: [],
    alsoRemoved: [],
    notes: [],
  })
  await expect(provider.removal('nope', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
})

test('weights that another model uses stay, and the notes say so and what is unloaded', async () => {
  const { provider } = await startOllama({
    models: [{ name: 'a', weights: 'w' }, { name: 'b', weights: 'w' }, { name: 'c' }],
  })
  await provider.load('a:latest', {}, ignore, never)
  expect(await provider.removal('b:latest', never)).toEqual({
    freedBytes: 0,
    sharedWith: ['a:latest'],
    alsoRemoved: [],
    notes: ['Unloading it unloads a:latest too: they run as one.'],
  })
  expect(await provider.removal('a:latest', never)).toMatchObject({
    notes: ['It is loaded now and will be unloaded first.'],
  })
})

test('where not every model can be compared, what is freed is unknown', async () => {
  const { server, provider } = await startOllama({ models: [{ name: 'a' }, { name: 'b' }] })
  server.behaviour['/api/show'] = { status: 500, body: '{"error":"broken manifest"}' }
  expect(await provider.removal('a:latest', never)).toEqual({
    freedBytes: null,
    sharedWith: [],
    alsoRemoved: [],
    notes: ['Not all models could be compared: some may use the same weights, and these would stay.'],
  })
})

test('of ten thousand models those of about the same size are compared, and the answer is soon there', async () => {
  stillClock()
  const models = [
    ...Array.from({ length: 9_998 }, (_, index) => ({ name: `m${index}`, sizeBytes: 1_000 + index })),
    { name: 'twin-a', weights: 'w', sizeBytes: 5_000_000 },
    { name: 'twin-b', weights: 'w', sizeBytes: 5_000_100 },
  ]
  const { server, provider } = await startOllama({ models })
  expect(await provider.removal('twin-a:latest', never)).toMatchObject({ sharedWith: ['twin-b:latest'] })
  expect(server.requests.filter(({ path }) => path === '/api/show')).toHaveLength(50)
})

test.each<[Behaviour, string]>([
  [{ status: 200, body: '{"error":"it failed"}' }, 'PROVIDER_ERROR'],
  [{ status: 400, body: '{"error":"name \\"x\\" is invalid"}' }, 'NAME_INVALID'],
  [{ status: 401, body: '' }, 'PROVIDER_KEY_REJECTED'],
  [{ status: 429, body: '' }, 'PROVIDER_RATE_LIMITED'],
  [{ status: 500, body: '{"error":"broken manifest"}' }, 'PROVIDER_ERROR'],
  [{ status: 503, body: '' }, 'PROVIDER_BUSY'],
  ['html', 'PROVIDER_BAD_ANSWER'],
  ['huge body', 'PROVIDER_BAD_ANSWER'],
  ['huge headers', 'PROVIDER_BAD_ANSWER'],
  ['not http', 'PROVIDER_BAD_ANSWER'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER'],
  ['reset', 'PROVIDER_UNREACHABLE'],
  ['no headers', 'PROVIDER_TIMEOUT'],
  ['headers, then silence', 'PROVIDER_TIMEOUT'],
])('a copy and a removal that break by %j are %s', async (how, code) => {
  const behaviour = { '/api/copy': how, '/api/delete': how }
  const answerMs = code === 'PROVIDER_TIMEOUT' ? 100 : 5_000
  const { server, provider } = await startOllama({ behaviour }, { answerMs, maxBodyBytes: 200_000 })
  await expect(provider.copy('tiny:latest', 'b', never)).rejects.toMatchObject({ code })
  await expect(provider.remove('tiny:latest', never)).rejects.toMatchObject({ code })
  expect(server.models).toHaveLength(1)
})
