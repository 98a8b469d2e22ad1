import { expect, test, vi } from 'vitest'
import { patience } from '../../test/support/patience.ts'
import {
  collect,
  createTestSupervisor,
  hello,
  isAlive,
  never,
  onlyInstance,
  provideSampleModel,
  withoutEnd,
} from './testSupervisor.ts'

vi.setConfig({ testTimeout: 60_000 })

const sample = provideSampleModel()

test('the same history, seed and temperature give the same answer, whether or not it was evaluated before', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  const request = { ...hello, temperature: 1, seed: 7 }
  const first = await collect(supervisor.chat('a', request, never))
  const again = await collect(supervisor.chat('a', request, never))
  expect(again.text).toBe(first.text)
  expect(again.done?.usage).toEqual(first.done?.usage)
})

test('an answer ends at maxTokens, and at the end of the context without them', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample(), { contextLength: 256 })
  const { done } = await collect(supervisor.chat('a', { ...hello, maxTokens: 3, temperature: 0 }, never))
  expect(done).toMatchObject({ finishReason: 'length', usage: { completionTokens: 3 } })
  const { messages } = hello
  for (let seed = 1; seed <= 3; seed += 1) {
    const { done: whole } = await collect(supervisor.chat('a', { messages, temperature: 5, seed }, never))
    const { promptTokens, completionTokens } = whole?.usage ?? {}
    expect((promptTokens ?? 0) + (completionTokens ?? 0)).toBeLessThanOrEqual(256)
  }
})

test('for measurements each token is told by itself', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  const pieces: string[] = []
  let tokens: number | null = null
  for await (const chunk of supervisor.chat('a', { ...hello, maxTokens: 40, everyToken: true }, never)) {
    if (chunk.type === 'text') pieces.push(chunk.text)
    if (chunk.type === 'done') tokens = chunk.usage.completionTokens
  }
  const together = await collect(supervisor.chat('a', { ...hello, maxTokens: 40 }, never))
  expect(pieces.join('')).toBe(together.text)
  expect(pieces).not.toContain('')
  expect(pieces.length).toBeGreaterThanOrEqual(tokens ?? Number.NaN)
})

test('messages that do not fit into the context are refused by name, and the next answer comes', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample(), { contextLength: 256 })
  const long = { ...hello, messages: [{ role: 'user' as const, content: 'many words '.repeat(1000) }] }
  await expect(collect(supervisor.chat('a', long, never))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('context of 256'),
  })
  expect((await collect(supervisor.chat('a', hello, never))).done).toBeDefined()
})

test('chats wait for each other in order, and one that gives up leaves the queue', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  const order: number[] = []
  const ask = async (n: number, signal = never) => {
    await collect(supervisor.chat('a', hello, signal))
    order.push(n)
  }
  const leaving = new AbortController()
  const asked = [ask(1), ask(2, leaving.signal), ask(3)]
  const givenUp = expect(asked[1]).rejects.toMatchObject({ code: 'CANCELLED' })
  leaving.abort()
  await givenUp
  await Promise.all([asked[0], asked[2]])
  expect(order).toEqual([1, 3])
})

test('a cancelled answer stops, and the model answers the next', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', await withoutEnd(sample()), { contextLength: 8192 })
  const cancel = new AbortController()
  const endless = { messages: hello.messages, temperature: 5 }
  const answer = (async () => {
    for await (const chunk of supervisor.chat('a', endless, cancel.signal)) if (chunk.type === 'text') cancel.abort()
  })()
  await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
  // One that stops reading says so too.
  for await (const chunk of supervisor.chat('a', endless, never)) if (chunk.type === 'text') break
  expect((await collect(supervisor.chat('a', hello, never))).done).toBeDefined()
  expect(onlyInstance(supervisor).activeRequests).toBe(0)
})

test('a chat with a model that is not loaded says so', async () => {
  const supervisor = createTestSupervisor()
  await expect(collect(supervisor.chat('a', hello, never))).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
})

test('a model that nobody uses for its keepAlive is unloaded', async () => {
  const supervisor = createTestSupervisor()
  const before = Date.now()
  const { pid, expiresAt } = await supervisor.loadSmall('a', sample(), { keepAlive: 1 })
  expect(expiresAt).toBeGreaterThanOrEqual(before + 1000)
  await vi.waitFor(() => expect(supervisor.instances()).toEqual([]), patience)
  expect(isAlive(pid ?? 0)).toBe(false)
  expect(await supervisor.loadSmall('a', sample(), { keepAlive: 'forever' })).toMatchObject({ expiresAt: 'never' })
})
