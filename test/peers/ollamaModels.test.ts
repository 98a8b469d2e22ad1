import { existsSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { writeSampleModel } from '../../electron/files/sampleModel.ts'
import { resolveOllamaAddress } from '../../electron/providers/ollama/ollamaAddress.ts'
import { lacking } from '../support/lacking.ts'
import { connectOllama, recordReports } from '../support/ollamaConnection.ts'
import { tempDir } from '../support/tempDir.ts'

const host = process.env.OLLAMA_HOST
const models = process.env.PEER_MODELS_DIR
const bert = join(models ?? '', '..', 'minilm')

const never = new AbortController().signal
const ignore = () => {}

/** Makes models of names that begin with `berth-`, and removes them; `tiny` must be there. */
describe.skipIf(!host)(
  host ? `models of Ollama at ${host}` : 'models of Ollama at OLLAMA_HOST (not set: skipped)',
  () => {
    const { address } = resolveOllamaAddress(null, host)
    type Provider = ReturnType<typeof connectOllama>
    const ours = async (provider: Provider) =>
      (await provider.models(never)).filter(({ key }) => /(^|\/)berth-/.test(key))
    const removeOurs = async () => {
      const provider = connectOllama(address)
      for (const { key } of await ours(provider)) {
        await provider.unload(key, null, never)
        await provider.remove(key, never)
      }
    }
    const say = async (provider: Provider, key: string) => {
      let text = ''
      const request = { messages: [{ role: 'user' as const, content: 'Say hello.' }], maxTokens: 12, seed: 1 }
      for await (const chunk of provider.chat(key, request, never)) if (chunk.type === 'text') text += chunk.text
      return text
    }
    const similarity = (a: readonly number[] = [], b: readonly number[] = []): number =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
    beforeEach(async () => {
      await removeOurs()
      return removeOurs
    })

    test('a generated GGUF becomes a model: created, loaded, seen in memory, tried, copied, removed', async () => {
      const provider = connectOllama(address)
      const path = join(tempDir(), 'sample.gguf')
      const { sizeBytes, parameterCount } = await writeSampleModel(path)
      const { report, texts, reports } = recordReports()
      const form = { system: 'Be brief.', license: 'CC0-1.0', parameters: { num_ctx: 1024, stop: ['<|im_end|>'] } }
      const key = await provider.create({ key: 'berth-sample', source: { from: 'file', path }, ...form }, report, never)
      expect(key).toBe('berth-sample:latest')
      expect(texts()).toEqual(expect.arrayContaining(['Uploading sample.gguf', 'Writing the manifest', 'Done']))
      expect(reports.findLast(({ text }) => text === 'Ollama has sample.gguf')?.transfer).toMatchObject({
        doneBytes: sizeBytes,
        totalBytes: sizeBytes,
      })
      const [model] = await ours(provider)
      expect(model).toMatchObject({ key, role: 'llm', loadable: true, parameterCount, lacks: lacking('embed', 'push') })
      expect(existsSync(model?.path ?? '')).toBe(true)
      const details = await provider.details(key, never)
      expect(details.groups.flatMap(({ facts }) => facts)).toContainEqual(
        expect.objectContaining({ label: 'System prompt', value: 'Be brief.' }),
      )

      const instance = await provider.load(key, { threads: 1 }, ignore, never)
      expect(instance).toMatchObject({ state: 'loaded', contextLength: 1024 }) // its own parameter
      expect(instance.memory.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)).toBeGreaterThan(1e6)
      expect((await provider.facts(never)).flatMap(({ facts }) => facts.map(({ label }) => label))).toContain(key)
      expect(await say(provider, key)).not.toBe('')

      expect(await provider.removal(key, never)).toMatchObject({
        freedBytes: model?.sizeBytes,
        sharedWith: [],
        alsoRemoved: [],
        notes: ['It is loaded now and will be unloaded first.'],
      })
      expect(await provider.copy(key, 'berth-me/berth-second:v1', never)).toBe('berth-me/berth-second:v1')
      await expect(provider.copy(key, 'BERTH-sample', never)).rejects.toMatchObject({ code: 'MODEL_EXISTS' })
      expect(await provider.removal(key, never)).toMatchObject({
        freedBytes: 0,
        sharedWith: ['berth-me/berth-second:v1'],
      })
      const [first, second] = (await ours(provider)).map(({ weightsSha256 }) => weightsSha256)
      expect(first).toMatch(/^[0-9a-f]{64}$/)
      expect(second).toBe(first)

      await provider.unload(key, null, never)
      await provider.remove(key, never)
      expect((await ours(provider)).map((left) => left.key)).toEqual(['berth-me/berth-second:v1'])
      await expect(provider.details(key, never)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
      await provider.remove('berth-me/berth-second:v1', never)
      expect(await ours(provider)).toEqual([])
      expect(existsSync(model?.path ?? '')).toBe(false) // the space is given back
    })

    test('a model is made from another one with other parameters', async () => {
      const provider = connectOllama(address)
      const source = { from: 'model' as const, key: 'TINY' }
      const parameters = { num_ctx: 512, temperature: 0 }
      await provider.create({ key: 'berth-short', source, parameters }, ignore, never)
      expect(await provider.load('berth-short:latest', {}, ignore, never)).toMatchObject({ contextLength: 512 })
      await expect(
        provider.create({ key: 'berth-no', source, quantization: 'q4_K_M' }, ignore, never),
      ).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('F16') })
      await expect(
        provider.create({ key: 'berth-no', source: { from: 'model', key: 'berth-none' } }, ignore, never),
      ).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    })

    test.skipIf(!models)('a model of F16 is quantised while it is made (PEER_MODELS_DIR)', async () => {
      const provider = connectOllama(address)
      const path = join(models ?? '', 'all-minilm-l6-v2-f16.gguf')
      const { report, texts } = recordReports()
      await provider.create({ key: 'berth-q8', source: { from: 'file', path }, quantization: 'q8_0' }, report, never)
      expect(await ours(provider)).toMatchObject([{ key: 'berth-q8:latest', quantization: 'Q8_0', role: 'embedding' }])
      expect(texts().at(-1)).toBe('Done')
    })

    test('a file that is no GGUF inside is refused in words, and nothing is listed', async () => {
      const provider = connectOllama(address)
      const path = join(tempDir(), 'cut.gguf')
      await writeSampleModel(path)
      truncateSync(path, 2_000)
      await expect(
        provider.create({ key: 'berth-cut', source: { from: 'file', path } }, ignore, never),
      ).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('ends too early') })
      expect(await ours(provider)).toEqual([])
    })

    test('a name that Ollama would not find again cannot be given', async () => {
      const provider = connectOllama(address)
      for (const to of ['berth-x:local', 'berth-x:cloud', 'berth x', 'a.b/berth-x', `berth-${'x'.repeat(80)}`])
        await expect(provider.copy('tiny:latest', to, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
    })

    test.skipIf(!models || !existsSync(bert))(
      'a safetensors folder becomes an embedding model that tells meanings apart (PEER_MODELS_DIR)',
      async () => {
        const provider = connectOllama(address)
        const { report, texts } = recordReports()
        const key = await provider.create(
          { key: 'berth-minilm', source: { from: 'folder', path: bert } },
          report,
          never,
        )
        expect(texts()).toEqual(
          expect.arrayContaining(['Ollama has model.safetensors', 'Converting the weights to GGUF']),
        )
        const [model] = await ours(provider)
        expect(model).toMatchObject({ key, role: 'embedding', contextLength: 512, lacks: lacking('chat', 'push') })
        await provider.load(key, {}, ignore, never)
        const input = ['The weather is lovely today.', 'It is so sunny outside!', 'He drove to the stadium.']
        const { embeddings } = await provider.embed(key, input, never)
        const [lovely, sunny, stadium] = embeddings
        expect(similarity(lovely, sunny)).toBeGreaterThan(similarity(lovely, stadium) + 0.3)
      },
    )

    test('a pull without a network says that the registry could not be reached', async () => {
      const provider = connectOllama(address)
      const { report, texts } = recordReports()
      // no such host anywhere, so it is refused with a network too
      const pulling = provider.pull({ name: 'berth-registry.invalid/library/berth-none' }, report, never)
      await expect(pulling).rejects.toMatchObject({
        code: 'PROVIDER_ERROR',
        message: expect.stringContaining('could not reach the registry'),
        details: { status: 200 },
      })
      expect(texts()).toEqual(['Reading the manifest'])
    })

    test('a push needs a namespace, and without a network says so', async () => {
      const provider = connectOllama(address)
      await expect(provider.push('tiny:latest', false, ignore, never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
      const name = 'berth-registry.invalid/me/berth-tiny'
      await provider.copy('tiny:latest', name, never)
      await expect(provider.push(`${name}:latest`, false, ignore, never)).rejects.toMatchObject({
        code: 'PROVIDER_ERROR',
        message: expect.stringContaining('could not reach the registry'),
      })
    })
  },
)
