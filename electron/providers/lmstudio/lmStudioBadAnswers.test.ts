import { afterEach, expect, test } from 'vitest'
import { createLmStudioBench, type LmStudioProvider, never, report, say } from '../../../test/support/lmStudioBench.ts'
import { badAnswers, badStreams, limitsFor, streamLimitsFor } from '../../../test/support/openAiBehaviour.ts'

const { start, cleanUp } = createLmStudioBench()
afterEach(cleanUp)

const list = '/api/v1/models'
/** Each verb, and the path at which it is lied to. */
const verbs: readonly (readonly [string, string, (provider: LmStudioProvider) => Promise<unknown>])[] = [
  ['models', list, (provider) => provider.models(never)],
  ['instances', list, (provider) => provider.instances(never)],
  ['details', list, (provider) => provider.details('tiny', never)],
  ['load over REST', `${list}/load`, (provider) => provider.load('tiny', {}, report, never)],
  ['unload', `${list}/unload`, (provider) => provider.unload('tiny', null, never)],
  ['embed', '/v1/embeddings', (provider) => provider.embed('tiny', ['a'], never)],
  ['pull', `${list}/download`, (provider) => provider.pull({ name: 'a/b' }, report, never)],
]

test.each(badAnswers)('every verb answered with %j fails as %s', async (how, code, words) => {
  const limits = { ...limitsFor(how), loadMs: limitsFor(how).answerMs }
  await Promise.all(
    verbs.map(async ([verb, path, ask]) => {
      const { server, provider } = await start(
        { behaviour: { [path]: how }, socket: { system: 'answers 200' } },
        limits,
      )
      if (verb !== 'load over REST') server.world.load('tiny')
      const failure = await ask(provider).catch((error: unknown) => error)
      const expected = { code, message: expect.stringContaining(words) }
      expect(failure, verb).toMatchObject(code === 'PROVIDER_KEY_REJECTED' ? { code } : expected)
      expect(JSON.stringify(failure) + String(failure)).not.toContain('canary')
      if (code === 'PROVIDER_RATE_LIMITED') expect(failure).toMatchObject({ details: { waitMs: 7000 } })
    }),
  )
})

const otherKind = new Set<unknown>(['html', 'not json', 'wrong types', 'not http'])

test.each(badAnswers)('a greeting of %j fails as %s, or as another kind of server', async (how, code) => {
  const { provider } = await start({ behaviour: { '/lmstudio-greeting': how } }, limitsFor(how))
  const expected = otherKind.has(how) ? 'PROVIDER_WRONG_KIND' : code
  await expect(provider.status(never)).rejects.toMatchObject({ code: expected })
})

test.each(badStreams)('an answer that is %j fails as %s', async (how, code, words) => {
  const { server, provider } = await start({ behaviour: { '/v1/chat/completions': how } }, streamLimitsFor(how))
  server.world.load('tiny')
  const failure = await say(provider).catch((error: unknown) => error)
  expect(failure).toMatchObject(
    code === 'PROVIDER_KEY_REJECTED' ? { code } : { code, message: expect.stringContaining(words) },
  )
})
