import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deadPort, kindAnswers, type PathAnswer, startAnsweringServer } from '../../../test/support/answeringServer.ts'
import type { Behaviour } from '../../../test/support/ollamaBehaviour.ts'
import { startOwnTime } from '../../../test/support/ownTime.ts'
import { identifyServer } from './identifyServer.ts'

const never = new AbortController().signal
const identify = (address: string, limitMs = 3_000, key: string | null = null) =>
  identifyServer(address, key, never, limitMs)

describe('a server is recognised by what only its kind says', () => {
  it.each([
    ['ollama', 'ollama', '0.32.15'],
    ['lmstudio', 'lmstudio', null],
    ['lemonade', 'lemonade', '2026.39.1-2'],
    ['lemonade with a key', 'lemonade', null],
    ['llama-server', 'llama-server', 'b11669-Debian'],
    ['llama-server router', 'llama-server', 'b11669-Debian'],
    ['llama-server loading', 'llama-server', null],
    ['llama-server with a key', 'llama-server', null],
    ['llama-swap', 'llama-swap', 'v250'],
    ['llama-swap with a key', 'llama-swap', null],
    ['vllm', 'vllm', '0.32.0'],
    ['vllm with a key', 'vllm', '0.32.0'],
    ['openai', 'openai', null],
    ['litellm', 'openai', null],
  ] as const)('%s is %s %s', async (answers, kind, version) => {
    const { address, requests } = await startAnsweringServer(kindAnswers[answers])
    const found = await identify(address)
    expect(found).toEqual({ kind, version, latencyMs: expect.any(Number) })
    expect(found?.latencyMs).toBeGreaterThan(0)
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  it('also where the address leads to its OpenAI routes', async () => {
    const ollama = await startAnsweringServer(kindAnswers.ollama)
    expect(await identify(`${ollama.address}/v1`)).toMatchObject({ kind: 'ollama' })
    const lemonade = await startAnsweringServer(kindAnswers.lemonade)
    expect(await identify(`${lemonade.address}/api/v1`)).toMatchObject({ kind: 'lemonade' })
  })

  it('and an OpenAI-style one below a path of its own', async () => {
    const gateway = await startAnsweringServer({ '/team/openai/models': kindAnswers.openai['/v1/models'] })
    expect(await identify(`${gateway.address}/team/openai`)).toMatchObject({ kind: 'openai' })
  })

  it('OpenRouter by its host alone, without being asked', async () => {
    expect(await identify('https://openrouter.ai/api/v1')).toEqual({
      kind: 'openrouter',
      version: null,
      latencyMs: null,
    })
    expect(await identify('http://openrouter.ai.localhost:1')).toBeNull()
  })
})

describe('what only resembles a server is none', () => {
  it.each<[string, Record<string, PathAnswer>]>([
    ['a page for every path', { '*': 'html' }],
    ['an empty object for every path', { '*': { json: {} } }],
    ['a version alone', { '*': { json: { version: '1.0' } } }],
    ['a list that is none', { '/v1/models': { json: { data: 'many' } } }],
    ['an error with status 200', { '*': { json: { error: 'Unexpected endpoint' } } }],
    ['a key for every path', { '*': { json: { error: 'who are you' }, status: 401 } }],
    ['a health check of any service', { '/health': { json: { status: 'ok' } }, '/live': { json: { status: 'ok' } } }],
  ])('%s', async (_, answers) => {
    const { address } = await startAnsweringServer(answers)
    expect(await identify(address)).toBeNull()
  })
})

describe('a hostile server', () => {
  it.each<[Behaviour, number]>([
    ['no headers', 300],
    ['headers, then silence', 300],
    ['reset', 300],
    ['endless line', 3_000],
    ['huge body', 3_000],
    ['huge headers', 300],
    ['not http', 300],
    ['wrong types', 300],
    ['cut in mid-line', 300],
    [{ status: 500, body: 'x'.repeat(1_000_000) }, 300],
  ])('that answers with %j is none, within the limit', async (behaviour, limitMs) => {
    const { address } = await startAnsweringServer({ '*': behaviour })
    const passed = startOwnTime()
    expect(await identify(address, limitMs)).toBeNull()
    expect(passed()).toBeLessThan(limitMs + 700)
  })

  it('that redirects is not followed, and no key reaches the other port', async () => {
    const other = await startAnsweringServer(kindAnswers.ollama)
    const { address, requests } = await startAnsweringServer({ '*': { redirect: `${other.address}/v1/models` } })
    expect(await identify(address, 3_000, 'sk-secret')).toBeNull()
    expect(requests.length).toBeGreaterThan(1)
    expect(requests.every(({ authorization }) => authorization === 'Bearer sk-secret')).toBe(true)
    expect(other.requests).toEqual([])
  })

  it('that is silent on one path is still recognised by the others', async () => {
    const { address } = await startAnsweringServer({ ...kindAnswers.ollama, '/running': 'no headers' })
    expect(await identify(address)).toMatchObject({ kind: 'ollama' })
  })
})

describe('an address where nobody answers', () => {
  it('is asked once', async () => {
    expect(await identify(`http://127.0.0.1:${await deadPort()}`)).toBeNull()
    const sockets: Socket[] = []
    const silent = createServer((socket) => void sockets.push(socket))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const port = (silent.address() as { port: number }).port
    expect(await identify(`http://127.0.0.1:${port}`, 2_000)).toBeNull()
    expect(sockets.length).toBe(1)
  })

  it('is given up at once when the caller goes away', async () => {
    const { address, requests } = await startAnsweringServer({ '*': 'no headers' })
    const leaving = new AbortController()
    const asked = identifyServer(address, null, leaving.signal, 10 * 60_000)
    await expect.poll(() => requests.length).toBe(1)
    leaving.abort()
    expect(await asked).toBeNull()
  })
})
