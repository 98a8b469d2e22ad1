import { describe, expect, test, vi } from 'vitest'
import { start as startRouter } from '../../../test/support/llamaRouterConnection.ts'
import type { startLlamaServer } from '../../../test/support/llamaServer.ts'
import { never, start, tiny } from '../../../test/support/llamaServerConnection.ts'
import { badAnswers, streamLimitsFor } from '../../../test/support/openAiBehaviour.ts'
import { patience } from '../../../test/support/patience.ts'
import type { EngineTest } from '../provider.ts'

const prompt = (tokens: number, depth = 0): EngineTest => ({ type: 'prompt', tokens, depth })
const generation = (tokens: number, depth = 0): EngineTest => ({ type: 'generation', tokens, depth })
const asked = (server: Awaited<ReturnType<typeof startLlamaServer>>) =>
  server.requests.findLast(({ path }) => path === '/completion')?.body

test('a prompt is measured by the time that the server says it read', async () => {
  const { server, provider } = await start()
  server.state.native.promptMs = 0.25
  expect(await provider.measure(tiny, prompt(200), never)).toEqual({ tokens: 200, ms: 50 })
  const body = asked(server)
  expect(body).toMatchObject({ n_predict: 1, cache_prompt: false, ignore_eos: true, stream: true })
  const tokens = Array.isArray(body?.prompt) ? body.prompt : []
  expect(tokens).toHaveLength(200)
  expect(new Set(tokens).size).toBeGreaterThan(100)
  expect(Math.max(...tokens)).toBeGreaterThan(2048) // of the whole vocabulary, of 4096
})

test('a generation is measured without its first token, which comes out of the prompt', async () => {
  const { server, provider } = await start()
  expect(await provider.measure(tiny, generation(20), never)).toEqual({ tokens: 20, ms: 40 })
  expect(asked(server)).toMatchObject({ n_predict: 21, prompt: [expect.any(Number)] })
  expect(await provider.measure(tiny, generation(5, 300), never)).toEqual({ tokens: 5, ms: 10 })
  expect(asked(server)?.prompt).toHaveLength(300)
})

test('a prompt behind other tokens is what it does not tell', async () => {
  const { provider } = await start()
  await expect(provider.measure(tiny, prompt(10, 5), never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
})

test('what does not fit into the context of a slot is refused, by us where it is known', async () => {
  const { server, provider } = await start()
  await expect(provider.measure(tiny, prompt(2048), never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: 'This needs a context of 2049 tokens, and llama-server gives each request 2048.',
  })
  expect(asked(server)).toBeUndefined()
  expect(await provider.measure(tiny, prompt(2047), never)).toMatchObject({ tokens: 2047 })
})

test('the model behind a router is measured, and one that is not loaded is not loaded for it', async () => {
  const { server, provider } = await startRouter()
  await expect(provider.measure('tiny', generation(5), never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  server.become('tiny', 'loaded')
  expect(await provider.measure('tiny', generation(5), never)).toEqual({ tokens: 5, ms: 10 })
})

test('a model for embeddings is not measured: a completion could end its process', async () => {
  const { server, provider } = await start({ embeddings: 'unpooled' })
  await expect(provider.measure(tiny, prompt(5), never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  expect(asked(server)).toBeUndefined()
})

test('one that is cancelled closes the stream, so that the server stops', async () => {
  const { server, provider } = await start()
  const cancel = new AbortController()
  const measuring = provider.measure(tiny, generation(1500), cancel.signal)
  await vi.waitFor(() => expect(asked(server)).toBeDefined(), patience)
  cancel.abort()
  await expect(measuring).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted.map(({ path }) => path)).toContain('/completion'), patience)
})

describe('figures that cannot be are not believed', () => {
  test.each([
    ['no timings', null, 'told no timings'],
    ['of other tokens', { prompt_n: 3 }, 'worked on 3 + 6 tokens where 10 + 6'],
    ['of a cache', { prompt_n: 1, cache_n: 9 }, 'worked on 1 + 6'],
    ['of an answer that ended early', { predicted_n: 2 }, 'worked on 10 + 2'],
    ['of more than was asked for', { predicted_n: 600 }, 'worked on 10 + 600'],
    ['no time', { predicted_ms: 0 }, 'how long'],
    ['less than no time', { predicted_ms: -5 }, 'how long'],
    ['words', { predicted_ms: 'fast' }, 'how long'],
    ['more than the call took', { predicted_ms: 60_000 }, 'says that it took 60000 ms of a call'],
    ['without an end', { predicted_ms: 1e308 }, 'says that it took'],
  ])('%s', async (_, lie, words) => {
    const { server, provider } = await start()
    Object.assign(server.state.native, { lie: lie ?? {}, noTimings: lie === null })
    await expect(provider.measure(tiny, generation(5, 10), never)).rejects.toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
      message: expect.stringContaining(words),
    })
  })
})

const streams = [
  ...badAnswers.filter(([how]) => typeof how === 'object' || ['reset', 'not http', 'huge headers'].includes(how)),
  ['no headers', 'PROVIDER_TIMEOUT', 'did not begin'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'did not begin'],
  ['one event, then silence', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['one event, then comments', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  ['cut in mid-event', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['error event', 'PROVIDER_ERROR', 'the worker is gone'],
  ['error inside', 'PROVIDER_ERROR', 'the worker is gone'],
  ['endless events', 'PROVIDER_BAD_ANSWER', 'streamed more than'],
  ['endless event line', 'PROVIDER_BAD_ANSWER', 'a line of more than'],
  ['html', 'PROVIDER_BAD_ANSWER', 'broke off'],
  [{ events: ['{"stop":'] }, 'PROVIDER_BAD_ANSWER', 'not JSON'],
  [{ events: ['{"content":"a","stop":false}'] }, 'PROVIDER_BAD_ANSWER', 'broke off'],
  [{ events: [] }, 'PROVIDER_BAD_ANSWER', 'broke off'],
] as const

describe('a measurement of a server that lies', () => {
  test.each(streams)('%j is %s', async (how, code, words) => {
    const { firstTokenMs: loadMs, ...limits } = streamLimitsFor(how)
    const { provider } = await start({ behaviour: { '/completion': how } }, { ...limits, loadMs })
    await expect(provider.measure(tiny, generation(3), never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(code === 'PROVIDER_BUSY' ? 'loading its model' : words),
    })
  })
})
