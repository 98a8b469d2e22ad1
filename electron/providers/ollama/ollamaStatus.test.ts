import { expect, test } from 'vitest'
import { Verb } from '../../../shared/contract/providers.ts'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { connectOllama, startOllama } from '../../../test/support/ollamaConnection.ts'
import { stillClock } from '../../../test/support/stillClock.ts'

const never = new AbortController().signal

test('another server that answers Ollama’s paths is told apart by its root', async () => {
  const { provider } = await startOllama({ version: '0.16.1', behaviour: { '/': 'html' } })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
})

test('the root is asked once for each version', async () => {
  const { server, provider } = await startOllama()
  await provider.status(never)
  await provider.status(never)
  expect(server.requests.map(({ path }) => path)).toEqual(['/api/version', '/', '/api/version'])
  server.behaviour['/api/version'] = { status: 200, body: '{"version":"0.33.0"}' }
  server.behaviour['/'] = { status: 200, body: 'Hello', contentType: 'text/plain' }
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_WRONG_KIND' })
})

test.each([
  ['0.4.9', false],
  ['0.1.48', false],
  ['v0.4.0-rc1', false],
  ['0.5.0', true],
  ['0.32.15-rc0', true],
  ['1.0.0', true],
  ['0.0.0', true],
  ['a build of my own', true],
])('version %s is recent enough: %s', async (version, isNew) => {
  const { provider } = await startOllama({ version })
  if (isNew) return expect(await provider.status(never)).toMatchObject({ version })
  await expect(provider.status(never)).rejects.toMatchObject({
    code: 'PROVIDER_TOO_OLD',
    message: expect.stringContaining(version),
  })
})

test.each<[Behaviour, string]>([
  [{ status: 404, body: '404 page not found', contentType: 'text/plain' }, 'PROVIDER_WRONG_KIND'],
  [{ status: 200, body: '{"object":"list"}' }, 'PROVIDER_WRONG_KIND'],
  [{ status: 200, body: '{"version":""}' }, 'PROVIDER_WRONG_KIND'],
  ['huge headers', 'PROVIDER_BAD_ANSWER'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER'],
  [{ status: 401, body: '{"error":"no key"}' }, 'PROVIDER_KEY_REJECTED'],
  [{ status: 403, body: '' }, 'PROVIDER_ERROR'],
  [{ status: 429, body: '' }, 'PROVIDER_RATE_LIMITED'],
  [{ status: 500, body: '' }, 'PROVIDER_ERROR'],
  [{ status: 503, body: '' }, 'PROVIDER_BUSY'],
])('a status answered by %j is %s', async (how, code) => {
  const { provider } = await startOllama({ behaviour: { '/api/version': how } })
  await expect(provider.status(never)).rejects.toMatchObject({ code })
})

test('facts tell the version, the cloud and what is in memory', async () => {
  const { server, provider } = await startOllama({
    models: [{ name: 'tiny', memoryBytes: 200 * 2 ** 20, vramBytes: 50 * 2 ** 20 }],
  })
  server.loadElsewhere('tiny')
  expect(await provider.facts(never)).toEqual([
    {
      title: 'Server',
      facts: [
        { label: 'Version', value: '0.32.15', source: '/api/version' },
        { label: 'Models of ollama.com', value: 'allowed', source: '/api/status' },
        { label: 'Models in memory', value: '1', source: '/api/ps' },
      ],
    },
    {
      title: 'In memory',
      facts: [
        {
          label: 'tiny:latest',
          value: '200 MiB, 25 % of it on GPUs, context of 4,096 tokens',
          source: '/api/ps',
        },
      ],
    },
  ])
  server.behaviour['/api/status'] = { status: 404, body: '404 page not found', contentType: 'text/plain' }
  server.forget()
  const [group, ...others] = await provider.facts(never)
  expect(group?.facts.map(({ label }) => label)).toEqual(['Version', 'Models in memory'])
  expect(others).toEqual([])
  server.behaviour['/api/ps'] = { status: 500, body: '' }
  await expect(provider.facts(never)).rejects.toMatchObject({ code: 'PROVIDER_ERROR' })
})

test('a verb is there, or a sentence says why not', async () => {
  const { provider } = await startOllama()
  for (const verb of Verb.options)
    expect(Boolean(Object.entries(provider).find(([name]) => name === verb)) || verb in provider.cannot, verb).toBe(
      true,
    )
})

test('a server on this machine tells paths that are ours; of another one they are not known', async () => {
  const { server } = await startOllama()
  const [near] = await connectOllama(server.url).models(never)
  expect(near?.path).toMatch(/sha256-[0-9a-f]{64}$/)
  expect(near?.path?.endsWith(near.weightsSha256 ?? '-')).toBe(true)
  // 0.0.0.0 reaches this machine too, but is no name for it
  const [far] = await connectOllama(server.url.replace('127.0.0.1', '0.0.0.0')).models(never)
  expect(far).toMatchObject({ path: null, weightsSha256: near?.weightsSha256 })
})

test('the weights of many models are asked about a part at a time, those that the list is wrong about first', async () => {
  stillClock()
  const models = Array.from({ length: 120 }, (_, index) => ({ name: `m${index}`, guessed: index >= 100 }))
  const { server, provider } = await startOllama({ models })
  const shows = () => server.requests.filter(({ path }) => path === '/api/show').map(({ body }) => String(body.model))
  const known = (list: Awaited<ReturnType<typeof provider.models>>) =>
    list.filter(({ weightsSha256 }) => weightsSha256 !== null).length
  expect(known(await provider.models(never))).toBe(50)
  // four are on their way at once, of which one may overtake another
  const first = models.slice(100).map(({ name }) => `${name}:latest`)
  expect(shows().slice(0, first.length + 3)).toEqual(expect.arrayContaining(first))
  expect(known(await provider.models(never))).toBe(100)
  expect(known(await provider.models(never))).toBe(120)
  expect(known(await provider.models(never))).toBe(120)
  expect(shows()).toHaveLength(120)
})

test('a model that cannot be described hides nobody and is not asked about at every look', async () => {
  const { server, provider } = await startOllama({ models: [{ name: 'a' }, { name: 'lost', gone: true }] })
  const shows = () => server.requests.filter(({ path }) => path === '/api/show').length
  expect(await provider.models(never)).toMatchObject([{ loadable: true }, { loadable: false, weightsSha256: null }])
  await provider.models(never)
  expect(shows()).toBe(2)
  // something changed the models: it may be whole again
  await provider.copy('a:latest', 'b', never)
  await provider.models(never)
  expect(shows()).toBe(4)
})
