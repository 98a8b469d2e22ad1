import { describe, expect, onTestFinished, test } from 'vitest'
import { startLlamaServer } from '../../../test/support/llamaServer.ts'
import { canary, never, say, start, tiny } from '../../../test/support/llamaServerConnection.ts'
import { badAnswers, badStreams, limitsFor, streamLimitsFor } from '../../../test/support/openAiBehaviour.ts'
import { sendJson, startLyingServer } from '../../../test/support/openAiServer.ts'
import type { Provider } from '../provider.ts'

const busy = (code: string, words: string) => (code === 'PROVIDER_BUSY' ? 'loading its model' : words)

describe.each([
  ['status', '/props', (provider: Provider) => provider.status(never)],
  ['models', '/models', (provider: Provider) => provider.models(never)],
  ['instances', '/slots', (provider: Provider) => provider.instances(never)],
  ['adapters', '/lora-adapters', (provider: Provider) => provider.adapters?.(tiny, never)],
] as const)('%s of a server that lies', (verb, path, ask) => {
  test.each(badAnswers)('%j is %s', async (how, code, words) => {
    const { provider } = await start({ behaviour: { [path]: how } }, limitsFor(how))
    const shape = ['html', 'not json', 'wrong types', 'not http'].includes(String(how)) && verb === 'status'
    await expect(ask(provider)).rejects.toMatchObject({
      code: shape ? 'PROVIDER_WRONG_KIND' : code,
      message: expect.stringContaining(shape ? 'is not a llama-server' : busy(code, words)),
    })
  })
})

describe('an embedding of a server that lies', () => {
  test.each(badAnswers)('%j is %s', async (how, code, words) => {
    const { firstTokenMs: loadMs, ...limits } = limitsFor(how)
    const { server, provider } = await start({ embeddings: 'pooled' }, { ...limits, answerMs: 5_000, loadMs })
    await provider.models(never) // what it is for is known
    server.behaviour['/v1/embeddings'] = how
    await expect(provider.embed(tiny, ['a'], never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(busy(code, words)),
    })
  })
})

describe('a chat of a server that lies', () => {
  test.each(badStreams)('%j is %s', async (how, code, words) => {
    const { firstTokenMs: loadMs, ...limits } = streamLimitsFor(how)
    const { provider } = await start({ behaviour: { '/v1/chat/completions': how } }, { ...limits, loadMs })
    await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(busy(code, words)) })
  })
})

test('an answer that is redirected is not followed, and no key arrives there', async () => {
  const target = await startLyingServer({ routes: { 'GET /props': (_, response) => sendJson(response, {}) } })
  onTestFinished(target.close)
  const { provider } = await start({ key: canary, behaviour: { '/props': { redirect: `${target.url}/props` } } })
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  expect(target.requests).toEqual([])
})

test('a server that is down is unreachable, and comes back', async () => {
  const { server, provider } = await start()
  await provider.models(never)
  await server.close()
  await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
  await expect(say(provider)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
  const again = await startLlamaServer({ port: server.port })
  onTestFinished(again.close)
  await expect(provider.models(never)).resolves.toHaveLength(1)
})
