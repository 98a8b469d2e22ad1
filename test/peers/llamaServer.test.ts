import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { LlamaServerLimits } from '../../electron/providers/llamaServer/llamaServerClient.ts'
import { createLlamaServerProvider } from '../../electron/providers/llamaServer/llamaServerProvider.ts'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'
import { freePort } from '../support/freePort.ts'
import { startProxy } from '../support/toxiproxy.ts'

const router = process.env.LLAMA_SERVER_URL
const models = process.env.PEER_MODELS_DIR ?? ''
const toxiproxy = process.env.TOXIPROXY_URL
const binary = process.env.PEER_LLAMA_SERVER_BIN ?? 'llama-server'

const never = new AbortController().signal
const report = () => {}

const connect = (address: string, limits?: Partial<LlamaServerLimits>) =>
  createLlamaServerProvider({
    id: 'llama-server',
    name: 'llama-server',
    address,
    apiKey: () => null,
    hidePaid: false,
    now: Date.now,
    ...(limits && { limits }),
  })
type LlamaServerProvider = ReturnType<typeof createLlamaServerProvider>

const say = async (provider: LlamaServerProvider, key: string, maxTokens = 8, signal = never) => {
  const chunks: ProviderChatChunk[] = []
  const request = { messages: [{ role: 'user' as const, content: 'Say hello.' }], maxTokens }
  for await (const chunk of provider.chat(key, request, signal)) chunks.push(chunk)
  return chunks
}
const figures = {
  type: 'done',
  usage: { promptTokens: expect.any(Number), completionTokens: 8 },
  timings: { ttftMs: expect.any(Number), tokensPerSecond: expect.any(Number) },
}

const doesNotStart = async (file: string): Promise<boolean> => {
  const child = spawn(file, ['--version'], { stdio: 'ignore' })
  return new Promise((resolve) => {
    child.on('error', () => resolve(true))
    child.on('exit', (code) => resolve(code !== 0))
  })
}
const noBinary = models === '' || (await doesNotStart(binary))

/** Resolves when it answers; ends with the test at the latest. */
const startServer = async (port: number, ...args: string[]) => {
  const child: ChildProcess = spawn(binary, ['--port', String(port), '--threads', '1', ...args], { stdio: 'ignore' })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  const address = `http://127.0.0.1:${port}`
  for (const deadline = Date.now() + 60_000; ; await delay(100)) {
    const answer = await fetch(`${address}/health`).catch(() => null)
    if (answer?.ok) break
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop()
      throw new Error(`llama-server ${args.join(' ')} does not answer`)
    }
  }
  return { address, stop }
}
const withServer = async (...args: string[]) => {
  const port = await freePort()
  const server = await startServer(port, ...args)
  onTestFinished(server.stop)
  const provider = connect(server.address)
  onTestFinished(provider.close)
  return { ...server, port, provider }
}
const file = (name: string) => join(models, name)

const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

const routerName = router ? `the router at ${router}` : 'a router at LLAMA_SERVER_URL (not set: skipped)'

/** Needs the models `tiny` and `small`; unloads both. */
describe.skipIf(!router)(routerName, () => {
  const provider = connect(router ?? 'http://127.0.0.1:1')
  const instanceOf = async (key: string) => (await provider.instances(never)).find((instance) => instance.key === key)
  const unloadAll = async () => {
    await provider.unload('tiny', null, never)
    await provider.unload('small', null, never)
  }
  beforeEach(unloadAll)
  afterAll(async () => {
    await unloadAll()
    await provider.close()
  })

  test('it answers with its build, and as a router', async () => {
    expect(await provider.status(never)).toMatchObject({ version: expect.stringMatching(/^b\d+/) })
    expect(provider.cannot.load).toBeUndefined()
    expect(provider.cannot.adapters).toEqual(expect.any(String))
  })

  test('listing tells the models and loads none', async () => {
    const list = new Map((await provider.models(never)).map((model) => [model.key, model]))
    expect(list.get('tiny')).toMatchObject({ role: 'llm', contextLength: 4096, path: expect.stringMatching(/\.gguf$/) })
    await provider.details('tiny', never)
    expect(await instanceOf('tiny')).toBeUndefined()
  })

  test('a load shows in the instances, it answers with figures, and an unload takes it out', async () => {
    const seen: (number | null)[] = []
    const instance = await provider.load('small', {}, (fraction) => seen.push(fraction), never)
    expect(instance).toMatchObject({ key: 'small', state: 'loaded', contextLength: expect.any(Number) })
    expect(seen[0]).toBeNull()
    expect(seen.every((fraction) => fraction === null || (fraction >= 0 && fraction <= 1))).toBe(true)
    expect(await instanceOf('small')).toMatchObject({ state: 'loaded', activeRequests: 0 })
    expect((await say(provider, 'small')).at(-1)).toMatchObject(figures)
    expect((await instanceOf('small'))?.kvCacheUse).toBeGreaterThan(0)
    await provider.unload('small', null, never)
    expect(await instanceOf('small')).toBeUndefined()
  })

  test('a chat loads nothing by itself', async () => {
    await expect(say(provider, 'tiny')).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
    expect(await instanceOf('tiny')).toBeUndefined()
  })

  test('cancelling a load leaves nothing behind, at whatever moment', async () => {
    for (const delayMs of [0, 5, 20, 60, 120]) {
      const loading = provider.load('small', {}, report, AbortSignal.timeout(delayMs))
      const outcome = await loading.then(
        () => 'loaded',
        (error: { code?: unknown }) => error.code,
      )
      expect(['loaded', 'CANCELLED']).toContain(outcome)
      if (outcome === 'CANCELLED') expect(await instanceOf('small')).toBeUndefined()
      await provider.unload('small', null, never)
    }
  })

  test('facts have the counters of what is loaded', async () => {
    await provider.load('tiny', {}, report, never)
    await say(provider, 'tiny')
    const groups = await provider.facts(never)
    const counters = groups.find(({ title }) => title === 'Counters of tiny')
    expect(counters?.facts.find(({ label }) => label === 'Tokens written')?.value).toBe('8')
    expect(groups.map(({ title }) => title)).toContain('Slots of tiny')
  })

  test('a pull without a network, and one of a name that is none, are refused with words', async () => {
    const words: string[] = []
    await expect(
      provider.pull({ name: 'berth-nobody/berth-nothing:Q4_K_M' }, (text) => words.push(text), never),
    ).rejects.toMatchObject({ code: 'PROVIDER_ERROR', message: expect.stringContaining('could not download') })
    expect(words[0]).toContain('berth-nobody')
    await expect(provider.pull({ name: 'nothing' }, report, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
    expect((await provider.models(never)).map(({ key }) => key)).not.toContain('berth-nobody/berth-nothing:Q4_K_M')
  })

  test('what it did not download is not removed, and what it does not have is not found', async () => {
    await expect(provider.remove('tiny', never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.load('berth-no-such-model', {}, report, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    })
  })
})

const ownName = noBinary
  ? 'a server of our own (no llama-server in PATH or PEER_LLAMA_SERVER_BIN, or no PEER_MODELS_DIR: skipped)'
  : `a server of our own, ${binary}`

describe.skipIf(noBinary)(ownName, () => {
  test('with one model it is loaded, chats, has no adapters and no verb to load', async () => {
    const { provider } = await withServer('--model', file('tiny.gguf'), '--alias', 'tiny', '--metrics')
    await provider.status(never)
    expect(await provider.models(never)).toMatchObject([{ key: 'tiny', role: 'llm', path: file('tiny.gguf') }])
    expect((await say(provider, 'tiny')).at(-1)).toMatchObject(figures)
    expect(await provider.instances(never)).toMatchObject([{ state: 'loaded', activeRequests: 0 }])
    expect(await provider.adapters('tiny', never)).toEqual({
      adapters: [],
      can: { scale: true, add: false, remove: false },
    })
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject({ message: provider.cannot.load })
    const counters = (await provider.facts(never)).find(({ title }) => title === 'Counters')
    expect(counters?.facts.find(({ label }) => label === 'Tokens written')?.value).toBe('8')
  })

  test('with embeddings, two sentences of one meaning are closer than two of different ones', async () => {
    const { provider } = await withServer(
      '--model',
      file('all-minilm-l6-v2-f16.gguf'),
      '--embeddings',
      '--alias',
      'mini',
    )
    expect(await provider.models(never)).toMatchObject([{ key: 'mini', role: 'embedding', contextLength: 512 }])
    const sentences = [
      'A cat sleeps on the sofa.',
      'A kitten naps on the couch.',
      'The stock market fell sharply today.',
    ]
    const { embeddings, promptTokens } = await provider.embed('mini', sentences, never)
    const [cat = [], kitten = [], market = []] = embeddings
    expect(cat).toHaveLength(384)
    expect(cosine(cat, kitten)).toBeGreaterThan(cosine(cat, market) + 0.2)
    expect(promptTokens).toBeGreaterThan(10)
    await expect(say(provider, 'mini')).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  test('a chat that would end its process is not sent, and it lives on', async () => {
    const { provider } = await withServer('--model', file('tiny.gguf'), '--embeddings', '--alias', 'tiny')
    await expect(say(provider, 'tiny')).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.embed('tiny', ['x'], never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.status(never)).resolves.toMatchObject({ version: expect.any(String) })
  })

  test('a key that is wrong is told from one that is right', async () => {
    const { provider, address } = await withServer('--model', file('tiny.gguf'), '--api-key', 'berth-right-key')
    await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REJECTED' })
    const right = createLlamaServerProvider({
      ...provider,
      address,
      apiKey: () => 'berth-right-key',
      hidePaid: false,
      now: Date.now,
    })
    onTestFinished(right.close)
    await expect(right.models(never)).resolves.toHaveLength(1)
  })

  test('it goes to sleep though it is looked at, sleeps on, and a chat wakes it', async () => {
    const { provider } = await withServer('--model', file('tiny.gguf'), '--alias', 'tiny', '--sleep-idle-seconds', '3')
    const look = async () => {
      await provider.status(never)
      const [, instances] = await Promise.all([provider.models(never), provider.instances(never)])
      return instances.length
    }
    await expect.poll(look, { timeout: 40_000, interval: 1_000 }).toBe(0)
    for (let count = 0; count < 3; count++) expect(await look()).toBe(0)
    expect((await say(provider, 'tiny')).at(-1)).toMatchObject(figures)
    expect(await look()).toBe(1)
  })

  test('killed in the middle of an answer it is unreachable, and the one that comes back answers', async () => {
    const { provider, stop, port } = await withServer('--model', file('small.gguf'), '--alias', 'small')
    const answer = async () => {
      const request = { messages: [{ role: 'user' as const, content: 'Go on.' }], maxTokens: 4_000 }
      for await (const chunk of provider.chat('small', request, never)) if (chunk.type === 'text') await stop()
    }
    await expect(answer()).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
    await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' })
    const again = await startServer(port, '--model', file('small.gguf'), '--alias', 'small')
    onTestFinished(again.stop)
    await expect(provider.status(never)).resolves.toMatchObject({ version: expect.any(String) })
    expect((await say(provider, 'small')).at(-1)).toMatchObject(figures)
  })
})

describe.skipIf(noBinary)(`${ownName}, as a router`, () => {
  const own: { folder: string; stop: () => Promise<void>; provider: LlamaServerProvider }[] = []
  const current = () => {
    const [first] = own
    if (first === undefined) throw new Error('there is no router')
    return first.provider
  }
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-router-'))
    await copyFile(file('tiny.gguf'), join(folder, 'tiny.gguf'))
    const broken = await open(join(folder, 'broken.gguf'), 'w')
    const whole = await open(file('tiny.gguf'))
    const { buffer } = await whole.read(Buffer.alloc(100_000))
    await broken.write(buffer)
    await Promise.all([broken.close(), whole.close()])
    const server = await startServer(await freePort(), '--models-dir', folder)
    own.push({ folder, stop: server.stop, provider: connect(server.address) })
  })
  afterAll(async () => {
    for (const { folder, stop, provider } of own) {
      await provider.close()
      await stop()
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('a file that is broken fails with its code, and another load works', async () => {
    await expect(current().load('broken', {}, report, never)).rejects.toMatchObject({
      code: 'LOAD_FAILED',
      message: expect.stringMatching(/code \d+/),
      advice: expect.stringContaining('log'),
    })
    expect(await current().instances(never)).toMatchObject([{ key: 'broken', state: 'failed' }])
    await current().load('tiny', {}, report, never)
    expect((await say(current(), 'tiny')).at(-1)).toMatchObject(figures)
  })
})

const toxicName = toxiproxy ? 'a bad network' : 'a bad network by TOXIPROXY_URL (not set: skipped)'

describe.skipIf(!toxiproxy || noBinary)(toxicName, () => {
  const servers: { address: string; stop: () => Promise<void> }[] = []
  beforeAll(async () => {
    servers.push(await startServer(await freePort(), '--model', file('small.gguf'), '--alias', 'small'))
  })
  afterAll(async () => {
    for (const { stop } of servers) await stop()
  })
  const through = async (limits?: Partial<LlamaServerLimits>) => {
    const proxy = await startProxy(toxiproxy ?? '', servers[0]?.address ?? '')
    const provider = connect(proxy.address, limits)
    onTestFinished(provider.close)
    return { proxy, provider }
  }
  test('two seconds later everything is as it was', async () => {
    const { proxy, provider } = await through()
    await proxy.add({ type: 'latency', attributes: { latency: 2_000 } })
    const { latencyMs } = await provider.status(never)
    expect(latencyMs).toBeGreaterThan(1_900)
    expect((await say(provider, 'small')).at(-1)).toMatchObject(figures)
  })

  test('at 1 KB/s a look takes its time and is whole', async () => {
    const { proxy, provider } = await through()
    await proxy.add({ type: 'bandwidth', attributes: { rate: 1 } })
    await provider.status(never)
    await expect(provider.models(never)).resolves.toHaveLength(1)
  })

  test('a reset in the middle of an answer is an error with words, and the next answer comes', async () => {
    const { proxy, provider } = await through()
    const answer = async () => {
      const request = { messages: [{ role: 'user' as const, content: 'Go on.' }], maxTokens: 4_000 }
      for await (const chunk of provider.chat('small', request, never))
        if (chunk.type === 'text') await proxy.add({ type: 'reset_peer', attributes: { timeout: 0 } }).catch(() => {}) // it is there already
    }
    await expect(answer()).rejects.toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
      message: expect.stringContaining('broke off'),
    })
    await proxy.clear()
    expect((await say(provider, 'small')).at(-1)).toMatchObject(figures)
  })

  test('a connection that is held open and silent is given up', async () => {
    const { proxy, provider } = await through({ answerMs: 1_000, idleMs: 1_000, loadMs: 2_000 })
    const answer = async () => {
      const request = { messages: [{ role: 'user' as const, content: 'Go on.' }], maxTokens: 4_000 }
      for await (const chunk of provider.chat('small', request, never))
        if (chunk.type === 'text') await proxy.add({ type: 'timeout', attributes: { timeout: 0 } }).catch(() => {}) // it is there already
    }
    await expect(answer()).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
    await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
    await proxy.clear()
    await expect(provider.status(never)).resolves.toMatchObject({ version: expect.any(String) })
  })
})
