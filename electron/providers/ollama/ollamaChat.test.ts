import { expect, test, vi } from 'vitest'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { type connectOllama, startOllama } from '../../../test/support/ollamaConnection.ts'
import { patience } from '../../../test/support/patience.ts'
import type { ProviderChatChunk } from '../provider.ts'

const never = new AbortController().signal
const report = () => {}
const tiny = 'tiny:latest'
const start = startOllama
type OllamaProvider = ReturnType<typeof connectOllama>

const say = async (provider: OllamaProvider, key = tiny, content = 'hello', signal = never) => {
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat(key, { messages: [{ role: 'user', content }] }, signal)) chunks.push(chunk)
  return chunks
}
const textOf = (chunks: readonly ProviderChatChunk[]) =>
  chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')

test('a chat streams text and ends with usage and the server’s own figures', async () => {
  const { provider } = await start()
  await provider.load(tiny, {}, report, never)
  const chunks = await say(provider)
  expect(chunks.slice(0, -1)).toEqual(['Hello', ' from', ' Ollama', '.'].map((text) => ({ type: 'text', text })))
  expect(chunks.at(-1)).toEqual({
    type: 'done',
    finishReason: 'stop',
    usage: { promptTokens: 15, completionTokens: 4 },
    timings: {
      ttftMs: expect.any(Number),
      promptTokensPerSecond: 150,
      tokensPerSecond: 100,
      totalMs: expect.any(Number),
    },
    costUsd: null,
  })
})

test('the prompt speed of a prompt that the server still has in its cache is unknown', async () => {
  const { provider } = await start()
  const promptSpeed = async (content: string) => {
    const last = (await say(provider, tiny, content)).at(-1)
    return last?.type === 'done' ? last.timings.promptTokensPerSecond : undefined
  }
  expect(await promptSpeed('hello')).toBe(150)
  expect(await promptSpeed('hello')).toBeNull()
  expect(await promptSpeed('something else')).toBe(150)
})

test('a chat asks with the options of the load, or the context of what is there: it must not load anew', async () => {
  const { server, provider } = await start({ models: [{ name: tiny }, { name: 'other', contextLength: 2048 }] })
  await provider.load(tiny, { contextLength: 512, threads: 1, keepAlive: 'forever' }, report, never)
  server.loadElsewhere('other', { options: { num_ctx: 1024 } })
  const request = { messages: [{ role: 'user', content: 'x' }], maxTokens: 2, temperature: 0, seed: 7 } as const
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat(tiny, { ...request, messages: [...request.messages] }, never))
    chunks.push(chunk)
  expect(chunks.at(-1)).toMatchObject({ finishReason: 'length' })
  expect(server.requests.at(-1)?.body).toMatchObject({
    options: { num_ctx: 512, num_thread: 1, num_predict: 2, temperature: 0, seed: 7 },
    keep_alive: -1,
    truncate: false,
  })
  await say(provider, 'other:latest')
  expect(server.requests.at(-1)?.body.options).toEqual({ num_ctx: 1024 })
  expect(server.requests.at(-1)?.body).not.toHaveProperty('keep_alive')
})

test('text in any script arrives whole when every byte is a chunk of its own', async () => {
  const { server, provider } = await start({ behaviour: { '/api/chat': 'byte by byte' } })
  server.answer = ['Grüße ', '你好 ', '👩‍👩‍👧 ', '𝔘𝔫𝔦', '\u2028', '"\\n']
  expect(textOf(await say(provider))).toBe('Grüße 你好 👩‍👩‍👧 𝔘𝔫𝔦\u2028"\\n')
})

test('a stream that ends whole without done is an end without figures', async () => {
  const line = '{"message":{"role":"assistant","content":"la"},"done":false}'
  const { provider } = await start({ behaviour: { '/api/chat': { lines: [line, line] } } })
  const chunks = await say(provider)
  expect(textOf(chunks)).toBe('lala')
  expect(chunks.at(-1)).toMatchObject({
    finishReason: 'stop',
    usage: { promptTokens: null, completionTokens: null },
    timings: { ttftMs: expect.any(Number), tokensPerSecond: null, promptTokensPerSecond: null },
  })
})

test('figures that are left out because they are zero are unknown, never NaN', async () => {
  const lines = ['{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1}']
  const { provider } = await start({ behaviour: { '/api/chat': { lines } } })
  expect((await say(provider)).at(-1)).toMatchObject({
    usage: { promptTokens: 3, completionTokens: 1 },
    timings: { ttftMs: null, tokensPerSecond: null, promptTokensPerSecond: null },
  })
})

test('the time to the first token counts thinking, which is not part of the answer', async () => {
  const lines = ['{"message":{"content":"","thinking":"hm"}}', '{"message":{"content":"42"},"done":true}']
  const { provider } = await start({ behaviour: { '/api/chat': { lines } } })
  const chunks = await say(provider)
  expect(textOf(chunks)).toBe('42')
  expect(chunks.at(-1)).toMatchObject({ timings: { ttftMs: expect.any(Number) } })
})

test.each<[Behaviour, string, string]>([
  ['error line', 'PROVIDER_ERROR', 'an error was encountered'],
  ['cut in mid-line', 'PROVIDER_BAD_ANSWER', 'broke off'],
  ['html', 'PROVIDER_BAD_ANSWER', 'not JSON'],
  ['endless line', 'PROVIDER_BAD_ANSWER', 'a line of more than'],
  ['endless stream', 'PROVIDER_BAD_ANSWER', 'streamed more than'],
  ['reset', 'PROVIDER_UNREACHABLE', 'without an answer'],
  ['wrong types', 'PROVIDER_BAD_ANSWER', 'JSON of another form'],
  ['headers, then silence', 'PROVIDER_TIMEOUT', 'in the middle of its answer'],
  [{ lines: [] }, 'PROVIDER_BAD_ANSWER', 'without a word'],
  [{ lines: ['{"error":"CUDA error: out of memory"}'] }, 'OUT_OF_MEMORY', 'CUDA error'],
  [
    { status: 400, body: '{"error":"{\\"error\\":{\\"code\\":400,\\"message\\":\\"request exceeds the context\\"}}"}' },
    'PROVIDER_ERROR',
    '(400): request exceeds the context',
  ],
])('a chat that breaks by "%s" is %s', async (how, code, words) => {
  const limits = {
    maxLineLength: 100_000,
    maxStreamBytes: 1_000_000,
    idleMs: how === 'headers, then silence' ? 100 : 5_000,
  }
  const { server, provider } = await start({ behaviour: { '/api/chat': how } }, limits)
  await expect(say(provider)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  expect(await provider.status(never)).toBeDefined()
  if (how === 'endless stream') await vi.waitFor(() => expect(server.aborted).toHaveLength(1), patience)
})

test('cancelling a chat stops the server, and so does leaving its loop', async () => {
  const { server, provider } = await start()
  server.hold('next word')
  const controller = new AbortController()
  const chunks = provider.chat(tiny, { messages: [{ role: 'user', content: 'x' }] }, controller.signal)
  const iterator = chunks[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { type: 'text', text: 'Hello' } })
  const next = iterator.next()
  controller.abort()
  await expect(next).rejects.toMatchObject({ code: 'CANCELLED' })
  await vi.waitFor(() => expect(server.aborted).toHaveLength(1), patience)
  for await (const _ of provider.chat(tiny, { messages: [{ role: 'user', content: 'x' }] }, never)) break
  await vi.waitFor(() => expect(server.aborted).toHaveLength(2), patience)
})
