import { mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { bytesSource } from '../byteSource.ts'
import { type FolderSource, openFolderSource } from '../folderSource.ts'
import { FormatError } from '../formatError.ts'
import { ggufFormat } from '../gguf/ggufFormat.ts'
import { safetensorsFormat } from '../safetensors/safetensorsFormat.ts'
import { inspectFolder } from './inspectFolder.ts'
import { type Files, inspectFiles, safetensors, tinyConfig, tinyModel, tinyTensors } from './testFolder.ts'

const rounds = Math.ceil(Number(process.env.BERTH_FUZZ ?? 3000) / 4)
const seed = Number(process.env.BERTH_SEED ?? 20_261_121)

const bytesOf = (content: Files[string]): Uint8Array =>
  content instanceof Uint8Array ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))

/** A folder without a disk. */
const inMemory = (files: ReadonlyMap<string, Uint8Array>): FolderSource => ({
  name: 'model',
  list: async () =>
    [...files]
      .map(([name, { length }]) => ({ name, sizeBytes: length, modifiedAt: 0 }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  open: async (name) => {
    const bytes = files.get(name)
    if (bytes === undefined) throw new FormatError('FILE_MISSING', 'gone')
    return {
      ...bytesSource(bytes),
      modifiedAt: 0,
      hardLinks: 1,
      isThroughLink: false,
      identity: name,
      close: async () => {},
    }
  },
})

const pipeline: Files = {
  'model_index.json': { _class_name: 'StableDiffusionPipeline', unet: ['diffusers', 'UNet2DConditionModel'] },
  'unet/config.json': { _class_name: 'UNet2DConditionModel' },
  'unet/diffusion_pytorch_model.safetensors': safetensors({ 'conv_in.weight': ['BF16', 4, 4, 3, 3] }),
}
const sharded: Files = {
  'config.json': tinyConfig,
  'model-00001-of-00001.safetensors': safetensors(tinyTensors),
  'model.safetensors.index.json': {
    weight_map: Object.fromEntries(Object.keys(tinyTensors).map((name) => [name, 'model-00001-of-00001.safetensors'])),
  },
  'modules.json': [{ idx: 0, path: '1_Pooling', type: 'sentence_transformers.models.Pooling' }],
  '1_Pooling/config.json': { pooling_mode_mean_tokens: true },
}

describe('a damaged folder', () => {
  it(`gives an inspection or a named error, ${rounds} times (BERTH_SEED=${seed})`, async () => {
    const whole = [tinyModel, pipeline, sharded].map(
      (files) => new Map(Object.entries(files).map(([name, content]) => [name, bytesOf(content)])),
    )
    const edit = fc.tuple(
      fc.nat(),
      fc.nat(),
      fc.nat(80),
      fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc
          .constantFrom('{', '}', '"', '[', '1e99', 'null', '-1', '9007199254740993', '"__proto__":')
          .map((text) => Buffer.from(text)),
      ),
    )
    const remove = fc.option(fc.nat(), { nil: null, freq: 4 })
    let inspected = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...whole),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        remove,
        async (files, edits, removed) => {
          const damaged = new Map(files)
          const names = [...files.keys()]
          for (const [file, at, length, put] of edits) {
            const name = names[file % names.length] ?? ''
            const bytes = Buffer.from(damaged.get(name) ?? new Uint8Array(0))
            const from = at % (bytes.length + 1)
            damaged.set(name, Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + length)]))
          }
          if (removed !== null) damaged.delete(names[removed % names.length] ?? '')
          const start = cpuMs()
          try {
            structuredClone(await inspectFolder(inMemory(damaged), [ggufFormat, safetensorsFormat]))
            inspected++
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
          }
          expect(cpuMs() - start).toBeLessThan(1000)
        },
      ),
      { numRuns: rounds, seed },
    )
    expect(inspected).toBeGreaterThan(rounds / 2)
  }, 300_000)
})

describe('a folder made to hurt its reader', () => {
  const timed = async (files: Files) => {
    const start = cpuMs()
    const found = await inspectFiles(files)
    expect(cpuMs() - start).toBeLessThan(1000)
    return found.summary.checks.filter(({ outcome }) => outcome !== 'passed').map(({ code }) => code)
  }

  it('by a configuration nested without end is told so', async () => {
    expect(await timed({ ...tinyModel, 'tokenizer_config.json': '['.repeat(1_000_000) })).toContain('bad-json')
  })

  it('by a tokenizer nested without end is told so', async () => {
    expect(await timed({ ...tinyModel, 'tokenizer.json': '{"model":'.repeat(100_000) })).toContain('bad-json')
  })

  it('by a million layers and heads in numbers makes no lists of them', async () => {
    const config = {
      ...tinyConfig,
      num_hidden_layers: 2 ** 50,
      sliding_window: 4,
      model_type: 'mistral',
      hybrid_override_pattern: 'M'.repeat(1000),
    }
    expect(await timed({ ...tinyModel, 'config.json': config })).toContain('layers-differ')
  })

  it('by names of other places reads nothing there', async () => {
    const opened: string[] = []
    const path = await realpath(await mkdtemp(join(tmpdir(), 'berth-empty-')))
    const real = openFolderSource(path, 'x')
    const files = new Map(
      Object.entries({
        ...pipeline,
        'model_index.json': {
          _class_name: 'P',
          '../../etc': ['diffusers', 'UNet2DConditionModel'],
          '/etc/passwd': ['../x', 'Y'],
        },
      }).map(([name, content]) => [name, bytesOf(content)]),
    )
    const memory = inMemory(files)
    const folder: FolderSource = {
      ...memory,
      open: async (name) => {
        opened.push(name)
        return files.has(name) ? await memory.open(name) : await real.open(name)
      },
    }
    const found = await inspectFolder(folder, [safetensorsFormat])
    expect(opened.filter((name) => !files.has(name))).toEqual([])
    expect(found.summary.checks.map(({ code }) => code)).toContain('component-missing')
  })

  it('leaves every object as it was', async () => {
    await timed({
      ...tinyModel,
      'config.json': `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(tinyConfig).slice(1)}`,
      'README.md': '---\n__proto__: polluted\nconstructor: x\n---\n',
      'tokenizer.json':
        '{"__proto__":{"polluted":1},"added_tokens":[{"__proto__":1,"id":3}],"model":{"vocab":{"__proto__":1}}}',
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('by a model card of a million lines is read to the end of patience', async () => {
    expect(await timed({ ...tinyModel, 'README.md': `---\n${'- a\n'.repeat(1_000_000)}---\n` })).toEqual([])
  })

  it('and large vocabularies are gone through without being kept', async () => {
    const vocab = Object.fromEntries(
      Array.from({ length: 300_000 }, (_, index) => [`token-${index}-${'x'.repeat(20)}`, index]),
    )
    const files = { ...tinyModel, 'tokenizer.json': JSON.stringify({ model: { type: 'BPE', vocab } }) }
    expect(await timed(files)).toContain('vocabulary-too-large')
  })
})
