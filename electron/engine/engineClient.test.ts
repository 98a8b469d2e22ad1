import { expect, test } from 'vitest'
import { crashOf, createEngineClient } from './engineClient.ts'
import type { EngineChannel, EngineExit } from './engineProcess.ts'
import type { HostMessage } from './protocol.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A process that does nothing but record what it was told; the test speaks for it. */
function fakeChannel() {
  const sent: HostMessage[] = []
  let say = (_message: unknown): void => {}
  let exit = (_exit: EngineExit): void => {}
  const channel: EngineChannel = {
    pid: 1,
    send: (message) => void sent.push(message),
    onMessage: (listener) => {
      say = listener
    },
    onExit: (listener) => {
      exit = listener
    },
    kill: () => exit({ code: null, signal: 'SIGKILL', lastWords: '' }),
  }
  return { channel, sent, say: (message: unknown) => say(message) }
}

test('a process that does not speak the protocol is killed', async () => {
  for (const message of [null, 'hello', { type: 'chunk' }, { type: 'loadProgress', fraction: 7 }, { type: 'exec' }]) {
    const { channel, say } = fakeChannel()
    const client = createEngineClient(channel, quiet)
    const load = { path: '/a', options: { threads: 1 } }
    const loading = client.load(load, () => {}).catch((error: unknown) => error)
    say(message)
    expect(await loading).toMatchObject({ code: 'ENGINE_CRASHED' })
  }
})

test('text that comes late belongs to no later answer', async () => {
  const { channel, sent, say } = fakeChannel()
  const client = createEngineClient(channel, quiet)
  const cancel = new AbortController()
  const request = { messages: [{ role: 'user' as const, content: 'x' }] }
  const first = client.chat(request, cancel.signal).next()
  await expect.poll(() => sent.length).toBe(1)
  cancel.abort()
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(sent[1]).toEqual({ type: 'abort', id: 1 })

  const second = client.chat(request, new AbortController().signal)
  const chunk = second.next()
  say({ type: 'chunk', id: 1, text: 'late' })
  expect(sent.length).toBe(2) // it waits until the first is really over
  const timings = { ttftMs: null, promptTokensPerSecond: null, tokensPerSecond: null, totalMs: 1 }
  say({ type: 'done', id: 1, summary: { finishReason: 'cancelled', promptTokens: 1, completionTokens: 0, ...timings } })
  await expect.poll(() => sent.length).toBe(3)
  say({ type: 'chunk', id: 2, text: 'own' })
  expect(await chunk).toEqual({ done: false, value: { type: 'text', text: 'own' } })
  await second.return()
  expect(sent[3]).toEqual({ type: 'abort', id: 2 })
})

test('a crash is told with the line that says why, not with the stack behind it', () => {
  const lastWords = '/x/ggml.c:99: GGML_ASSERT(n > 0) failed\n[0x1234] libggml.so(+0x99)\n[0x5678] node\n'
  expect(crashOf({ code: null, signal: 'SIGABRT', lastWords }).message).toBe(
    'The engine process of this model was ended by SIGABRT: /x/ggml.c:99: GGML_ASSERT(n > 0) failed',
  )
  expect(crashOf({ code: 3, signal: null, lastWords: '' }).message).toBe(
    'The engine process of this model ended with exit code 3.',
  )
})
