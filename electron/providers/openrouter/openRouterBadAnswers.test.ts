import { expect, onTestFinished, test, vi } from 'vitest'
import {
  badAnswers,
  badStreams,
  limitsFor,
  type OpenAiBehaviour,
  streamLimitsFor,
} from '../../../test/support/openAiBehaviour.ts'
import { startOpenAiServer } from '../../../test/support/openAiServer.ts'
import { connect, never, root, say, start } from '../../../test/support/openRouterConnection.ts'
import { openRouterEndpoint, openRouterModel } from '../../../test/support/openRouterServer.ts'
import { patience } from '../../../test/support/patience.ts'
import type { OpenRouterLimits } from './openRouterProvider.ts'

test.each<[string, OpenAiBehaviour]>([
  ['HTML', 'html'],
  ['JSON of another form', { status: 200, body: '{"object":"list","data":[]}' }],
  ['nothing at this address', { status: 404, body: '404 page not found', headers: { 'content-type': 'text/plain' } }],
  ['no HTTP', 'not http'],
])('a server that answers %s is another kind of server', async (_, how) => {
  const { server, provider } = await start({ behaviour: { [`${root}/key`]: how, [`${root}/models/count`]: how } })
  const other = { code: 'PROVIDER_WRONG_KIND', message: expect.stringContaining('is not OpenRouter') }
  await expect(provider.status(never)).rejects.toMatchObject(other)
  await expect(connect(server.address, null).status(never)).rejects.toMatchObject(other)
})

const limitsOf = (how: OpenAiBehaviour): Partial<OpenRouterLimits> => {
  const limits = limitsFor(how)
  return { ...limits, listMs: limits.answerMs }
}
const looksWrong = (code: string, words: string) =>
  code === 'PROVIDER_BAD_ANSWER' && /JSON|form|HTTP/.test(words) ? 'PROVIDER_WRONG_KIND' : code

test.each(badAnswers.filter(([how]) => how !== 'huge body'))(
  'a server that lies by %j is %s in every look, and its verbs',
  async (how, code, words) => {
    const behaviour = { [`${root}/*`]: how }
    const { server, provider } = await start({ behaviour }, { limits: limitsOf(how) })
    const failure = { code, message: expect.stringContaining(words) }
    await expect(provider.status(never)).rejects.toMatchObject({ ...failure, code: looksWrong(code, words) })
    await expect(provider.account(never)).rejects.toMatchObject(failure)
    await expect(provider.embed('some/model', ['a'], never)).rejects.toMatchObject(failure)
    const failed: unknown = await provider.models(never).catch((thrown: unknown) => thrown)
    expect(failed).toMatchObject({ code })
    expect(`${failed} ${JSON.stringify(failed)}`).not.toContain(server.key)
  },
)

test.each<[OpenAiBehaviour, string]>([
  ['huge body', 'more than'],
  [{ status: 200, body: '{"data":[{"id":"a/b"},{"id":"a/c"' }, 'not JSON'],
  [{ status: 200, body: `{"data":[{"id":"a/b"},{"id":"${'x'.repeat(100_000)}"` }, 'not JSON'],
  [{ status: 200, body: '{"data":[{"id":"a/b"}]' }, 'not JSON'],
  [{ status: 200, body: '{"data":[{"id":"a/b"],"x":{}}' }, 'not JSON'],
  [{ status: 200, body: '{"data":"many"}' }, 'another form'],
  [{ status: 200, body: '{"data":[{"name":"a"}]}' }, 'none with a name'],
  [{ status: 200, body: '' }, 'not JSON'],
])('a list that lies by %j is not believed', async (how, words) => {
  const { provider } = await start({ behaviour: { [`${root}/models`]: how } })
  await expect(provider.models(never)).rejects.toMatchObject({
    code: 'PROVIDER_BAD_ANSWER',
    message: expect.stringContaining(words),
  })
})

test.each(badStreams)('a chat that breaks by %j is %s', async (how, code, words) => {
  const settings = { limits: streamLimitsFor(how) }
  const { server, provider } = await start({ behaviour: { [`${root}/chat/completions`]: how } }, settings)
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  expect(await provider.status(never)).toBeDefined()
  if (how === 'endless events') await vi.waitFor(() => expect(server.aborted).toHaveLength(1), patience)
})

test('nothing goes to another server, however it is asked for, and no key', async () => {
  const other = await startOpenAiServer({ prefix: root })
  onTestFinished(other.close)
  const { provider } = await start({ behaviour: { [`${root}/*`]: { redirect: `${other.url}${root}/models` } } })
  const refused = { code: 'PROVIDER_BAD_ANSWER', message: expect.stringContaining('not followed') }
  await expect(provider.status(never)).rejects.toMatchObject(refused)
  await expect(provider.models(never)).rejects.toMatchObject(refused)
  await expect(provider.account(never)).rejects.toMatchObject(refused)
  await expect(provider.embed('some/model', ['a'], never)).rejects.toMatchObject(refused)
  await expect(say(provider)).rejects.toMatchObject(refused)
  expect(other.requests).toEqual([])
})

test('every call may be cancelled, also in the middle of the list', async () => {
  const behaviour: Record<string, OpenAiBehaviour> = { [`${root}/models`]: 'slow', [`${root}/key`]: 'no headers' }
  const { server, provider } = await start({ behaviour })
  for (const [before, call] of [provider.status, provider.models, provider.account, provider.facts].entries()) {
    const leaving = new AbortController()
    const cancelled = expect(call(leaving.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
    await vi.waitFor(() => expect(server.requests).toHaveLength(before + 1), patience)
    setTimeout(() => leaving.abort(), 30) // some of the list has come by then, or not yet
    await cancelled
  }
  await vi.waitFor(() => expect(server.aborted).toHaveLength(4), patience)
})

test('a key that the server repeats is in no model, no detail, no account and no fact', async () => {
  const { server, provider } = await start({ models: [] })
  server.state.models.push(openRouterModel('some/model', { name: `m ${server.key}`, description: server.key }))
  server.state.endpoints = [openRouterEndpoint(server.key)]
  server.state.key = { ...server.state.key, label: server.key }
  const told = await Promise.all([
    provider.models(never),
    provider.details('some/model', never),
    provider.account(never),
    provider.facts(never),
  ])
  expect(JSON.stringify(told)).toContain('some/model')
  expect(JSON.stringify(told)).not.toContain(server.key)
})

test('text and names of any script arrive whole when every byte is a chunk of its own', async () => {
  const models = [openRouterModel('some/model', { name: 'Grüße 你好 👩‍👩‍👧 "\\' })]
  const behaviour: Record<string, OpenAiBehaviour> = { [`${root}/models`]: 'byte by byte' }
  const { provider } = await start({ models, behaviour })
  expect(await provider.models(never)).toMatchObject([{ name: 'Grüße 你好 👩‍👩‍👧 "\\' }])
})
