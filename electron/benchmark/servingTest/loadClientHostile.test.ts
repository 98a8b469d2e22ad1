import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { AnswerScript } from '../../../test/support/scriptedServer.ts'
import { arrivalTimes } from './arrivals.ts'
import { provideLoadTest, testLimits, wireTo } from './testLoad.ts'

const { run, started } = provideLoadTest()
const plain: AnswerScript = { ttftMs: 5, itlMs: 1, tokens: 3 }
const events = { 'content-type': 'text/event-stream' }
const piece = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
const one = { loop: 'closed', level: 1, count: 1 } as const
const instead = (body: string, more: Partial<AnswerScript['instead']> = {}): AnswerScript => ({
  ...plain,
  instead: { status: 200, headers: events, body, ...more },
})

test.each<[string, AnswerScript, string]>([
  ['a line that never ends', instead('', { forever: 'x'.repeat(10_000) }), 'PROVIDER_BAD_ANSWER'],
  ['an event that never ends', instead('', { forever: 'data: x\n' }), 'PROVIDER_BAD_ANSWER'],
  ['comments without end', instead('', { forever: `: ${'x'.repeat(1000)}\n` }), 'PROVIDER_BAD_ANSWER'],
  ['pieces without end', instead('', { forever: piece }), 'PROVIDER_BAD_ANSWER'],
  ['an error page without end', instead('', { status: 500, forever: 'x'.repeat(10_000) }), 'PROVIDER_ERROR'],
  ['something that is not JSON', instead('data: {"choices":\n\n'), 'PROVIDER_BAD_ANSWER'],
  ['JSON of another form', instead('data: [1]\n\ndata: [DONE]\n\n'), 'PROVIDER_BAD_ANSWER'],
  ['nothing', instead(''), 'PROVIDER_BAD_ANSWER'],
  ['a whole answer at once', instead('{"choices":[{"message":{"content":"a"}}]}'), 'PROVIDER_BAD_ANSWER'],
  ['an end without an end', instead(piece), 'PROVIDER_BAD_ANSWER'],
  [
    'an error in its stream',
    instead(`${piece}data: {"error":{"message":"no","code":429}}\n\n`),
    'PROVIDER_RATE_LIMITED',
  ],
  ['an error in place of a stream', instead('{"error":{"message":"no","type":"overloaded_error"}}'), 'PROVIDER_BUSY'],
  ['a connection that is cut', { ...plain, cutAfter: 2 }, 'PROVIDER_BAD_ANSWER'],
  ['headers without end', instead('', { headers: { 'x-long': 'x'.repeat(20_000) } }), 'PROVIDER_BAD_ANSWER'],
])('%s is an error by its code, and the next request is answered', async (_, script, code) => {
  const { answers } = await run({ answers: [script, plain] }, { ...one, count: 2 })
  expect(answers).toMatchObject([{ error: code }, { error: null, outputTokens: 3 }])
})

test('no redirect is followed, so the key stays where it belongs', async () => {
  const { server } = await started
  const location = `${server.origin}/v1/other`
  const moved = instead('', { status: 307, headers: { location } })
  const { answers, written, outcome } = await run({ answers: [moved] }, one)
  expect(answers).toMatchObject([{ error: 'PROVIDER_BAD_ANSWER' }])
  expect(written.size).toBe(1)
  expect(outcome.firstFailure).toContain('307')
})

test('a server that repeats the key does not get it into what is told', async () => {
  const body = '{"error":{"message":"wrong key sk-test-canary-0123456789"}}'
  const { outcome } = await run({ answers: [instead(body, { status: 401 })] }, one)
  expect(outcome.firstFailure).toContain('wrong key')
  expect(outcome.firstFailure).not.toContain('canary')
})

test('a server that is not there, and one that does not speak HTTP', async () => {
  const babble = createServer((socket) => socket.on('error', () => {}).end('hello\r\n\r\n')).listen(0, '127.0.0.1')
  await once(babble, 'listening')
  onTestFinished(() => void babble.close())
  const address = babble.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const strange = await run({ answers: [] }, one, { wire: wireTo(`http://127.0.0.1:${port}/`) })
  expect(strange.answers).toMatchObject([{ error: 'PROVIDER_BAD_ANSWER' }])
  babble.close()
  const gone = await run({ answers: [] }, one, { wire: wireTo('http://127.0.0.1:1/') })
  expect(gone.answers).toMatchObject([{ error: 'PROVIDER_UNREACHABLE', firstMs: null }])
})

test('a request that takes longer than it may is a failure, from its planned time on', async () => {
  const slow = { ...plain, ttftMs: 10_000 }
  const { answers } = await run({ answers: [slow] }, one, { limits: { ...testLimits, requestMs: 200 } })
  expect(answers).toMatchObject([{ error: 'PROVIDER_TIMEOUT', firstMs: null }])
  expect(answers[0]?.endMs).toBeGreaterThanOrEqual(199)
  expect(answers[0]?.endMs).toBeLessThan(10_000)
})

test('a server that fails always is asked no more after a hundred times', async () => {
  const { answers, outcome } = await run({ answers: [instead('', { status: 500 })] }, { ...one, level: 2, count: 500 })
  expect(outcome.end).toBe('failing')
  expect(answers.length).toBeLessThan(110)
})

test('a server that turns many away while it works on one is not one that fails always', async () => {
  const full = new Array(199).fill(instead('', { status: 503 }))
  const slow = { ...plain, ttftMs: 1500 }
  const { answers, outcome } = await run({ answers: [slow, ...full] }, { ...one, level: 4, count: 150 })
  expect(outcome.end).toBe('whole')
  expect(answers.map(({ error }) => error).filter((error) => error === null)).toHaveLength(1)
  expect(answers).toHaveLength(150)
})

/** What came to the server before this is noted: it takes connections in their order, and reads them all before it is asked. */
const settledAt = async (origin: string): Promise<void> => {
  for (let turn = 0; turn < 2; turn++)
    await (await fetch(`${origin}/v1/models`, { headers: { connection: 'close' } })).text()
}

test.each(['closed', 'open'] as const)(
  'cancelling a %s load ends all that is under way, and leaves nothing',
  async (loop) => {
    const { server } = await started
    const cancel = new AbortController()
    const atMs = arrivalTimes({ requestsPerSecond: 200, count: 1000, pattern: 'constant', seed: 0 })
    const arrivals = loop === 'closed' ? ({ loop, level: 16, count: 1000 } as const) : ({ loop, atMs } as const)
    const long = { ...plain, ttftMs: 5_000 }
    const running = run({ answers: [plain, plain, plain, long] }, arrivals, {}, cancel.signal)
    while ((await server.written()).length < 12) await delay(20)
    cancel.abort()
    const { answers, outcome } = await running
    expect(outcome.end).toBe('cancelled')
    expect(answers.every(({ error }) => error === null)).toBe(true)
    await settledAt(server.origin)
    const before = (await server.written()).length
    await delay(50)
    await settledAt(server.origin)
    expect((await server.written()).length).toBe(before)
  },
)

test('who cannot take an answer gets no more of them, and the next load is run', async () => {
  const { client, server } = await started
  await server.play({ answers: [plain] })
  const order = { arrivals: { ...one, count: 1000 }, prompts: { seed: 1, words: 8, tag: 'test' }, firstPrompt: 0 }
  const rest = { limits: testLimits, remainingMs: null, spending: null, wire: wireTo(server.url) }
  let taken = 0
  const full = () => {
    taken += 1
    throw new Error('the disk is full')
  }
  await expect(client.run({ ...order, ...rest }, full, new AbortController().signal)).rejects.toThrow('disk is full')
  expect(taken).toBe(1)
  expect((await run({ answers: [plain] }, one)).answers).toMatchObject([{ error: null }])
})

test('after its time nothing new is begun, and what was begun is finished', async () => {
  const atMs = arrivalTimes({ requestsPerSecond: 20, count: 100, pattern: 'constant', seed: 0 })
  const { answers, outcome, written } = await run(
    { answers: [{ ...plain, ttftMs: 300 }] },
    { loop: 'open', atMs },
    { remainingMs: 1025 },
  )
  expect(outcome.end).toBe('deadline')
  // fewer where the machine was so busy that one could only have been sent after its time
  expect(answers.map(({ plannedMs }) => Math.round(plannedMs)).sort((a, b) => a - b)).toEqual(
    atMs.slice(0, Math.min(21, answers.length)),
  )
  expect(answers.length).toBeGreaterThan(0)
  expect(written.size).toBe(answers.length)
  expect(answers.every(({ error }) => error === null)).toBe(true)
})

test('nothing is begun that could lead above what may be spent, also by what is under way', async () => {
  const dear = { ...plain, ttftMs: 30, costUsd: 0.1 }
  const price = { requestUsd: null, promptUsdPerMillion: 1e4, completionUsdPerMillion: 1e4, free: false }
  const spending = { leftUsd: 0.55, eachUsd: 0.1, price }
  const told = await run({ answers: [dear] }, { loop: 'closed', level: 4, count: 50 }, { spending })
  expect(told.outcome.end).toBe('spent')
  expect(told.answers).toHaveLength(5)
  // 8 tokens of the prompt and 3 of the answer, at a cent each
  const { costUsd: _, ...untold } = dear
  const listed = await run({ answers: [untold] }, { ...one, count: 50 }, { spending: { ...spending, eachUsd: null } })
  expect(listed.answers).toHaveLength(5)
})
