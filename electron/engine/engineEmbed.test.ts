import { expect, test, vi } from 'vitest'
import { patience } from '../../test/support/patience.ts'
import { createTestSupervisor, hello, never, onlyInstance, provideSampleModel } from './testSupervisor.ts'

vi.setConfig({ testTimeout: 60_000 })

const sample = provideSampleModel()
const embed = async (input: readonly string[], options = {}) => {
  const supervisor = createTestSupervisor()
  await supervisor.loadSmall('a', sample(), options)
  return { supervisor, ...(await supervisor.embed('a', input, never)) }
}
const dot = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

test('each text gets a vector of length 1; equal texts get equal ones, others another', async () => {
  const { embeddings, promptTokens } = await embed(['A cat sleeps.', 'A cat sleeps.', 'Ships dock in the harbour.'])
  const [first, same, other] = embeddings
  expect(first?.length).toBeGreaterThan(1)
  expect(dot(first, first)).toBeCloseTo(1, 5)
  expect(dot(first, same)).toBeCloseTo(1, 5)
  expect(dot(first, other)).toBeLessThan(0.9999)
  expect(promptTokens).toBeGreaterThan(3)
})

test('a text above the context is refused by its number, and the next one is answered', async () => {
  const { supervisor } = await embed(['short'], { contextLength: 64 })
  const long = 'a very long text indeed '.repeat(100)
  await expect(supervisor.embed('a', ['short', long], never)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('Text 2 is'),
  })
  expect((await supervisor.embed('a', ['short'], never)).embeddings).toHaveLength(1)
})

test('texts wait for the answer before them, and can be given up', async () => {
  const { supervisor } = await embed(['warm'])
  const chat = supervisor.chat('a', { ...hello, maxTokens: 200 }, never)
  await chat.next()
  const leaving = new AbortController()
  const waiting = supervisor.embed('a', ['x'], leaving.signal)
  expect(onlyInstance(supervisor).activeRequests).toBe(2)
  leaving.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
  await chat.return()
  expect((await supervisor.embed('a', ['x'], never)).embeddings).toHaveLength(1)
})

test('a loaded model can be pinned, and given a time again', async () => {
  const { supervisor } = await embed(['x'], { keepAlive: 600 })
  expect(onlyInstance(supervisor).expiresAt).toBeTypeOf('number')
  supervisor.keepAlive('a', 'forever')
  expect(onlyInstance(supervisor)).toMatchObject({ expiresAt: 'never', options: { keepAlive: 'forever' } })
  supervisor.keepAlive('a', 1)
  await expect.poll(() => supervisor.instances(), patience).toEqual([])
  expect(() => supervisor.keepAlive('a', 1)).toThrow()
})
