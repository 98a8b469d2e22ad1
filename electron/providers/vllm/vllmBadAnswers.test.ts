import { expect, onTestFinished, test } from 'vitest'
import {
  badAnswers,
  badStreams,
  limitsFor,
  type OpenAiBehaviour,
  streamLimitsFor,
} from '../../../test/support/openAiBehaviour.ts'
import { never, qwen, report, say, start, type VllmProvider } from '../../../test/support/vllmConnection.ts'
import { startVllmServer } from '../../../test/support/vllmServer.ts'

const verbs: Readonly<Record<string, readonly [path: string, ask: (provider: VllmProvider) => Promise<unknown>]>> = {
  models: ['/v1/models', (provider) => provider.models(never)],
  details: ['/v1/models', (provider) => provider.details(qwen, never)],
  instances: ['/v1/models', (provider) => provider.instances(never)],
  load: ['/wake_up', (provider) => provider.load(qwen, {}, report, never)],
  embed: ['/v1/embeddings', (provider) => provider.embed(qwen, ['a'], never)],
}
/** An answer without content is good where nothing is read of it. */
const unread = new Set<unknown>(['error inside', 'html', 'not json', 'wrong types'])

test.each(Object.keys(verbs).flatMap((verb) => badAnswers.map(([how, code]) => [verb, how, code] as const)))(
  '%s, when the server answers %j, is %s',
  async (verb, how, code) => {
    const [path, ask] = verbs[verb] ?? []
    if (path === undefined || ask === undefined) throw new Error(verb)
    const { server, provider } = await start({ embedding: true, behaviour: { [path]: how } }, limits(how))
    if (verb === 'load') server.state.sleep = 'weights_offloaded'
    if (verb === 'load' && unread.has(how)) return expect(ask(provider)).resolves.toMatchObject({ key: qwen })
    await expect(ask(provider)).rejects.toMatchObject({ code })
  },
)

test.each(badStreams)('a chat that breaks by %j is %s', async (how, code, words) => {
  const { provider } = await start({ behaviour: { '/v1/chat/completions': how } }, streamLimitsFor(how))
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
})

const limits = (how: OpenAiBehaviour) => {
  const short = limitsFor(how)
  return { ...short, changeMs: short.answerMs }
}

test('a redirect leads nowhere: no request and no key arrives there', async () => {
  const other = await startVllmServer()
  onTestFinished(other.close)
  const redirect = { redirect: `${other.url}/v1/models` }
  const behaviour = {
    '/v1/models': redirect,
    '/v1/chat/completions': redirect,
    '/sleep': redirect,
    '/metrics': redirect,
  }
  const { provider } = await start({ behaviour }, {}, 'canary-key')
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  await expect(say(provider)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  expect(other.requests).toEqual([])
})

test('a server that is down is unreachable in every verb, and comes back', async () => {
  const { server, provider } = await start()
  await server.close()
  const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens there') }
  await expect(provider.status(never)).rejects.toMatchObject(unreachable)
  await expect(provider.models(never)).rejects.toMatchObject(unreachable)
  await expect(provider.instances(never)).rejects.toMatchObject(unreachable)
  await expect(provider.load(qwen, {}, report, never)).rejects.toMatchObject(unreachable)
  await expect(provider.unload(qwen, null, never)).rejects.toMatchObject(unreachable)
  await expect(provider.facts(never)).rejects.toMatchObject(unreachable)
  await expect(say(provider)).rejects.toMatchObject(unreachable)
  const again = await startVllmServer({ port: server.port })
  onTestFinished(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})
