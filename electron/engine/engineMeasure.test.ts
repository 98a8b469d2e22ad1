import { expect, test, vi } from 'vitest'
import type { EngineTest } from '../providers/provider.ts'
import { collect, createTestSupervisor, hello, never, onlyInstance, provideSampleModel } from './testSupervisor.ts'

vi.setConfig({ testTimeout: 60_000 })

const sample = provideSampleModel()
const prompt = (tokens: number, depth = 0): EngineTest => ({ type: 'prompt', tokens, depth })
const generation = (tokens: number, depth = 0): EngineTest => ({ type: 'generation', tokens, depth })

test('a prompt and a generation are measured, at a depth too, and reading a token takes less time than making one', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  for (const each of [prompt(400), generation(40), prompt(100, 200), generation(10, 500)]) {
    const { tokens, ms } = await supervisor.measure('a', each, never)
    expect(tokens).toBe(each.tokens)
    expect(ms).toBeGreaterThan(0)
  }
  /** Of several: what other programs do can only make one longer. */
  const fastest = async (each: EngineTest): Promise<number> => {
    const times: number[] = []
    for (let run = 0; run < 5; run += 1) times.push((await supervisor.measure('a', each, never)).ms)
    return Math.min(...times)
  }
  expect(await fastest(generation(256))).toBeGreaterThan(await fastest(prompt(256)))
})

test('what is read before is not in the time', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample(), { contextLength: 4096 })
  const startedAt = performance.now()
  const { ms } = await supervisor.measure('a', generation(1, 4000), never)
  expect(ms).toBeLessThan((performance.now() - startedAt) / 2)
})

test('an answer after measurements is the one that it was before', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  const before = await collect(supervisor.chat('a', hello, never))
  expect(before.text.length).toBeGreaterThan(0)
  for (const each of [generation(5, 300), generation(5, 300), prompt(512)]) {
    await supervisor.measure('a', each, never)
    const after = await collect(supervisor.chat('a', hello, never))
    expect(after.text).toBe(before.text)
    expect(after.done?.usage).toEqual(before.done?.usage)
  }
})

test.each([
  // each takes minutes
  ['while it reads what is before', generation(1, 32_000)],
  ['while it reads', prompt(32_000)],
  ['while it generates', generation(32_000)],
])('a measurement that is cancelled %s ends, and the model measures and answers', async (_, endless) => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample(), { contextLength: 32_768 })
  const before = await collect(supervisor.chat('a', hello, never))
  const cancel = new AbortController()
  const measuring = supervisor.measure('a', endless, cancel.signal)
  setTimeout(() => cancel.abort(), 30)
  await expect(measuring).rejects.toMatchObject({ code: 'CANCELLED' })
  const startedAt = performance.now()
  const after = await collect(supervisor.chat('a', hello, never))
  expect(performance.now() - startedAt).toBeLessThan(20_000)
  expect(after.text).toBe(before.text)
  expect(await supervisor.measure('a', generation(3, 100), never)).toMatchObject({ tokens: 3 })
  expect(onlyInstance(supervisor).activeRequests).toBe(0)
})

test('what does not fit into the context, or is no number of tokens, is refused before native code', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample(), { contextLength: 512 })
  expect(await supervisor.measure('a', generation(12, 500), never)).toMatchObject({ tokens: 12 })
  await expect(supervisor.measure('a', generation(13, 500), never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: 'This needs a context of 513 tokens, and the model has 512.',
  })
  const wrong = [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53]
  for (const number of wrong) {
    await expect(supervisor.measure('a', prompt(number), never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    if (number !== 0)
      await expect(supervisor.measure('a', prompt(1, number), never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  }
  await expect(supervisor.measure('b', prompt(1), never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  expect(await supervisor.measure('a', prompt(512), never)).toMatchObject({ tokens: 512 })
})

test('measurements and chats wait for each other', async () => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample())
  const alone = await collect(supervisor.chat('a', hello, never))
  const [, chat, second] = await Promise.all([
    supervisor.measure('a', generation(20, 100), never),
    collect(supervisor.chat('a', hello, never)),
    supervisor.measure('a', generation(20, 100), never),
  ])
  expect(chat.text).toBe(alone.text)
  expect(second.tokens).toBe(20)
})
