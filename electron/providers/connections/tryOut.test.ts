import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deadPort, kindAnswers, startAnsweringServer } from '../../../test/support/answeringServer.ts'
import { createFakeProvider } from '../../../test/support/fakeProvider.ts'
import { startOllamaServer } from '../../../test/support/ollamaServer.ts'
import { startOwnTime } from '../../../test/support/ownTime.ts'
import { selfSigned } from '../../../test/support/selfSigned.ts'
import { AppError } from '../../lib/appError.ts'
import { type ConnectedKind, makeProvider } from '../kinds.ts'
import type { Provider } from '../provider.ts'
import { createTryOut } from './tryOut.ts'

const never = new AbortController().signal
const tryOut = createTryOut({ make: (kind, config) => makeProvider[kind](config), now: Date.now })

/** A test whose provider is the one given, in part. */
const tryOutWith = (provider: Partial<Provider>, limitMs = 10_000) => {
  const made: Provider[] = []
  const closed: string[] = []
  const test = createTryOut({
    make: async (kind, config) => {
      const whole: Provider = {
        ...createFakeProvider(config.id, ['a', 'b'], config.address).provider,
        kind,
        close: async () => void closed.push(config.id),
        ...provider,
      }
      made.push(whole)
      return whole
    },
    now: Date.now,
    limitMs,
  })
  return { test, made, closed }
}
const failing = (error: unknown): Partial<Provider> => ({
  status: async () => {
    throw error
  },
})

const startOllama = async (options: Parameters<typeof startOllamaServer>[0] = {}) => {
  const server = await startOllamaServer(options)
  onTestFinished(() => server.close())
  return server
}

describe('a server that works', () => {
  it('is told with its version, how fast it is and how many models it has', async () => {
    const { url } = await startOllama({ models: [{ name: 'a' }, { name: 'b' }] })
    expect(await tryOut('ollama', url, null, never)).toEqual({
      result: 'ok',
      version: '0.32.15',
      latencyMs: expect.any(Number),
      models: 2,
      warnings: [],
    })
  })

  it('without models says so', async () => {
    const { url } = await startOllama({ models: [] })
    expect(await tryOut('ollama', url, null, never)).toMatchObject({
      result: 'ok',
      models: 0,
      warnings: ['It answers, and lists no models.'],
    })
  })

  it('that is more than OpenAI-compatible is named', async () => {
    const { address } = await startAnsweringServer(kindAnswers.ollama)
    const { test } = tryOutWith({})
    const tried = await test('openai', `${address}/v1`, null, never)
    expect(tried).toMatchObject({ result: 'ok', warnings: [expect.stringMatching(/^This is Ollama\./)] })
    expect(await test('ollama', address, null, never)).toMatchObject({ result: 'ok', warnings: [] })
  })

  it('warns where the key would travel unencrypted, and nowhere else', async () => {
    const { test } = tryOutWith({})
    const warnings = async (address: string, key: string | null) => {
      const tried = await test('vllm', address, key, never)
      return tried.result === 'ok' ? tried.warnings.length : tried
    }
    expect(await warnings('http://box:8000', 'secret')).toBe(1)
    expect(await warnings('http://box:8000', null)).toBe(0)
    expect(await warnings('https://box:8000', 'secret')).toBe(0)
    expect(await warnings('http://127.0.0.1:8000', 'secret')).toBe(0)
    expect(await warnings('http://[::1]:8000', 'secret')).toBe(0)
  })

  it('is asked once and closed', async () => {
    const { test, made, closed } = tryOutWith({})
    await test('vllm', 'http://127.0.0.1:8000', null, never)
    expect([made.length, closed]).toEqual([1, ['test']])
  })
})

describe('what is wrong is said exactly', () => {
  it('nobody listens', async () => {
    const port = await deadPort()
    expect(await tryOut('ollama', `http://127.0.0.1:${port}`, null, never)).toEqual({
      result: 'failed',
      problem: 'refused',
      code: 'PROVIDER_UNREACHABLE',
      message: `Nothing listens at 127.0.0.1:${port}.`,
      advice: 'Open the Ollama application, or run `ollama serve`.',
      kindFound: null,
    })
  })

  it('nobody listens on another machine, which may have to be told to', async () => {
    const { test } = tryOutWith(
      failing(new AppError('PROVIDER_UNREACHABLE', 'x', { details: { reason: 'ECONNREFUSED' } })),
    )
    expect(await test('ollama', 'http://box:11434', null, never)).toMatchObject({
      problem: 'refused',
      advice: expect.stringMatching(/on that machine.*OLLAMA_HOST=0\.0\.0\.0/),
    })
  })

  it('the host is unknown', async () => {
    expect(await tryOut('ollama', 'http://no-such-host.invalid:11434', null, never)).toMatchObject({
      problem: 'dns',
      message: 'The host name no-such-host.invalid is unknown.',
    })
  })

  it('https to a server of http', async () => {
    const { port } = await startOllama()
    expect(await tryOut('ollama', `https://127.0.0.1:${port}`, null, never)).toMatchObject({
      problem: 'tls',
      message: `127.0.0.1:${port} does not speak https.`,
      advice: 'Begin its address with http://.',
    })
  })

  it('a certificate that nobody signed, and http to a server of https', async () => {
    const server = createSecureServer(selfSigned, (_, response) => response.end('Ollama is running'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await tryOut('ollama', `https://127.0.0.1:${port}`, null, never)).toMatchObject({
      problem: 'tls',
      message: `The certificate of 127.0.0.1:${port} is not signed by anyone this machine trusts.`,
    })
    expect(await tryOut('ollama', `http://127.0.0.1:${port}`, null, never)).toMatchObject({
      problem: 'other',
      advice: 'If the server speaks https, begin its address with https://.',
    })
  })

  it.each([
    ['CERT_HAS_EXPIRED', /has expired/],
    ['CERT_NOT_YET_VALID', /not valid yet/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host name/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not signed by anyone/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION/],
  ])('a certificate or handshake with %s', async (reason, message) => {
    const { test } = tryOutWith(failing(new AppError('PROVIDER_UNREACHABLE', 'x', { details: { reason } })))
    expect(await test('vllm', 'https://box', null, never)).toMatchObject({
      problem: 'tls',
      message: expect.stringMatching(message),
    })
  })

  it('another kind of server answers', async () => {
    const { address } = await startAnsweringServer(kindAnswers.lemonade)
    expect(await tryOut('ollama', address, null, never)).toEqual({
      result: 'failed',
      problem: 'wrong-kind',
      code: 'PROVIDER_WRONG_KIND',
      message: `At ${address} answers Lemonade, and not Ollama.`,
      advice: 'Choose Lemonade as the kind of server, or correct the address.',
      kindFound: 'lemonade',
    })
  })

  it('something answers that is no server of models', async () => {
    const { address } = await startAnsweringServer({ '*': 'html' })
    expect(await tryOut('ollama', address, null, never)).toMatchObject({ problem: 'wrong-kind', kindFound: null })
  })

  it('a key is missing, or is the wrong one', async () => {
    const { address } = await startAnsweringServer(kindAnswers['vllm with a key'])
    const { test } = tryOutWith(failing(new AppError('PROVIDER_KEY_REJECTED', 'vLLM did not accept the key.')))
    expect(await test('vllm', address, null, never)).toMatchObject({
      problem: 'key',
      code: 'PROVIDER_KEY_REJECTED',
      message: `vLLM at ${new URL(address).host} asks for a key.`,
      advice: 'Enter its key.',
      kindFound: null,
    })
    expect(await test('vllm', address, 'wrong', never)).toMatchObject({
      problem: 'key',
      message: 'vLLM did not accept the key.',
    })
  })

  it('a key is refused by another kind of server', async () => {
    const { address } = await startAnsweringServer(kindAnswers['llama-server with a key'])
    const { test } = tryOutWith(failing(new AppError('PROVIDER_KEY_REJECTED')))
    expect(await test('vllm', address, null, never)).toMatchObject({ problem: 'wrong-kind', kindFound: 'llama-server' })
    expect(await test('openai', address, null, never)).toMatchObject({ problem: 'key', kindFound: 'llama-server' })
  })

  it.each([
    ['PROVIDER_TOO_OLD', 'too-old'],
    ['PROVIDER_WRONG_KIND', 'wrong-kind'],
    ['PROVIDER_TIMEOUT', 'timeout'],
    ['PROVIDER_RATE_LIMITED', 'other'],
    ['PROVIDER_BUSY', 'other'],
    ['PROVIDER_BAD_ANSWER', 'other'],
    ['ADDRESS_INVALID', 'address'],
  ] as const)('%s is %s', async (code, problem) => {
    const { test } = tryOutWith(failing(new AppError(code, 'its own words')))
    const address = `http://127.0.0.1:${await deadPort()}`
    expect(await test('lmstudio', address, null, never)).toMatchObject({ problem, code, message: 'its own words' })
  })

  it('its models cannot be listed', async () => {
    const { test, closed } = tryOutWith({
      models: async () => {
        throw new AppError('PROVIDER_KEY_REJECTED')
      },
    })
    const address = `http://127.0.0.1:${await deadPort()}`
    expect(await test('llama-server', address, 'key', never)).toMatchObject({ problem: 'key' })
    expect(closed).toEqual(['test'])
  })
})

describe('a test ends', () => {
  it('in time, whatever the server and the provider do', async () => {
    const { url } = await startOllama({
      behaviour: { '/': 'no headers', '/api/version': 'no headers', '/api/tags': 'no headers' },
    })
    const quick = createTryOut({ make: (kind, config) => makeProvider[kind](config), now: Date.now, limitMs: 200 })
    const deaf = tryOutWith({ status: () => new Promise(() => {}) }, 200)
    const passed = startOwnTime()
    for (const test of [quick, deaf.test])
      expect(await test('ollama', url, null, never)).toMatchObject({
        problem: 'timeout',
        code: 'PROVIDER_TIMEOUT',
        message: `Ollama at ${url} did not answer all questions within 0.2 s.`,
      })
    expect(passed()).toBeLessThan(2_000)
    expect(deaf.closed).toEqual(['test'])
  })

  it('when nobody waits for it any more', async () => {
    const { test, closed } = tryOutWith({ status: () => new Promise(() => {}) })
    const leaving = new AbortController()
    const tried = test('ollama', 'http://127.0.0.1:1', null, leaving.signal)
    leaving.abort()
    await expect(tried).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(closed).toEqual(['test'])
  })

  it('with a bug where it is one', async () => {
    const { test } = tryOutWith(failing(new TypeError('a bug')))
    await expect(test('ollama', 'http://127.0.0.1:1', null, never)).rejects.toThrow('a bug')
  })
})

describe('a key', () => {
  it('goes to the address that was typed and not to where it redirects, and stands in no answer', async () => {
    const key = 'sk-canary-0123456789'
    const other = await startAnsweringServer(kindAnswers.ollama)
    const { address, requests } = await startAnsweringServer({ '*': { redirect: `${other.address}/api/tags` } })
    const kinds: ConnectedKind[] = ['ollama', 'openai', 'vllm', 'llama-server']
    for (const kind of kinds) {
      const tried = await tryOut(kind, address, key, never)
      expect(tried).toMatchObject({ result: 'failed' })
      expect(JSON.stringify(tried)).not.toContain(key)
    }
    expect(requests.some(({ authorization }) => authorization?.includes(key))).toBe(true)
    expect(other.requests).toEqual([])
  })
})
