import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLemonadeProvider, type LemonadeLimits } from '../../electron/providers/lemonade/lemonadeProvider.ts'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'
import { lacking } from '../support/lacking.ts'
import { findLemond, startLemonadeDaemon } from '../support/lemonadeDaemon.ts'
import { startProxy } from '../support/toxiproxy.ts'

const address = process.env.LEMONADE_URL ?? ''
const toxiproxy = process.env.TOXIPROXY_URL ?? ''
const modelsDir = process.env.PEER_MODELS_DIR ?? ''
const lemond = findLemond() ?? ''

const never = new AbortController().signal
const report = () => {}
const connect = (at: string, limits?: Partial<LemonadeLimits>) => {
  const config = { id: 'lemonade', name: 'Lemonade', address: at, apiKey: () => null, hidePaid: false, now: Date.now }
  return createLemonadeProvider({ ...config, ...(limits && { limits }) })
}
type LemonadeProvider = ReturnType<typeof connect>
/** Closed when the test ends. */
const connectForTest = (at: string, limits?: Partial<LemonadeLimits>) => {
  const provider = connect(at, limits)
  onTestFinished(provider.close)
  return provider
}

const request = (maxTokens: number) => ({ messages: [{ role: 'user' as const, content: 'Say hello.' }], maxTokens })
const say = async (provider: LemonadeProvider, key: string, maxTokens: number, onText?: () => Promise<void>) => {
  const chunks: ProviderChatChunk[] = []
  for await (const chunk of provider.chat(key, request(maxTokens), never)) {
    if (chunk.type === 'text' && chunks.length === 0) await onText?.()
    chunks.push(chunk)
  }
  return chunks
}
const instanceOf = async (provider: LemonadeProvider, key: string) =>
  (await provider.instances(never)).find((instance) => instance.key === key)
const done = {
  type: 'done',
  usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
  timings: { ttftMs: expect.any(Number), tokensPerSecond: expect.any(Number) },
}

/** Needs the models `tiny`, `small` (chat) and `all-minilm-l6-v2-f16` in its extra folder; unloads them. */
describe.skipIf(!address)(address ? `Lemonade at ${address}` : 'Lemonade at LEMONADE_URL (not set: skipped)', () => {
  const provider = connect(address)
  const unloadAll = async () => {
    for (const { key } of await provider.instances(never)) await provider.unload(key, null, never)
  }
  beforeEach(unloadAll)
  afterAll(async () => {
    await unloadAll()
    await provider.close()
  })

  test('it answers with its version, and tells of itself', async () => {
    expect(await provider.status(never)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      latencyMs: expect.any(Number),
    })
    const titles = (await provider.facts(never)).map(({ title }) => title)
    expect(titles).toEqual(expect.arrayContaining(['Room', 'Settings', 'Since the start', 'Machine', 'Take care']))
  })

  test('the list has exact sizes and paths, and each model its details', async () => {
    const models = new Map((await provider.models(never)).map((model) => [model.key, model]))
    const path = join(modelsDir, 'tiny.gguf')
    expect(models.get('tiny')).toMatchObject({
      role: 'llm',
      format: 'gguf',
      contextLength: 4096,
      sizeBytes: readFileSync(path).length,
      path,
      lacks: lacking('embed', 'remove'),
    })
    const { files, groups } = await provider.details('tiny', never)
    expect(files).toEqual([{ path, sizeBytes: models.get('tiny')?.sizeBytes }])
    expect(groups.map(({ title }) => title)).toEqual(['Identity', 'Context'])
  })

  test('every option is understood by its llama-server, and the instance tells its process and context', async () => {
    const options = {
      contextLength: 1024,
      gpuLayers: 0,
      threads: 1,
      batchSize: 64,
      flashAttention: true,
      kvCacheType: 'q8_0',
      mmap: false,
      keepAlive: 'forever',
    } as const
    const instance = await provider.load('tiny', options, report, never)
    expect(instance).toMatchObject({ state: 'loaded', contextLength: 1024, expiresAt: 'never', options })
    expect(await instanceOf(provider, 'tiny')).toEqual(instance)
    expect(
      Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${instance.pid}/status`, 'utf8'))?.[1]),
    ).toBeGreaterThan(3_000)
    // a reload by the answer would have taken the context that Lemonade chooses
    expect((await say(provider, 'tiny', 4)).at(-1)).toMatchObject(done)
    expect(await instanceOf(provider, 'tiny')).toMatchObject({ pid: instance.pid, contextLength: 1024 })
    await provider.unload('tiny', null, never)
    expect(await provider.instances(never)).toEqual([])
  })

  test('what a load could not survive is refused, and what is loaded stays', async () => {
    await provider.load('small', {}, report, never)
    for (const options of [
      { contextLength: 1_000_000 },
      { kvCacheType: 'q8_0', flashAttention: false },
      { mmap: true },
    ] as const)
      await expect(provider.load('tiny', options, report, never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.load('berth-no-such-model', {}, report, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('berth-no-such-model'),
    })
    expect(await instanceOf(provider, 'small')).toMatchObject({ state: 'loaded' })
  })

  test('an answer shows as a request, and cancelling it frees the model', async () => {
    await provider.load('small', { threads: 1 }, report, never)
    const controller = new AbortController()
    const answer = async () => {
      for await (const _ of provider.chat('small', request(2_000), controller.signal)) {
        await vi.waitFor(async () => expect((await instanceOf(provider, 'small'))?.activeRequests).toBe(1), 10_000)
        controller.abort()
      }
    }
    await expect(answer()).rejects.toMatchObject({ code: 'CANCELLED' })
    await vi.waitFor(async () => expect((await instanceOf(provider, 'small'))?.activeRequests).toBe(0), 10_000)
  })

  test('a prompt above the context is the fault of the prompt', async () => {
    await provider.load('tiny', { contextLength: 256 }, report, never)
    const long = { messages: [{ role: 'user' as const, content: 'hello '.repeat(2_000) }] }
    const answer = async () => {
      for await (const _ of provider.chat('tiny', long, never));
    }
    await expect(answer()).rejects.toMatchObject({ code: 'PROVIDER_ERROR', details: { status: 400 } })
  })

  test('cancelling a load leaves nothing behind, at whatever moment', async () => {
    for (const delayMs of [0, 5, 20, 60, 120, 250]) {
      const loaded = await provider.load('small', {}, report, AbortSignal.timeout(delayMs)).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'CANCELLED' })
          return false
        },
      )
      if (!loaded) await vi.waitFor(async () => expect(await provider.instances(never)).toEqual([]), 20_000)
      await provider.unload('small', null, never)
    }
  })

  test('an idle time given with a load runs out, and a model can be pinned later', async () => {
    await provider.load('tiny', { keepAlive: 2 }, report, never)
    expect(await instanceOf(provider, 'tiny')).toMatchObject({ options: { keepAlive: 2 }, expiresAt: null })
    await vi.waitFor(async () => expect(await provider.instances(never)).toEqual([]), {
      timeout: 30_000,
      interval: 500,
    })
    await provider.load('tiny', {}, report, never)
    await provider.keepAlive('tiny', 'forever', never)
    expect(await instanceOf(provider, 'tiny')).toMatchObject({ expiresAt: 'never' })
    await expect(provider.keepAlive('tiny', 60, never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  test('a pull is refused offline with clear words, and leaves no name behind', async () => {
    await expect(provider.pull({ name: 'berth/berth-test-GGUF:Q4_0' }, report, never)).rejects.toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('offline'),
      advice: expect.stringContaining('offline=false'),
    })
    await expect(provider.details('berth-test-GGUF-Q4_0', never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await expect(provider.pull({ name: 'tiny' }, report, never)).rejects.toMatchObject({ code: 'PROVIDER_ERROR' })
    expect((await provider.models(never)).map(({ key }) => key)).toContain('tiny')
  })

  test('a file of its extra folder is neither removed nor unloaded', async () => {
    await provider.load('tiny', {}, report, never)
    await expect(provider.removal('tiny', never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.remove('tiny', never)).rejects.toMatchObject({
      code: 'VERB_NOT_SUPPORTED',
      message: expect.stringContaining('tiny.gguf'),
    })
    expect(await instanceOf(provider, 'tiny')).toMatchObject({ state: 'loaded' })
  })

  test('a model of its extra folder does not embed, and the words say how it could', async () => {
    await provider.load('all-minilm-l6-v2-f16', {}, report, never)
    await expect(provider.embed('all-minilm-l6-v2-f16', ['A cat sleeps.'], never)).rejects.toMatchObject({
      code: 'VERB_NOT_SUPPORTED',
      message: expect.stringContaining('user_models.json'),
    })
  })

  describe.skipIf(!toxiproxy)(toxiproxy ? 'through toxiproxy' : 'through TOXIPROXY_URL (not set: skipped)', () => {
    const through = async (limits?: Partial<LemonadeLimits>) => {
      const proxy = await startProxy(toxiproxy, address)
      return { proxy, far: connectForTest(proxy.address, limits) }
    }
    /** Long enough to be cut. */
    const long = 500

    test('two seconds of latency are waited for, and told', async () => {
      const { proxy, far } = await through()
      await proxy.add({ type: 'latency', attributes: { latency: 2_000 } })
      expect((await far.status(never)).latencyMs).toBeGreaterThan(1_900)
      await far.load('tiny', {}, report, never)
      expect((await say(far, 'tiny', 4)).at(-1)).toMatchObject(done)
      await far.unload('tiny', null, never)
    })

    test('one kilobyte per second is slow, and works', async () => {
      const { proxy, far } = await through()
      await proxy.add({ type: 'bandwidth', attributes: { rate: 1 } })
      expect((await far.models(never)).map(({ key }) => key)).toContain('tiny')
      await far.load('tiny', {}, report, never)
      expect((await say(far, 'tiny', 8)).at(-1)).toMatchObject(done)
    })

    test('a reset in the middle of an answer is told, and the next answer is whole', async () => {
      const { proxy, far } = await through()
      await far.load('small', { threads: 1 }, report, never)
      const cut = () => proxy.add({ type: 'reset_peer', attributes: { timeout: 0 } })
      await expect(say(far, 'small', long, cut)).rejects.toMatchObject({
        code: 'PROVIDER_BAD_ANSWER',
        message: expect.stringContaining('broke off'),
      })
      await proxy.clear()
      expect((await say(far, 'small', 2)).at(-1)).toMatchObject(done)
    })

    test('a connection that is open and silent is given up, in lists and in answers', async () => {
      const { proxy, far } = await through({ idleMs: 1_000, answerMs: 1_000 })
      await far.load('small', { threads: 1 }, report, never)
      const silence = () => proxy.add({ type: 'timeout', attributes: { timeout: 0 } })
      await expect(say(far, 'small', long, silence)).rejects.toMatchObject({
        code: 'PROVIDER_TIMEOUT',
        message: expect.stringContaining('in the middle of its answer'),
      })
      await expect(far.status(never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
      await expect(far.models(never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
      await proxy.clear()
    })
  })
})

const missing = [!lemond && 'lemond in PATH', !modelsDir && 'PEER_MODELS_DIR'].filter(Boolean).join(', ')
describe.skipIf(missing)(missing ? `a Lemonade of our own (no ${missing}: skipped)` : 'a Lemonade of our own', () => {
  test('two sentences of one meaning are closer than two of different ones', async () => {
    const checkpoint = join(modelsDir, 'all-minilm-l6-v2-f16.gguf')
    const mini = { checkpoint, recipe: 'llamacpp', labels: ['embeddings'], source: 'local_path', suggested: true }
    const { address } = await startLemonadeDaemon({ lemond, modelsDir, userModels: { mini } })
    const provider = connectForTest(address)
    const models = new Map((await provider.models(never)).map((model) => [model.key, model]))
    expect(models.get('mini')).toMatchObject({
      role: 'embedding',
      capabilities: ['embedding'],
      lacks: lacking('chat', 'remove'),
    })
    await provider.load('mini', { contextLength: 512 }, report, never)
    const texts = ['A cat sleeps on the sofa.', 'A kitten naps on the couch.', 'The stock market fell sharply today.']
    const { embeddings, promptTokens } = await provider.embed('mini', texts, never)
    const [cat = [], kitten = [], market = []] = embeddings
    expect(cat).toHaveLength(384)
    expect(promptTokens).toBeGreaterThan(10)
    expect(cosine(cat, kitten)).toBeGreaterThan(cosine(cat, market) + 0.2)
    await expect(provider.removal('mini', never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
  })

  test('a server that is killed is unreachable, and comes back with nothing loaded', async () => {
    const daemon = await startLemonadeDaemon({ lemond, modelsDir })
    const provider = connectForTest(daemon.address)
    const instance = await provider.load('tiny', { contextLength: 512 }, report, never)
    const answering = say(provider, 'tiny', 3_000, daemon.kill)
    await expect(answering).rejects.toMatchObject({ code: 'PROVIDER_BAD_ANSWER' })
    const unreachable = { code: 'PROVIDER_UNREACHABLE' }
    await expect(provider.status(never)).rejects.toMatchObject(unreachable)
    await expect(provider.models(never)).rejects.toMatchObject(unreachable)
    await expect(provider.instances(never)).rejects.toMatchObject(unreachable)
    await expect(provider.load('tiny', {}, report, never)).rejects.toMatchObject(unreachable)
    endLeftOver(instance.pid)
    await daemon.restart()
    expect(await provider.instances(never)).toEqual([])
    expect(await provider.load('tiny', {}, report, never)).toMatchObject({ state: 'loaded' })
    expect((await say(provider, 'tiny', 2)).at(-1)).toMatchObject(done)
  })
})

/** Its llama-server mostly ends with it; one that was in the middle of an answer may stay. */
const endLeftOver = (pid: number | null): void => {
  if (pid === null) return
  try {
    process.kill(pid)
  } catch {
    // it has ended
  }
}

const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
