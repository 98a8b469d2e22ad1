import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { resolveOllamaAddress } from '../../electron/providers/ollama/ollamaAddress.ts'
import { createOllamaProvider } from '../../electron/providers/ollama/ollamaProvider.ts'
import type { ProviderChatChunk } from '../../electron/providers/provider.ts'

const host = process.env.OLLAMA_HOST

/** Needs the models `tiny` (any small chat model) and `minilm` (any embedding model); unloads both. */
describe.skipIf(!host)(host ? `Ollama at ${host}` : 'Ollama at OLLAMA_HOST (not set: skipped)', () => {
  const { address } = resolveOllamaAddress(null, host)
  const provider = createOllamaProvider({
    id: 'ollama',
    name: 'Ollama',
    address,
    key: () => null,
    hidePaid: false,
    now: Date.now,
  })
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
      chat: true,
      contextLength: expect.any(Number),
    })
    expect(models.get(minilm)).toMatchObject({ role: 'embedding', loadable: true, chat: false, contextLength: 512 })
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
    const other = createOllamaProvider({ ...provider, now: Date.now })
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
