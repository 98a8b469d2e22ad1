import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { resolveOllamaAddress } from '../../electron/providers/ollama/ollamaAddress.ts'
import { lacking } from '../support/lacking.ts'
import { connectOllama, recordReports } from '../support/ollamaConnection.ts'
import { startOllamaRegistry } from '../support/ollamaRegistry.ts'
import { tempDir } from '../support/tempDir.ts'

const host = process.env.OLLAMA_HOST
const never = new AbortController().signal

/** Ollama downloads from a registry of ours, which must be on the same machine. */
describe.skipIf(!host)(
  host ? `pulls of Ollama at ${host}` : 'pulls of Ollama at OLLAMA_HOST (not set: skipped)',
  () => {
    const { address } = resolveOllamaAddress(null, host)

    test('a pull is cancelled, goes on where it was, and ends with a model that loads', async () => {
      const path = join(tempDir(), 'sample.gguf')
      await writeSampleModel(path, { targetBytes: 20_000_000, seed: Date.now() % 4_000_000_000 })
      const weights = await readFile(path)
      const registry = await startOllamaRegistry(weights, 20)
      const provider = connectOllama(address)
      const name = `${registry.host}/berth/remote`
      onTestFinished(async () => {
        const cleaner = connectOllama(address)
        await cleaner.unload(`${name}:latest`, null, never).catch(() => {}) // it may not have come so far
        await cleaner.remove(`${name}:latest`, never).catch(() => {})
      })

      const controller = new AbortController()
      const first = recordReports()
      const pulling = provider.pull(
        { name, insecure: true },
        (text, transfer) => {
          first.report(text, transfer)
          if (transfer !== null && transfer.doneBytes > weights.length / 2) controller.abort()
        },
        controller.signal,
      )
      await expect(pulling).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(await provider.models(never).then((list) => list.some(({ key }) => key.startsWith(name)))).toBe(false)
      const seen = first.reports.flatMap(({ transfer }) => transfer?.doneBytes ?? [])
      expect(new Set(seen).size).toBeGreaterThan(3)
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      expect(first.last()).toMatchObject({ totalBytes: weights.length, parts: [{ totalBytes: weights.length }] })

      registry.state.waitMs = 1
      registry.state.servedBytes = 0
      const second = recordReports()
      expect(await provider.pull({ name, insecure: true }, second.report, never)).toBe(`${name}:latest`)
      expect(registry.state.servedBytes).toBeLessThan(weights.length * 0.9) // the rest was there
      expect(second.texts()).toEqual(
        expect.arrayContaining([
          'Reading the manifest',
          'Checking what was downloaded',
          'Writing the manifest',
          'Done',
        ]),
      )
      expect(second.last()?.doneBytes).toBe(second.last()?.totalBytes)
      const [model] = (await provider.models(never)).filter(({ key }) => key === `${name}:latest`)
      expect(model).toMatchObject({ role: 'llm', loadable: true, lacks: lacking('embed') })
      expect(await provider.load(`${name}:latest`, { contextLength: 512 }, () => {}, never)).toMatchObject({
        state: 'loaded',
      })
    })

    test('a model that the registry does not have is named as such', async () => {
      const registry = await startOllamaRegistry(Buffer.from('GGUF'), 0)
      const pulling = connectOllama(address).pull(
        { name: `${registry.host}/berth/nothing`, insecure: true },
        () => {},
        never,
      )
      await expect(pulling).rejects.toMatchObject({
        code: 'MODEL_NOT_FOUND',
        message: expect.stringContaining('no model of this name'),
      })
    })

    test('what arrives damaged is refused in words, and not listed', async () => {
      const registry = await startOllamaRegistry(Buffer.from('GGUF'.repeat(500_000)), 1)
      registry.state.damaged = true
      const provider = connectOllama(address)
      const name = `${registry.host}/berth/remote`
      await expect(provider.pull({ name, insecure: true }, () => {}, never)).rejects.toMatchObject({
        code: 'PROVIDER_ERROR',
        message: expect.stringContaining('What arrived is not what was sent'),
      })
      expect((await provider.models(never)).some(({ key }) => key.startsWith(name))).toBe(false)
    })
  },
)
