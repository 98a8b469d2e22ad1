import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { resolveOllamaAddress } from '../../electron/providers/ollama/ollamaAddress.ts'
import { createOllamaProvider } from '../../electron/providers/ollama/ollamaProvider.ts'
import { connectOllama, recordReports } from '../support/ollamaConnection.ts'
import { tempDir } from '../support/tempDir.ts'
import { startProxy } from '../support/toxiproxy.ts'

const host = process.env.OLLAMA_HOST
const toxiproxy = process.env.TOXIPROXY_URL
const never = new AbortController().signal
const ignore = () => {}
const tiny = 'tiny:latest'

/** Needs the model `tiny`. */
describe.skipIf(!host || !toxiproxy)(
  host && toxiproxy ? `Ollama at ${host} through toxiproxy` : 'OLLAMA_HOST, TOXIPROXY_URL (not set: skipped)',
  () => {
    const { address } = resolveOllamaAddress(null, host)
    const config = { id: 'ollama', name: 'Ollama', address, apiKey: () => null, hidePaid: false, now: Date.now }
    /** past the proxy */
    const direct = createOllamaProvider(config)
    const proxied = () => startProxy(toxiproxy ?? '', address)
    const chat = (provider: ReturnType<typeof connectOllama>, maxTokens: number) =>
      provider.chat(tiny, { messages: [{ role: 'user', content: 'x' }], maxTokens }, never)
    const clean = async () => {
      await direct.unload(tiny, null, never)
      for (const { key } of await direct.models(never)) if (key.startsWith('berth-')) await direct.remove(key, never)
    }
    beforeEach(clean)
    afterAll(async () => {
      await clean()
      await direct.close()
    })

    test('with 2 s of latency everything works, later', async () => {
      const proxy = await proxied()
      const provider = connectOllama(proxy.address)
      await proxy.add({ type: 'latency', attributes: { latency: 2_000 } })
      const { latencyMs } = await provider.status(never)
      expect(latencyMs).toBeGreaterThan(1_900)
      const startedAt = performance.now()
      expect((await provider.models(never)).map(({ key }) => key)).toContain(tiny)
      expect(performance.now() - startedAt).toBeLessThan(12_000)
      await provider.load(tiny, { contextLength: 512 }, ignore, never)
      expect(await provider.instances(never)).toMatchObject([{ key: tiny, state: 'loaded' }])
      let last: unknown
      for await (const chunk of chat(provider, 4)) last = chunk
      expect(last).toMatchObject({ type: 'done', usage: { completionTokens: expect.any(Number) } })
    })

    test('at 1 KB/s the list and an answer arrive whole, and no model is lost for its slow description', async () => {
      const proxy = await proxied()
      await direct.load(tiny, { contextLength: 512 }, ignore, never)
      const provider = connectOllama(proxy.address)
      await proxy.add({ type: 'bandwidth', attributes: { rate: 1 } })
      expect(await provider.status(never)).toMatchObject({ version: expect.any(String) })
      const listed = (await provider.models(never)).map(({ key }) => key)
      expect(listed).toEqual((await direct.models(never)).map(({ key }) => key))
      let text = ''
      for await (const chunk of chat(provider, 6)) if (chunk.type === 'text') text += chunk.text
      expect(text).not.toBe('')
    })

    test('a reset in the middle of an answer ends it at once with what happened, and the next call works', async () => {
      const proxy = await proxied()
      await direct.load(tiny, { contextLength: 512 }, ignore, never)
      const provider = connectOllama(proxy.address)
      const answer = async () => {
        for await (const _ of chat(provider, 100_000))
          await proxy.add({ type: 'reset_peer', attributes: { timeout: 0 } }).catch(() => {}) // it is there already
      }
      await expect(answer()).rejects.toMatchObject({
        code: 'PROVIDER_BAD_ANSWER',
        message: expect.stringContaining('broke off in the middle'),
      })
      await proxy.clear()
      expect(await provider.status(never)).toMatchObject({ version: expect.any(String) })
      await direct.unload(tiny, null, never) // nothing uses it any more
    })

    test('a connection that is held open and silent is given up in time, in an answer and before one', async () => {
      const proxy = await proxied()
      await direct.load(tiny, { contextLength: 512 }, ignore, never)
      const provider = connectOllama(proxy.address, { idleMs: 1_000, answerMs: 1_000, loadMs: 2_000 })
      const answer = async () => {
        for await (const _ of chat(provider, 100_000))
          await proxy.add({ type: 'timeout', attributes: { timeout: 0 } }).catch(() => {}) // it is there already
      }
      const startedAt = performance.now()
      await expect(answer()).rejects.toMatchObject({
        code: 'PROVIDER_TIMEOUT',
        message: expect.stringContaining('in the middle of its answer'),
      })
      await expect(provider.status(never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
      await expect(provider.models(never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
      await expect(provider.load(tiny, {}, ignore, never)).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' })
      expect(performance.now() - startedAt).toBeLessThan(8_000)
      await proxy.clear()
      expect(await provider.models(never)).not.toEqual([])
    })

    test('an upload that is cut fails in words, and the next one is complete', async () => {
      const proxy = await proxied()
      const provider = connectOllama(proxy.address)
      const path = join(tempDir(), 'sample.gguf')
      const { sizeBytes } = await writeSampleModel(path, { seed: Date.now() % 4_000_000_000 })
      const source = { from: 'file' as const, path }
      await proxy.add({ type: 'limit_data', attributes: { bytes: 1_000_000 } }, 'upstream')
      await expect(provider.create({ key: 'berth-cut', source }, ignore, never)).rejects.toMatchObject({
        code: 'PROVIDER_UNREACHABLE',
        message: expect.stringContaining('closed the connection'),
      })
      await proxy.clear()
      const { report, reports } = recordReports()
      await provider.create({ key: 'berth-cut', source }, report, never)
      expect(reports.findLast(({ transfer }) => transfer !== null)?.transfer).toMatchObject({ doneBytes: sizeBytes })
      expect((await direct.models(never)).map(({ key }) => key)).toContain('berth-cut:latest')
    })

    test('a slow upload shows how far it is', async () => {
      const proxy = await proxied()
      const provider = connectOllama(proxy.address)
      const path = join(tempDir(), 'sample.gguf')
      await writeSampleModel(path, { seed: Date.now() % 4_000_000_000 })
      await proxy.add({ type: 'bandwidth', attributes: { rate: 2_000 } }, 'upstream')
      const { report, reports } = recordReports()
      await provider.create({ key: 'berth-slow', source: { from: 'file', path } }, report, never)
      const seen = reports.filter(({ text }) => text.startsWith('Uploading')).map(({ transfer }) => transfer?.doneBytes)
      expect(new Set(seen).size).toBeGreaterThan(4)
    })

    test('a pull whose connection is reset says so', async () => {
      const proxy = await proxied()
      const provider = connectOllama(proxy.address)
      await proxy.add({ type: 'limit_data', attributes: { bytes: 100 } })
      await expect(provider.pull({ name: 'berth-none' }, ignore, never)).rejects.toMatchObject({
        code: expect.stringMatching(/^PROVIDER_(BAD_ANSWER|UNREACHABLE)$/),
      })
    })
  },
)
