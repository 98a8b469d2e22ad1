import { expect, onTestFinished, test } from 'vitest'
import { type LemonadeProvider, never, report, say, start } from '../../../test/support/lemonadeConnection.ts'
import { startLemonadeServer } from '../../../test/support/lemonadeServer.ts'
import {
  badAnswers,
  badStreams,
  limitsFor,
  type OpenAiBehaviour,
  streamLimitsFor,
} from '../../../test/support/openAiBehaviour.ts'

const limits = (how: OpenAiBehaviour) => {
  const short = limitsFor(how)
  return { ...short, loadMs: short.answerMs, unloadMs: short.answerMs, pullIdleMs: short.answerMs }
}
const verbs: Readonly<Record<string, readonly [path: string, ask: (provider: LemonadeProvider) => Promise<unknown>]>> =
  {
    models: ['/v1/models', (provider) => provider.models(never)],
    details: ['/v1/models/tiny', (provider) => provider.details('tiny', never)],
    instances: ['/v1/health', (provider) => provider.instances(never)],
    load: ['/v1/load', (provider) => provider.load('tiny', {}, report, never)],
    unload: ['/v1/unload', (provider) => provider.unload('tiny', null, never)],
    keepAlive: ['/internal/pin', (provider) => provider.keepAlive('tiny', 'forever', never)],
    embed: ['/v1/embeddings', (provider) => provider.embed('tiny', ['a'], never)],
    removal: ['/v1/models/mine', (provider) => provider.removal('mine', never)],
    remove: ['/v1/delete', (provider) => provider.remove('mine', never)],
    facts: ['/v1/health', (provider) => provider.facts(never)],
  }

test.each(Object.keys(verbs).flatMap((verb) => badAnswers.map(([how, code]) => [verb, how, code] as const)))(
  '%s, when the server answers %j, is %s',
  async (verb, how, code) => {
    const [path, ask] = verbs[verb] ?? []
    if (path === undefined || ask === undefined) throw new Error(verb)
    const models = [{ id: 'tiny' }, { id: 'mine', source: 'huggingface' }]
    const { server, provider } = await start({ models, behaviour: { [path]: how } }, limits(how))
    if (verb === 'unload') server.loadElsewhere('tiny')
    await expect(ask(provider)).rejects.toMatchObject({ code })
  },
)

test.each(badStreams)('a chat that breaks by %j is %s', async (how, code, words) => {
  const { firstTokenMs: loadMs, ...chatLimits } = streamLimitsFor(how)
  const { provider } = await start({ behaviour: { '/v1/chat/completions': how } }, { ...chatLimits, loadMs })
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
})

test('a redirect leads nowhere: no request and no key arrives there', async () => {
  const other = await startLemonadeServer()
  onTestFinished(other.close)
  const redirect = { redirect: `${other.url}/v1/health` }
  const paths = ['/v1/health', '/v1/models', '/v1/load', '/v1/pull', '/v1/chat/completions', '/internal/*']
  const behaviour = Object.fromEntries(paths.map((path) => [path, redirect]))
  const { provider } = await start({ behaviour }, {}, 'canary-key')
  const bad = { code: 'PROVIDER_BAD_ANSWER' }
  await expect(provider.status(never)).rejects.toMatchObject(bad)
  await expect(provider.models(never)).rejects.toMatchObject(bad)
  await expect(provider.facts(never)).rejects.toMatchObject(bad)
  await expect(provider.pull({ name: 'tiny' }, report, never)).rejects.toMatchObject(bad)
  await expect(say(provider)).rejects.toMatchObject(bad)
  expect(other.requests).toEqual([])
})

test('a server that is down is unreachable in every verb, and comes back', async () => {
  const { server, provider } = await start()
  await server.close()
  const unreachable = { code: 'PROVIDER_UNREACHABLE', message: expect.stringContaining('nothing listens there') }
  await expect(provider.status(never)).rejects.toMatchObject(unreachable)
  await expect(provider.models(never)).rejects.toMatchObject(unreachable)
  await expect(provider.instances(never)).rejects.toMatchObject(unreachable)
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject(unreachable)
  await expect(provider.unload('tiny', null, never)).rejects.toMatchObject(unreachable)
  await expect(provider.pull({ name: 'tiny' }, report, never)).rejects.toMatchObject(unreachable)
  await expect(say(provider)).rejects.toMatchObject(unreachable)
  const again = await startLemonadeServer({ port: server.port })
  onTestFinished(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})
