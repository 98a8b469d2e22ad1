import { describe, expect, onTestFinished, test } from 'vitest'
import { canary, never, report, say, start } from '../../../test/support/llamaSwapConnection.ts'
import { startLlamaSwapServer } from '../../../test/support/llamaSwapServer.ts'
import {
  badAnswers,
  badStreams,
  limitsFor,
  type OpenAiBehaviour,
  streamLimitsFor,
} from '../../../test/support/openAiBehaviour.ts'
import { sendJson, startLyingServer } from '../../../test/support/openAiServer.ts'
import type { Provider } from '../provider.ts'

describe.each([
  ['status', '/api/version', (provider: Provider) => provider.status(never)],
  ['models', '/v1/models', (provider: Provider) => provider.models(never)],
  ['instances', '/running', (provider: Provider) => provider.instances(never)],
  ['embed', '/v1/embeddings', (provider: Provider) => provider.embed?.('tiny', ['a'], never)],
  ['details', '/v1/models', (provider: Provider) => provider.details('tiny', never)],
] as const)('%s of a server that lies', (verb, path, ask) => {
  test.each(badAnswers)('%j is %s', async (how, code, words) => {
    const { answerMs, ...limits } = limitsFor(how)
    const { provider } = await start({ behaviour: { [path]: how } }, { ...limits, answerMs, loadMs: answerMs })
    const shape = ['html', 'not json', 'wrong types', 'not http'].includes(String(how)) && verb === 'status'
    await expect(ask(provider)).rejects.toMatchObject({
      code: shape ? 'PROVIDER_WRONG_KIND' : code,
      message: expect.stringContaining(shape ? 'is not a llama-swap' : words),
    })
  })
})

describe('an unload by a server that lies', () => {
  // its answer is a word, so only what is no whole answer is a lie
  test.each(badAnswers.filter(([how]) => !['html', 'not json', 'wrong types', 'error inside'].includes(String(how))))(
    '%j is %s',
    async (how, code, words) => {
      const { answerMs, ...limits } = limitsFor(how)
      const { server, provider } = await start(
        { behaviour: { '/api/models/unload/*': how } },
        { ...limits, unloadMs: answerMs },
      )
      server.state.running.set('tiny', 'ready')
      const timedOut = code === 'PROVIDER_TIMEOUT'
      await expect(provider.unload('tiny', null, never)).rejects.toMatchObject({
        code,
        message: timedOut ? expect.any(String) : expect.stringContaining(words),
      })
    },
  )
})

describe('a chat of a server that lies', () => {
  test.each(badStreams)('%j is %s', async (how, code, words) => {
    const { firstTokenMs: loadMs, ...limits } = streamLimitsFor(how)
    const { provider } = await start({ behaviour: { '/v1/chat/completions': how } }, { ...limits, loadMs })
    await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  })
})

describe('a load by a server that lies', () => {
  test.each<[OpenAiBehaviour, string]>([
    ['no headers', 'PROVIDER_TIMEOUT'],
    ['headers, then silence', 'PROVIDER_TIMEOUT'],
    ['slow', 'PROVIDER_TIMEOUT'],
    ['reset', 'PROVIDER_UNREACHABLE'],
    ['cut in mid-answer', 'LOAD_FAILED'],
    ['html', 'LOAD_FAILED'],
    ['not http', 'LOAD_FAILED'],
    ['huge body', 'LOAD_FAILED'],
    [{ redirect: 'http://127.0.0.1:1/' }, 'LOAD_FAILED'],
    [{ status: 500, body: '{"src":"llama-swap","error":{"message":"no"}}' }, 'LOAD_FAILED'],
    [{ status: 401, body: '{"src":"llama-swap","error":{"message":"no"}}' }, 'PROVIDER_KEY_REJECTED'],
    [{ status: 503, body: '{"src":"llama-swap","error":{"message":"not ready"}}' }, 'PROVIDER_BUSY'],
  ])('%j is %s', async (how, code) => {
    const { answerMs: loadMs } = limitsFor(how)
    const { provider } = await start({ behaviour: { '/upstream/*': how } }, { loadMs })
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code })
  })
})

test('an answer that is redirected is not followed, and no key arrives there', async () => {
  const target = await startLyingServer({ routes: { 'GET /x': (_, response) => sendJson(response, {}) } })
  onTestFinished(target.close)
  const { provider } = await start({ key: canary, behaviour: { '/api/version': { redirect: `${target.url}/x` } } })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  expect(target.requests).toEqual([])
})

test('a server that is down is unreachable, and comes back', async () => {
  const { server, provider } = await start()
  await server.close()
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
  const again = await startLlamaSwapServer({ port: server.port })
  onTestFinished(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})
