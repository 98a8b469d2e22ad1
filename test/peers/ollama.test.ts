import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { resolveOllamaAddress } from '../../electron/providers/ollama/ollamaAddress.ts'
import { createOllamaProvider } from '../../electron/providers/ollama/ollamaProvider.ts'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'
import { lacking } from '../support/lacking.ts'

const host = process.env.OLLAMA_HOST

/** Process ids of its runners, by what they run; of Linux, where these servers are tried. */
const runnersOfOllama = async (): Promise<string[]> => {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args'])
  return stdout.split('\n').filter((line) => /llama-server --model .*blobs/.test(line))
}

/** Of vectors of length 1. */
const similarity = (a: readonly number[] = [], b: readonly number[] = []): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

/** Needs the models `tiny` (any small chat model) and `minilm` (any embedding model); unloads both. */
describe.skipIf(!host)(host ? `Ollama at ${host}` : 'Ollama at OLLAMA_HOST (not set: skipped)', () => {
  const { address } = resolveOllamaAddress(null, host)
  const config = { id: 'ollama', name: 'Ollama', address, apiKey: () => null, hidePaid: false, now: Date.now }
  const provider = createOllamaProvider(config)
  const never = new AbortController().signal
  const tiny = 'tiny:latest'
  const minilm = 'minilm:latest'
  const report = () => {}
  const unloadAll = async () => {
    await provider.unload(tiny, null, never)
    await provider.unload(minilm, null, never)
  }
  const instanceOf = async (key: string) => (await provider.instances(never)).find((instance) => instance.key === key)
  const chat = async (maxTokens: number, signal = never) => {
    const chunks: ProviderChatChunk[] = []
    const request = { messages: [{ role: 'user' as const, content: 'Say hello.' }], maxTokens }
    for await (const chunk of provider.chat(tiny, request, signal)) chunks.push(chunk)
    return chunks
  }

  beforeEach(unloadAll)
  afterAll(async () => {
    await unloadAll()
    await provider.close()
  })

  test('it answers with its version', async () => {
    expect(await provider.status(never)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      latencyMs: expect.any(Number),
    })
  })

  test('the list tells the chat model from the embedding model', async () => {
    const models = new Map((await provider.models(never)).map((model) => [model.key, model]))
    expect(models.get(tiny)).toMatchObject({
      role: 'llm',
      loadable: true,
      lacks: lacking('embed', 'push'),
      contextLength: expect.any(Number),
    })
    expect(models.get(minilm)).toMatchObject({
      role: 'embedding',
      loadable: true,
      lacks: lacking('chat', 'push'),
      contextLength: 512,
    })
  })

  test('the list tells where the weights lie, and that place is named by their own hash', async () => {
    for (const { key, path, weightsSha256 } of await provider.models(never)) {
      const hash = createHash('sha256')
      for await (const piece of createReadStream(path ?? key)) hash.update(piece)
      expect(hash.digest('hex'), key).toBe(weightsSha256)
    }
  })

  test('details have facts, metadata and the template', async () => {
    const details = await provider.details(tiny, never)
    expect(details.groups.map(({ title }) => title)).toEqual(expect.arrayContaining(['Identity', 'Architecture']))
    expect(details.metadata.length).toBeGreaterThan(10)
    expect(details.chatTemplate).toContain('.Messages')
  })

  test('a load with options shows in the instances with memory and expiry, and an unload takes it out', async () => {
    const options = { contextLength: 2048, threads: 1, keepAlive: 300 }
    const instance = await provider.load(tiny, options, report, never)
    expect(instance).toMatchObject({ state: 'loaded', contextLength: 2048, options })
    expect(instance.memory.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)).toBeGreaterThan(1e6)
    expect(Math.abs(Number(instance.expiresAt) - Date.now() - 300_000)).toBeLessThan(30_000)
    expect(await instanceOf(tiny)).toEqual(instance)
    await provider.unload(tiny, null, never)
    expect(await instanceOf(tiny)).toBeUndefined()
  })

  test('a chat answers with figures and does not load the model anew', async () => {
    await provider.load(tiny, { contextLength: 1024, threads: 1, keepAlive: 'forever' }, report, never)
    const last = (await chat(8)).at(-1)
    expect(last).toMatchObject({
      type: 'done',
      usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
      timings: { ttftMs: expect.any(Number), tokensPerSecond: expect.any(Number) },
    })
    // a reload would have taken the default context and keep-alive
    expect(await instanceOf(tiny)).toMatchObject({ contextLength: 1024, expiresAt: 'never' })
  })

  test('a chat with a model that somebody else loaded keeps its context', async () => {
    await provider.load(tiny, { contextLength: 1024 }, report, never)
    const other = createOllamaProvider(config)
    for await (const _ of other.chat(tiny, { messages: [{ role: 'user', content: 'x' }], maxTokens: 2 }, never));
    await other.close()
    expect(await instanceOf(tiny)).toMatchObject({ contextLength: 1024 })
  })

  test('cancelling an answer ends it', async () => {
    await provider.load(tiny, {}, report, never)
    const controller = new AbortController()
    const answer = async () => {
      const request = { messages: [{ role: 'user' as const, content: 'x' }], maxTokens: 100_000 }
      for await (const _ of provider.chat(tiny, request, controller.signal)) controller.abort()
    }
    await expect(answer()).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(provider.unload(tiny, null, never)).resolves.toBeUndefined() // nothing uses it any more
  })

  test('cancelling a load leaves nothing behind, at whatever moment', async () => {
    for (const delayMs of [0, 5, 20, 60, 120, 200]) {
      const loading = provider.load(tiny, {}, report, AbortSignal.timeout(delayMs))
      const loaded = await loading.then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'CANCELLED' })
          return false
        },
      )
      if (!loaded) expect(await instanceOf(tiny)).toBeUndefined()
      await provider.unload(tiny, null, never)
    }
  })

  test('an embedding model loads', async () => {
    const instance = await provider.load(minilm, { keepAlive: 60 }, report, never)
    expect(instance).toMatchObject({ key: minilm, state: 'loaded', contextLength: 512 })
  })

  test('two sentences of one meaning are closer than two of different ones', async () => {
    await provider.load(minilm, {}, report, never)
    const input = ['A cat sleeps on the sofa.', 'A kitten is napping on the couch.', 'The stock market fell today.']
    const { embeddings, promptTokens } = await provider.embed(minilm, input, never)
    const [cat, kitten, market] = embeddings
    expect(cat).toHaveLength(384)
    expect(similarity(cat, kitten)).toBeGreaterThan(similarity(cat, market) + 0.3)
    expect(promptTokens).toBeGreaterThan(15)
  })

  test('a chat model has no embeddings, and a text above the context is an error, not cut', async () => {
    await expect(provider.embed(tiny, ['a'], never)).rejects.toMatchObject({ code: 'VERB_NOT_SUPPORTED' })
    await expect(provider.embed(minilm, ['word '.repeat(3_000)], never)).rejects.toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('exceeds the context length'),
    })
  })

  test('keep-alive is changed without loading anew, for chat and embedding models', async () => {
    await provider.load(tiny, { contextLength: 1024, threads: 1 }, report, never)
    await provider.load(minilm, { threads: 1 }, report, never)
    const runners = await runnersOfOllama()
    expect(runners).toHaveLength(2)
    for (const key of [tiny, minilm]) {
      await provider.keepAlive(key, 'forever', never)
      expect(await instanceOf(key)).toMatchObject({ expiresAt: 'never' })
      await provider.keepAlive(key, 120, never)
      expect(Math.abs(Number((await instanceOf(key))?.expiresAt) - Date.now() - 120_000)).toBeLessThan(30_000)
    }
    expect(await instanceOf(tiny)).toMatchObject({ contextLength: 1024, options: { keepAlive: 120 } })
    expect(await runnersOfOllama()).toEqual(runners)
  })

  test('keep-alive and embeddings of what somebody else loaded do not load it anew', async () => {
    await provider.load(tiny, {}, report, never)
    await provider.load(minilm, {}, report, never)
    const runners = await runnersOfOllama()
    const other = createOllamaProvider(config)
    await other.keepAlive(tiny, 'forever', never)
    await other.keepAlive(minilm, 300, never)
    await other.embed(minilm, ['a'], never)
    await other.close()
    expect(await runnersOfOllama()).toEqual(runners)
  })

  test('keep-alive of a model that is not loaded does not load it', async () => {
    await expect(provider.keepAlive(tiny, 60, never)).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
    expect(await instanceOf(tiny)).toBeUndefined()
  })

  test('keep-alive runs out by itself', async () => {
    await provider.load(tiny, { keepAlive: 1 }, report, never)
    await vi.waitFor(async () => expect(await instanceOf(tiny)).toBeUndefined(), { timeout: 30_000, interval: 250 })
  })

  test('a model that is not there is named', async () => {
    await expect(provider.load('berth-no-such-model', {}, report, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('berth-no-such-model'),
    })
  })
})
