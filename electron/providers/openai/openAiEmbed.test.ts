import { afterEach, expect, test } from 'vitest'
import { badAnswers, limitsFor, type OpenAiBehaviour } from '../../../test/support/openAiBehaviour.ts'
import { startOpenAiServer } from '../../../test/support/openAiServer.ts'
import { createHttpClient } from '../../lib/httpClient.ts'
import { embedWithOpenAi } from './openAiEmbed.ts'
import { openAiFault } from './openAiFault.ts'
import { listOpenAiModels } from './openAiModels.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const never = new AbortController().signal

const start = async (behaviour: Readonly<Record<string, OpenAiBehaviour>> = {}) => {
  const server = await startOpenAiServer({ behaviour })
  const limits = limitsFor(Object.values(behaviour)[0] ?? 'byte by byte')
  const toFault = openAiFault('The server')
  const http = createHttpClient({ name: 'The server', baseUrl: server.url, limits, toFault })
  cleanUps.push(server.close, http.close)
  const embed = (input: readonly string[]) =>
    embedWithOpenAi(http, { path: '/v1/embeddings', model: 'tiny', input, answerMs: limits.answerMs }, never)
  return { server, embed, list: () => listOpenAiModels(http, '/v1/models', never) }
}
const answer = (body: unknown) => ({ '/v1/embeddings': { status: 200, body: JSON.stringify(body) } })
const listed = (body: unknown) => ({ '/v1/models': { status: 200, body: JSON.stringify(body) } })

test('one vector for each text, in the order of the texts', async () => {
  const { server, embed } = await start()
  expect(await embed(['a', 'bbb'])).toEqual({
    embeddings: [
      [1, 0.5],
      [3, 0.5],
    ],
    promptTokens: 8,
    costUsd: null,
  })
  expect(server.requests[0]?.body).toEqual({ model: 'tiny', input: ['a', 'bbb'], encoding_format: 'float' })
})

test('base64 is read as little-endian float32, and a cost is told', async () => {
  const embedding = Buffer.from(Float32Array.of(0.5, -2).buffer).toString('base64')
  const { embed } = await start(answer({ data: [{ embedding }], usage: { total_tokens: 4, cost: 0.001 } }))
  expect(await embed(['a'])).toEqual({ embeddings: [[0.5, -2]], promptTokens: 4, costUsd: 0.001 })
})

test.each([
  ['fewer vectors than texts', [{ index: 0, embedding: [1] }]],
  ['more', [0, 1, 2].map((index) => ({ index, embedding: [1] }))],
  ['two of one index', [0, 0].map((index) => ({ index, embedding: [1] }))],
  ['an index beyond the texts', [0, 7].map((index) => ({ index, embedding: [1] }))],
  ['lengths that differ', [{ embedding: [1] }, { embedding: [1, 2] }]],
  ['empty vectors', [{ embedding: [] }, { embedding: [] }]],
  ['words', [{ embedding: ['a'] }, { embedding: ['b'] }]],
  ['half a float', [{ embedding: 'AAA=' }, { embedding: 'AAA=' }]],
  ['not a number, in base64', [0, 1].map(() => ({ embedding: 'AADAfw==' }))],
  ['vectors of vectors', [{ embedding: [[1]] }, { embedding: [[1]] }]],
])('an answer with %s is not believed', async (_, data) => {
  const { embed } = await start(answer({ data }))
  await expect(embed(['a', 'b'])).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})

test.each(badAnswers)('embeddings and a list that break by %j are %s', async (how, code, words) => {
  const { embed, list } = await start({ '/v1/embeddings': how, '/v1/models': how })
  const failure = { code, message: expect.stringContaining(words) }
  await expect(embed(['a'])).rejects.toMatchObject(failure)
  await expect(list()).rejects.toMatchObject(failure)
})

test('a server that has no such route cannot embed', async () => {
  const { embed } = await start({ '/v1/embeddings': { status: 404, body: '{"detail":"Not Found"}' } })
  await expect(embed(['a'])).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
})

test('a list tells what its server tells, and nothing else', async () => {
  const meta = { n_ctx: 2048, n_ctx_train: 4096, n_params: 5_507_328, size: 3_192_791, ftype: 'Q4_0' }
  const { list } = await start(listed({ data: [{ id: 'a/b:c', created: 1, owned_by: 'llamacpp', meta, cmd: '-k x' }] }))
  const [model] = await list()
  expect(model).toMatchObject({ id: 'a/b:c', created: 1, owned_by: 'llamacpp', meta, max_model_len: null })
  expect(JSON.stringify(model)).not.toContain('-k x')
})

test('fields of other types or out of range are unknown, and hide nothing else', async () => {
  const odd = { id: 'odd', created: -1, owned_by: 7, meta: 'x', context_length: '9', aliases: [1, 'a'], name: ['n'] }
  const { list } = await start(listed({ data: [odd, { id: '' }, { name: 'none' }, 'text', { id: 'odd' }] }))
  expect(await list()).toEqual([
    expect.objectContaining({
      id: 'odd',
      name: null,
      created: null,
      owned_by: null,
      meta: null,
      context_length: null,
      aliases: ['a'],
    }),
  ])
})

test.each([
  ['a bare list', [{ id: 'a' }], ['a']],
  ['no models', { object: 'list', data: [] }, []],
  ['null for no models', { object: 'list', data: null }, []],
])('%s is a list', async (_, body, ids) => {
  const { list } = await start(listed(body))
  expect((await list()).map(({ id }) => id)).toEqual(ids)
})

test.each([
  [{ models: [] }],
  [{ data: null }],
  [{ data: {} }],
  [{ object: 'list', data: [{ name: 'no id' }] }],
  ['list'],
  [null],
])('%j is no list', async (body) => {
  const { list } = await start(listed(body))
  await expect(list()).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
})
