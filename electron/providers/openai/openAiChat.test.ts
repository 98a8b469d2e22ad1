import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { badStreams, type OpenAiBehaviour, streamLimitsFor, textEvent } from '../../../test/support/openAiBehaviour.ts'
import { startOpenAiServer } from '../../../test/support/openAiServer.ts'
import { patience } from '../../../test/support/patience.ts'
import { createHttpClient } from '../../lib/httpClient.ts'
import type { ProviderChatChunk } from '../provider.ts'
import { chatWithOpenAi, type OpenAiChat } from './openAiChat.ts'
import { openAiFault } from './openAiFault.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const never = new AbortController().signal
const path = '/v1/chat/completions'

const start = async (how?: OpenAiBehaviour) => {
  const server = await startOpenAiServer(how === undefined ? {} : { behaviour: { [path]: how } })
  const limits = streamLimitsFor(how ?? 'byte by byte')
  const toFault = openAiFault('The server')
  const http = createHttpClient({ name: 'The server', baseUrl: server.url, key: () => 'canary-key', limits, toFault })
  cleanUps.push(server.close, http.close)
  const chat = (more: Partial<OpenAiChat> = {}, signal = never) =>
    chatWithOpenAi(
      http,
      {
        path,
        model: 'tiny',
        request: { messages: [{ role: 'user', content: 'hello' }] },
        firstTokenMs: limits.firstTokenMs,
        idleMs: limits.idleMs,
        ...more,
      },
      signal,
    )
  return { server, chat }
}

const all = async (chunks: AsyncIterable<ProviderChatChunk>) => {
  const seen: ProviderChatChunk[] = []
  for await (const chunk of chunks) seen.push(chunk)
  return seen
}
const textOf = (chunks: readonly ProviderChatChunk[], type = 'text') =>
  chunks.map((chunk) => (chunk.type === type && 'text' in chunk ? chunk.text : '')).join('')
const event = (fields: object) => JSON.stringify(fields)
const delta = (fields: object) => event({ choices: [{ index: 0, delta: fields }] })

test('an answer streams as text and ends with usage and figures of our own clock', async () => {
  let clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
  onTestFinished(() => void vi.restoreAllMocks())
  const { chat } = await start()
  const chunks: ProviderChatChunk[] = []
  const answer = chat()[Symbol.asyncIterator]()
  const begun = answer.next()
  clock = 40 // a machine that does much else changes nothing of it
  for (let next = await begun; next.done !== true; next = await answer.next()) {
    chunks.push(next.value)
    clock += 30
  }
  expect(chunks.slice(0, -1)).toEqual(['Hello', ' there', '.'].map((text) => ({ type: 'text', text })))
  const done = chunks.at(-1)
  expect(done).toEqual({
    type: 'done',
    finishReason: 'stop',
    usage: { promptTokens: 9, completionTokens: 3 },
    // two tokens after the first one
    timings: { ttftMs: 40, promptTokensPerSecond: null, tokensPerSecond: 2000 / 60, totalMs: 130 },
    costUsd: null,
  })
})

test('the request carries the options, asks for the usage, and extra fields may replace or take away', async () => {
  const { server, chat } = await start()
  const request = { messages: [{ role: 'user' as const, content: 'x' }], maxTokens: 2, temperature: 0, seed: 7 }
  const chunks = await all(chat({ request, extra: { ttl: 60, seed: undefined } }))
  expect(server.requests[0]?.body).toEqual({
    model: 'tiny',
    messages: request.messages,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 2,
    temperature: 0,
    ttl: 60,
  })
  expect(server.requests[0]?.headers.authorization).toBe('Bearer canary-key')
  expect(chunks.at(-1)).toMatchObject({ finishReason: 'length' })
})

test('the figures of llama-server are taken before our own, wherever they stand', async () => {
  const timings = { cache_n: 0, prompt_n: 20, prompt_ms: 100, predicted_n: 11, predicted_ms: 500 }
  const inLastChunk = [textEvent('a'), event({ choices: [{ delta: {}, finish_reason: 'stop' }], timings }), '[DONE]']
  const usage = { prompt_tokens: 20, completion_tokens: 11, cost: 0.00014 }
  const besideUsage = [textEvent('a', 'stop'), event({ choices: [], usage, timings }), '[DONE]']
  for (const events of [inLastChunk, besideUsage]) {
    const { chat } = await start({ events })
    expect((await all(chat())).at(-1)).toMatchObject({
      usage: { promptTokens: 20, completionTokens: 11 },
      timings: { promptTokensPerSecond: 200, tokensPerSecond: 20 },
      costUsd: events === besideUsage ? 0.00014 : null,
    })
  }
})

test.each([
  ['a prompt from the cache', { cache_n: 19, prompt_n: 1, prompt_ms: 9, predicted_n: 3, predicted_ms: 9 }],
  ['a single token', { cache_n: 5, prompt_n: 3, prompt_ms: 9, predicted_n: 1, predicted_ms: 0.001 }],
  ['figures that are none', { prompt_n: 'x', prompt_ms: -1, predicted_n: 0, predicted_ms: 0 }],
])('%s gives no speed that nobody measured', async (name, timings) => {
  const { chat } = await start({ events: [textEvent('a', 'stop'), event({ choices: [], timings }), '[DONE]'] })
  const done = (await all(chat())).at(-1)
  expect(done).toMatchObject({ timings: { promptTokensPerSecond: null } })
  if (name !== 'a prompt from the cache') expect(done).toMatchObject({ timings: { tokensPerSecond: null } })
})

test('an answer that a proxy held back and let go at once has no speed', async () => {
  const events = [textEvent('a'), textEvent('b'), textEvent('c', 'stop')]
  const { chat } = await start({ events: [...events, event({ choices: [], usage: { completion_tokens: 3 } })] })
  expect((await all(chat())).at(-1)).toMatchObject({
    usage: { promptTokens: null, completionTokens: 3 },
    timings: { tokensPerSecond: null },
  })
})

test('reasoning is kept apart under both of its names, and is told once when a gateway sends both', async () => {
  const events = [
    delta({ reasoning: 'hm' }),
    delta({ reasoning_content: ', so', content: '' }),
    delta({ reasoning: '.', reasoning_content: '.' }),
    delta({ content: '42' }),
    event({ choices: [{ delta: {}, finish_reason: 'stop' }] }),
    '[DONE]',
  ]
  const chunks = await all((await start({ events })).chat())
  expect(textOf(chunks, 'reasoning')).toBe('hm, so.')
  expect(textOf(chunks)).toBe('42')
})

test('comments, CRLF, empty choices, nulls and a missing [DONE] are no fault', async () => {
  const stream = [
    ': PROCESSING\r\n\r\n',
    `data: ${event({ choices: [] })}\r\n\r\n`,
    `data:${event({ choices: null, usage: null })}\r\n\r\n`,
    `event: message\r\ndata: ${delta({ content: null, role: 'assistant' })}\r\n\r\n`,
    `data: ${textEvent('Hi', 'stop')}`,
  ].join('')
  const chunks = await all((await start({ stream })).chat())
  expect(textOf(chunks)).toBe('Hi')
  expect(chunks.at(-1)).toMatchObject({
    finishReason: 'stop',
    usage: { promptTokens: null, completionTokens: null },
    timings: { tokensPerSecond: null },
    costUsd: null,
  })
})

test('what comes after [DONE] is not read', async () => {
  const { chat } = await start({ events: [textEvent('Hi'), '[DONE]', textEvent('more')] })
  expect(textOf(await all(chat()))).toBe('Hi')
})

test('text in any script arrives whole when every byte is a chunk of its own', async () => {
  const { server, chat } = await start('byte by byte')
  server.state.answer = ['Grüße ', '你好 ', '👩‍👩‍👧 ', '𝔘𝔫𝔦', '\u2028', '"\\n']
  expect(textOf(await all(chat()))).toBe('Grüße 你好 👩‍👩‍👧 𝔘𝔫𝔦\u2028"\\n')
})

test.each(badStreams)('a chat that breaks by %j is %s', async (how, code, words) => {
  const { chat } = await start(how)
  const failure = await all(chat()).then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code, message: expect.stringContaining(words) })
  expect(JSON.stringify(failure) + String(failure)).not.toContain('canary-key')
})

test('a first token may take longer than a pause inside the answer', async () => {
  const { server, chat } = await start()
  server.state.pauseMs = 1_000 // long, so that the next word does not overtake the time-out on a busy machine
  const running = chat({ firstTokenMs: 10_000, idleMs: 60 })
  const iterator = running[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { text: 'Hello' } })
  await expect(iterator.next()).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
  await vi.waitFor(() => expect(server.aborted).toHaveLength(1), patience)
})

test('a reader that takes its time is not taken for a silent server', async () => {
  const { chat } = await start()
  const seen: string[] = []
  for await (const chunk of chat({ idleMs: 250 })) {
    seen.push(chunk.type)
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
  expect(seen).toEqual(['text', 'text', 'text', 'done'])
})

test('cancelling a chat stops the server, and so does leaving its loop', async () => {
  const { server, chat } = await start('one event, then silence')
  const controller = new AbortController()
  const iterator = chat({ idleMs: 10_000 }, controller.signal)[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { type: 'text', text: 'Hel' } })
  const next = iterator.next()
  controller.abort()
  await expect(next).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted).toHaveLength(1), patience)
  for await (const _ of chat()) break
  await vi.waitFor(() => expect(server.aborted).toHaveLength(2), patience)
})
