import { expect, test } from 'vitest'
import { type OpenAiBehaviour, textEvent } from '../../../test/support/openAiBehaviour.ts'
import { error, never, root, say, start } from '../../../test/support/openRouterConnection.ts'
import { freePrice, openRouterModel } from '../../../test/support/openRouterServer.ts'

const inAMinute = 1_700_000_060_000
const limited = { headers: { 'X-RateLimit-Limit': '20', 'X-RateLimit-Reset': String(inAMinute) } }
const moderated = { reasons: ['violence', 'self-harm'], flagged_input: 'the secret prompt', provider_name: 'OpenAI' }
test.each<[string, OpenAiBehaviour, object]>([
  ['no credit', error(402, 'Insufficient credits'), { code: 'PROVIDER_NO_CREDIT' }],
  [
    'a limit with the time of its end',
    error(429, 'Rate limit exceeded: free-models-per-min', limited),
    { code: 'PROVIDER_RATE_LIMITED', details: { waitMs: 60_000 } },
  ],
  [
    'a limit with Retry-After',
    { ...error(429, 'later', limited), headers: { 'retry-after': '7' } },
    { code: 'PROVIDER_RATE_LIMITED', details: { waitMs: 7_000 } },
  ],
  [
    'a limit of a provider behind it',
    error(429, 'Provider returned error', { provider_name: 'Chutes' }),
    { code: 'PROVIDER_RATE_LIMITED', message: expect.stringContaining('Chutes') },
  ],
  [
    'moderation',
    error(403, 'Input flagged', moderated),
    { code: 'PROVIDER_ERROR', message: 'OpenAI did not let this pass: violence, self-harm' },
  ],
  [
    'a provider that is down',
    error(502, 'Provider returned error', { provider_name: 'DeepInfra', raw: 'upstream connect error' }),
    {
      code: 'PROVIDER_ERROR',
      message: expect.stringMatching(/^DeepInfra, which runs this model.*\(502\).*upstream connect error/),
      details: { status: 502 },
    },
  ],
  ['no provider that may', error(404, 'No endpoints found matching your data policy'), { code: 'PROVIDER_ERROR' }],
  ['no such model', error(404, 'No endpoints found for some/model.'), { code: 'MODEL_NOT_FOUND' }],
  ['nobody who meets the conditions', error(503, 'No available provider'), { code: 'PROVIDER_BUSY' }],
  [
    'an error in mid-stream',
    { events: [textEvent('Hel'), JSON.stringify({ error: { code: 429, message: 'slow down', metadata: limited } })] },
    { code: 'PROVIDER_RATE_LIMITED', details: { waitMs: 60_000 } },
  ],
])('%s is said as what it is', async (_, how, expected) => {
  const now = () => inAMinute - 60_000
  const { server, provider } = await start({ behaviour: { [`${root}/chat/completions`]: how } }, { now })
  const failed: unknown = await say(provider).catch((thrown: unknown) => thrown)
  expect(failed).toMatchObject(expected)
  expect(`${failed} ${JSON.stringify(failed)}`).not.toContain('the secret prompt')
  server.behaviour[`${root}/embeddings`] = how
  if (!('events' in (how as object)))
    await expect(provider.embed('some/model', ['a'], never)).rejects.toMatchObject(expected)
})

test('the limit of a free model comes with what these limits are, and that of a paid one does not', async () => {
  const how = error(429, 'Rate limit exceeded')
  const models = [
    openRouterModel('some/model'),
    openRouterModel('some/gift', { pricing: freePrice }),
    openRouterModel('some/model:free', { pricing: freePrice }),
  ]
  const behaviour = { [`${root}/chat/completions`]: how, [`${root}/embeddings`]: how }
  const { provider } = await start({ models, behaviour })
  await provider.models(never)
  const free = { code: 'PROVIDER_RATE_LIMITED', message: expect.stringContaining('20 requests a minute, and 50 a day') }
  await expect(say(provider, 'some/model:free')).rejects.toMatchObject(free)
  await expect(say(provider, 'some/gift')).rejects.toMatchObject(free)
  await expect(provider.embed('some/gift', ['a'], never)).rejects.toMatchObject(free)
  await expect(say(provider)).rejects.toMatchObject({ message: expect.not.stringContaining('20 requests') })
})
