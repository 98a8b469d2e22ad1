import { afterEach, expect, test, vi } from 'vitest'
import { createLmStudioBench, never, patience, report, token } from '../../../test/support/lmStudioBench.ts'

const { start, cleanUp } = createLmStudioBench()
afterEach(cleanUp)

test.each([
  ['error', 'LOAD_FAILED', 'The model file is damaged.'],
  ['out of memory', 'OUT_OF_MEMORY', 'insufficient system resources'],
  ['cut', 'PROVIDER_BAD_ANSWER', 'connection'],
  ['null', 'PROVIDER_BAD_ANSWER', 'Cannot read properties of null'],
  ['huge frame', 'PROVIDER_BAD_ANSWER', 'Max payload'],
  ['endless progress', 'PROVIDER_TIMEOUT', 'within'],
  ['no answer', 'PROVIDER_TIMEOUT', 'within'],
  ['not json', 'PROVIDER_TIMEOUT', 'within'],
  ['wrong form', 'PROVIDER_TIMEOUT', 'within'],
] as const)('a load answered with "%s" fails as %s and costs nothing but itself', async (how, code, words) => {
  const loadMs = code === 'PROVIDER_TIMEOUT' ? 700 : 20_000
  const { server, provider } = await start({ token, socket: { 'llm/loadModel': how } }, { loadMs })
  const told: (number | null)[] = []
  const failure = await provider
    .load('tiny', {}, (fraction) => told.push(fraction), never)
    .catch((error: unknown) => error)
  expect(failure).toMatchObject({ code, message: expect.stringContaining(words) })
  expect(String(failure)).not.toContain('0123456789abcdefghij')
  expect(told.length).toBeLessThan(20)
  expect(told.every((fraction) => fraction === null || fraction <= 1)).toBe(true)
  await vi.waitFor(() => expect(server.socket.open.size).toBe(0), patience)
  expect(await provider.models(never)).toHaveLength(1)
})

test('nothing is printed, whatever the server sends', async () => {
  const out = vi.spyOn(process.stdout, 'write')
  const err = vi.spyOn(process.stderr, 'write')
  const { server, provider } = await start({ socket: { 'llm/loadModel': 'null' } })
  await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
  server.socketBehaviour['llm/loadModel'] = 'odd end'
  await provider.load('tiny', {}, report, never)
  const printed = [...out.mock.calls, ...err.mock.calls]
    .map(([text]) => String(text))
    .filter((text) => /LM|WebSocket|warn/i.test(text))
  out.mockRestore()
  err.mockRestore()
  expect(printed).toEqual([])
})
