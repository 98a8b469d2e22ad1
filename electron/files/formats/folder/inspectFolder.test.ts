import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFolderSource } from '../folderSource.ts'
import type { ModelFileFormat } from '../format.ts'
import type { Inspection } from '../modelFile.ts'
import { safetensorsFormat } from '../safetensors/safetensorsFormat.ts'
import { inspectFolder } from './inspectFolder.ts'
import { repositoryOf, storeRootOf } from './storeRoot.ts'
import {
  type Files,
  inspectFiles,
  makeFolder,
  safetensors,
  type TensorSpec,
  tinyConfig,
  tinyModel,
  tinyTensors,
} from './testFolder.ts'

const bad = ({ summary }: Inspection) =>
  summary.checks.filter(({ outcome }) => outcome !== 'passed').map(({ outcome, code }) => `${outcome} ${code}`)
const fact = ({ facts }: Inspection, label: string) =>
  facts.flatMap((group) => group.facts).find((one) => one.label === label) ?? null
const without = (files: Files, ...names: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)))
const elements = Object.values(tinyTensors).reduce(
  (sum, [, ...shape]) => sum + shape.reduce((product, length) => product * length, 1),
  0,
)

describe('a folder of transformers', () => {
  it('that is whole has no warnings', async () => {
    const found = await inspectFiles(tinyModel)
    expect(bad(found)).toEqual([])
    expect(found.summary).toMatchObject({
      format: 'Hugging Face model',
      role: 'llm',
      loadable: false,
      architecture: 'llama',
      capabilities: ['completion', 'chat', 'tools'],
      parameterCount: elements,
      activeParameterCount: elements,
      contextLength: 64,
      tokenizer: 'BPE',
      license: 'apache-2.0',
      baseModels: ['org/base'],
      tensorCount: 18,
    })
    expect(found.templates).toMatchObject([{ name: 'default', source: 'tokenizer_config.json: chat_template' }])
    expect(found.tensors[0]).toMatchObject({ file: 'model.safetensors', shape: [10, 8] })
    structuredClone(found)
  })

  it('in PyTorch’s own files is put together by its index', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../../../../test/fixtures/torch/${name}`, import.meta.url))
    const names = [1, 2].map((part) => `pytorch_model-0000${part}-of-00002.bin`)
    const index = 'pytorch_model.bin.index.json'
    const files = Object.fromEntries([...names, index].map((name) => [name, fixture(name)]))
    const model = { ...without(tinyModel, 'model.safetensors'), ...files }
    const found = await inspectFiles(model)
    expect(found.summary).toMatchObject({ parameterCount: 24, tensorCount: 4 })
    expect(found.tensors.find(({ name }) => name === 'two.weight')?.file).toBe(names[1])
    expect(found.summary.checks.map(({ code }) => code)).toContain('set-complete')
    expect(bad(await inspectFiles(without(model, names[1] ?? '')))).toContain('broken part-missing')
  })

  it('gives the memory estimate what it needs', async () => {
    const { geometry } = (await inspectFiles(tinyModel)).summary
    expect(geometry).toMatchObject({ blockCount: 2, headCountKv: 1, keyLength: 4 })
    const { weights } = geometry ?? {}
    expect(weights).toMatchObject({ total: elements * 2, tokenEmbedding: 160, tiedEmbeddings: true, other: 16 })
    expect(weights?.layers).toHaveLength(2)
    expect((weights?.layers ?? []).reduce((sum, bytes) => sum + bytes, 0)).toBe(elements * 2 - 160 - 16)
  })

  it('says where every fact stands', async () => {
    const found = await inspectFiles(tinyModel)
    expect(fact(found, 'Licence')).toMatchObject({ value: 'apache-2.0', source: 'README.md: license' })
    expect(fact(found, 'Licence file')?.value).toBe('LICENSE')
    expect(fact(found, 'Languages')?.value).toBe('en, de')
    expect(fact(found, 'Tokenizer')?.value).toBe('BPE (tokenizer.json)')
    expect(fact(found, 'Generation settings')?.value).toBe('generation_config.json')
  })

  it.each([
    [
      'without a tokenizer cannot chat',
      without(tinyModel, 'tokenizer.json', 'tokenizer_config.json'),
      'warning no-tokenizer',
    ],
    [
      'of another width is broken',
      { ...tinyModel, 'config.json': { ...tinyConfig, hidden_size: 16, head_dim: 4 } },
      'broken width-differs',
    ],
    [
      'with fewer rows than tokens is broken',
      { ...tinyModel, 'config.json': { ...tinyConfig, vocab_size: 11 } },
      'broken vocabulary-differs',
    ],
    [
      'with fewer layers than it says is broken',
      { ...tinyModel, 'config.json': { ...tinyConfig, num_hidden_layers: 3 } },
      'broken layers-differ',
    ],
    [
      'with more layers than it says is a warning',
      { ...tinyModel, 'config.json': { ...tinyConfig, num_hidden_layers: 1 } },
      'warning layers-differ',
    ],
    [
      'that says it is packed and is not is a warning',
      { ...tinyModel, 'config.json': { ...tinyConfig, quantization_config: { quant_method: 'gptq', bits: 4 } } },
      'warning not-quantised',
    ],
    [
      'with ids beyond its vocabulary is a warning',
      { ...tinyModel, 'tokenizer.json': { model: { type: 'BPE', vocab: { a: 12 } } } },
      'warning vocabulary-too-large',
    ],
    [
      'with an added token beyond it is a note',
      { ...tinyModel, 'tokenizer.json': { added_tokens: [{ id: 10 }], model: { type: 'BPE', vocab: { a: 9 } } } },
      'note added-token-outside',
    ],
    ['with a broken tokenizer is broken', { ...tinyModel, 'tokenizer.json': '{"model": {' }, 'broken bad-json'],
    ['with a broken side file is broken', { ...tinyModel, 'tokenizer_config.json': '{' }, 'broken bad-json'],
    [
      'with a key twice is a warning',
      { ...tinyModel, 'generation_config.json': '{"a":1,"a":2}' },
      'warning duplicate-key',
    ],
    [
      'that wants code of its own is a warning',
      { ...tinyModel, 'config.json': { ...tinyConfig, auto_map: { AutoModel: 'm.M' } }, 'm.py': 'x' },
      'warning custom-code',
    ],
    [
      'whose tokenizer wants code is a warning',
      { ...tinyModel, 'tokenizer_config.json': { auto_map: { AutoTokenizer: ['t.T', null] } }, 't.py': 'x' },
      'warning custom-code',
    ],
    [
      'that MLX runs code of is dangerous',
      { ...tinyModel, 'config.json': { ...tinyConfig, model_file: 'm.py' }, 'm.py': 'x' },
      'dangerous model-file',
    ],
    ['with Python that nobody asks for is a note', { ...tinyModel, 'train.py': 'x' }, 'note python-files'],
    ['with a program is a warning', { ...tinyModel, 'run.exe': 'MZ' }, 'warning programs'],
    ['with code for writing is a warning', { ...tinyModel, 'custom_generate/generate.py': 'x' }, 'warning custom-code'],
    [
      'whose weights are a pointer is broken',
      { ...tinyModel, 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n' },
      'broken unreadable-weights',
    ],
    [
      'whose weights are cut is broken',
      { ...tinyModel, 'model.safetensors': safetensors(tinyTensors).subarray(0, -5) },
      'broken data-truncated',
    ],
    [
      'with an index to nowhere is broken',
      {
        ...without(tinyModel, 'model.safetensors'),
        'model.safetensors.index.json': { weight_map: { a: 'model-00001-of-00001.safetensors' } },
      },
      'broken unreadable-weights',
    ],
    [
      'with an index that leads out is dangerous',
      {
        ...without(tinyModel, 'model.safetensors'),
        'model.safetensors.index.json': { weight_map: { a: '../../secret' } },
      },
      'dangerous path-escapes',
    ],
  ])('%s', async (_, files, expected) => {
    expect(bad(await inspectFiles(files))).toContain(expected)
  })

  it('names the file of every finding', async () => {
    const { summary } = await inspectFiles({ ...tinyModel, 'generation_config.json': '{"a":1,"a":2}' })
    const finding = summary.checks.find(({ code }) => code === 'duplicate-key')
    expect(finding?.evidence).toMatchObject({ file: 'generation_config.json', text: 'a' })
  })

  it('in several files is one model', async () => {
    const names = Object.keys(tinyTensors)
    const part = (from: number, to: number) => Object.fromEntries(Object.entries(tinyTensors).slice(from, to))
    const file = (index: number) => `model-0000${index < 9 ? 1 : 2}-of-00002.safetensors`
    const found = await inspectFiles({
      ...without(tinyModel, 'model.safetensors'),
      'model-00001-of-00002.safetensors': safetensors(part(0, 9), { format: 'pt' }),
      'model-00002-of-00002.safetensors': safetensors(part(9, 18), { format: 'pt' }),
      'model.safetensors.index.json': {
        metadata: { total_size: elements * 2 },
        weight_map: Object.fromEntries(names.map((name, index) => [name, file(index)])),
      },
    })
    expect(bad(found)).toEqual([])
    expect(found.summary).toMatchObject({ parameterCount: elements, tensorCount: 18 })
    expect(new Set(found.tensors.map((row) => row.file)).size).toBe(2)
  })

  it('takes its templates from everywhere, and tells when the defaults differ', async () => {
    const found = await inspectFiles({
      ...tinyModel,
      'chat_template.jinja': '{{ messages }}',
      'chat_template.json': { chat_template: '{{ messages }}' },
      'additional_chat_templates/rag.jinja': '{{ documents }}',
      'tokenizer_config.json': {
        chat_template: [
          { name: 'default', template: '{{ x }}' },
          { name: 'tool_use', template: '{{ tools }}' },
        ],
      },
    })
    expect(found.templates.map(({ name, source }) => `${name} ${source}`)).toEqual([
      'default chat_template.jinja',
      'rag additional_chat_templates/rag.jinja',
      'default tokenizer_config.json: chat_template',
      'tool_use tokenizer_config.json: chat_template',
    ])
    expect(bad(found)).toEqual(['note templates-differ'])
  })

  it('reads what other copies of the weights might do, too', async () => {
    const pickle: ModelFileFormat = {
      ...safetensorsFormat,
      name: 'pickle',
      recognizes: (head) => head[0] === 0x80,
      inspect: async () => {
        const { summary } = await inspectFiles(tinyModel)
        const check = {
          rung: 'safety',
          code: 'runs-code',
          outcome: 'dangerous',
          message: 'x',
          advice: null,
          evidence: null,
        } as const
        return { summary: { ...summary, checks: [check] }, facts: [], metadata: [], tensors: [], templates: [] }
      },
    }
    const path = await makeFolder({
      ...tinyModel,
      'pytorch_model.bin': Buffer.from([0x80, 2]),
      'training_args.bin': Buffer.from([0x80, 2]),
    })
    const found = await inspectFolder(openFolderSource(path, 'x'), [safetensorsFormat, pickle])
    expect(found.summary.checks.find(({ code }) => code === 'runs-code')).toMatchObject({
      outcome: 'dangerous',
      evidence: { file: 'pytorch_model.bin' },
    })
    expect(fact(found, 'Other copies of the weights')?.value).toBe('pytorch_model.bin')
    expect(found.summary.parameterCount).toBe(elements)
  })
})

describe('packed weights', () => {
  const packed = (end: Record<string, TensorSpec>): Record<string, TensorSpec> => ({ ...tinyTensors, ...end })

  it('of MLX are counted as what they were', async () => {
    const config = {
      ...tinyConfig,
      quantization: { bits: 4, group_size: 64, 'model.layers.1.mlp.up_proj': { bits: 8, group_size: 64 } },
    }
    const tensors = packed({
      'model.layers.0.mlp.up_proj.weight': ['U32', 16, 1],
      'model.layers.0.mlp.up_proj.scales': ['BF16', 16, 1],
      'model.layers.0.mlp.up_proj.biases': ['BF16', 16, 1],
      'model.layers.1.mlp.up_proj.weight': ['U32', 16, 2],
      'model.layers.1.mlp.up_proj.scales': ['BF16', 16, 1],
      'model.layers.1.mlp.up_proj.biases': ['BF16', 16, 1],
    })
    const found = await inspectFiles({
      ...tinyModel,
      'config.json': config,
      'model.safetensors': safetensors(tensors, { format: 'mlx' }),
    })
    expect(found.summary).toMatchObject({ format: 'MLX model', quantization: 'MLX 4-bit', parameterCount: elements })
    expect(fact(found, 'Runs with')).toMatchObject({
      value: expect.stringContaining('Apple'),
      source: 'config.json: quantization',
    })
    expect(bad(found)).toEqual([])
  })

  it('without a word of how is a warning', async () => {
    const tensors = packed({
      'model.layers.0.mlp.up_proj.qweight': ['I32', 1, 16],
      'model.layers.0.mlp.up_proj.scales': ['BF16', 1, 16],
    })
    const files = { ...tinyModel, 'model.safetensors': safetensors(tensors, { format: 'pt' }) }
    expect(bad(await inspectFiles(files))).toContain('warning quantisation-not-stated')
    const stated = { ...files, 'quantize_config.json': { bits: 4, group_size: 8, desc_act: false } }
    const found = await inspectFiles(stated)
    expect(bad(found)).not.toContain('warning quantisation-not-stated')
    expect(found.summary.quantization).toBe('GPTQ 4-bit')
    expect(fact(found, 'Method')?.source).toBe('quantize_config.json')
  })
})

describe('a pipeline of diffusers', () => {
  const unet = { _class_name: 'UNet2DConditionModel', in_channels: 4, cross_attention_dim: 768 }
  const pipeline: Files = {
    'model_index.json': {
      _class_name: 'StableDiffusionPipeline',
      _diffusers_version: '0.30.0',
      unet: ['diffusers', 'UNet2DConditionModel'],
      vae: ['diffusers', 'AutoencoderKL'],
      scheduler: ['diffusers', 'DDIMScheduler'],
      safety_checker: [null, null],
    },
    'unet/config.json': unet,
    'unet/diffusion_pytorch_model.safetensors': safetensors({ 'conv_in.weight': ['BF16', 4, 4, 3, 3] }),
    'vae/config.json': { _class_name: 'AutoencoderKL' },
    'vae/diffusion_pytorch_model.safetensors': safetensors({ 'decoder.conv_in.weight': ['BF16', 4, 4, 3, 3] }),
    'vae/diffusion_pytorch_model.fp16.safetensors': safetensors({ 'decoder.conv_in.weight': ['BF16', 4, 4, 3, 3] }),
    'scheduler/scheduler_config.json': { _class_name: 'DDIMScheduler' },
  }

  it('shows its parts, each with its class and size', async () => {
    const found = await inspectFiles(pipeline)
    expect(bad(found)).toEqual([])
    expect(found.summary).toMatchObject({
      format: 'diffusers pipeline',
      role: 'diffusion-checkpoint',
      architecture: 'StableDiffusionPipeline',
      tensorCount: 2,
      parameterCount: 288,
    })
    expect(fact(found, 'unet')).toMatchObject({
      source: 'model_index.json: unet',
      value: expect.stringMatching(/^UNet2DConditionModel \(diffusers\), \d+ bytes$/),
    })
    expect(found.tensors.map(({ file }) => file)).toEqual([
      'unet/diffusion_pytorch_model.safetensors',
      'vae/diffusion_pytorch_model.safetensors',
    ])
  })

  it.each([
    [
      'a part that is not there',
      without(
        pipeline,
        'vae/config.json',
        'vae/diffusion_pytorch_model.safetensors',
        'vae/diffusion_pytorch_model.fp16.safetensors',
      ),
      'broken component-missing',
    ],
    ['a part without weights', without(pipeline, 'unet/diffusion_pytorch_model.safetensors'), 'broken weights-missing'],
    [
      'a part of another class',
      { ...pipeline, 'unet/config.json': { _class_name: 'AutoencoderKL' } },
      'warning class-differs',
    ],
    ['a part that is code', { ...pipeline, 'unet/diffusers.py': 'x' }, 'warning custom-code'],
    [
      'a pipeline that is code',
      {
        ...pipeline,
        'model_index.json': { _class_name: ['mine', 'Mine'], unet: ['diffusers', 'UNet2DConditionModel'] },
        'mine.py': 'x',
      },
      'warning custom-code',
    ],
  ])('tells %s', async (_, files, expected) => {
    expect(bad(await inspectFiles(files))).toContain(expected)
  })
})

describe('other folders', () => {
  it('an adapter names its base', async () => {
    const found = await inspectFiles({
      'adapter_config.json': {
        peft_type: 'LORA',
        r: 8,
        lora_alpha: 16,
        target_modules: ['q_proj'],
        base_model_name_or_path: 'org/base',
      },
      'adapter_model.safetensors': safetensors({
        'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight': ['BF16', 8, 8],
        'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight': ['BF16', 8, 8],
      }),
    })
    expect(found.summary).toMatchObject({ format: 'PEFT adapter', role: 'adapter', baseModels: ['org/base'] })
    expect(fact(found, 'Rank')).toMatchObject({ value: '8', source: 'adapter_config.json: r' })
    expect(bad(found)).toEqual([])
    const lost = await inspectFiles({
      'adapter_config.json': { peft_type: 'LORA' },
      'adapter_model.safetensors': safetensors({}),
    })
    expect(bad(lost)).toContain('warning no-base-model')
  })

  it('sentence-transformers tells its steps and its pooling', async () => {
    const files: Files = {
      ...without(tinyModel, 'tokenizer_config.json'),
      'modules.json': [
        { idx: 0, path: '', type: 'sentence_transformers.models.Transformer' },
        { idx: 1, path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
      ],
      '1_Pooling/config.json': { word_embedding_dimension: 8, pooling_mode_lasttoken: true },
      'sentence_bert_config.json': { max_seq_length: 32 },
    }
    const found = await inspectFiles(files)
    expect(found.summary).toMatchObject({
      role: 'embedding',
      contextLength: 32,
      capabilities: ['embedding'],
      geometry: { poolingType: 3 },
    })
    expect(fact(found, 'Steps')?.value).toBe('Transformer → Pooling')
    expect(bad(found)).toEqual([])
    expect(bad(await inspectFiles(without(files, '1_Pooling/config.json')))).toContain('broken module-missing')
    expect(bad(await inspectFiles({ ...files, 'modules.json': [{ path: '', type: 'custom_st.Mine' }] }))).toContain(
      'warning custom-code',
    )
  })

  it('a GGUF model with its projector is the model, and sees', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../../../../test/fixtures/gguf/${name}`, import.meta.url))
    const found = await inspectFiles({
      'model.gguf': fixture('llama-q5_0.gguf'),
      'mmproj-model.gguf': fixture('mmproj.gguf'),
    })
    expect(found.summary).toMatchObject({ format: 'GGUF model with a projector', role: 'llm', loadable: true })
    expect(found.summary.capabilities).toContain('vision')
    expect(new Set(found.tensors.map(({ file }) => file))).toEqual(new Set(['model.gguf', 'mmproj-model.gguf']))
    expect(
      bad(await inspectFiles({ 'model.gguf': fixture('llama-q5_0.gguf'), 'mmproj.gguf': fixture('bert.gguf') })),
    ).toContain('warning no-projector')
  })

  it('a format that no reader knows is said to be unknown, not fine', async () => {
    const found = await inspectFiles({
      ...without(tinyModel, 'model.safetensors'),
      'pytorch_model.bin': 'something else entirely, of no format',
    })
    expect(bad(found)).toContain('unknown not-looked-into')
  })

  it('that are none are refused', async () => {
    await expect(inspectFiles({ 'a.txt': 'x' })).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' })
  })
})

describe('a folder of the Hugging Face cache', () => {
  it('is read through its links, and through no others', async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'berth-hub-')))
    const root = join(home, 'models--org--name')
    const snapshot = join(root, 'snapshots', 'abc')
    await mkdir(join(root, 'blobs'), { recursive: true })
    await mkdir(snapshot, { recursive: true })
    let count = 0
    for (const [name, content] of Object.entries(tinyModel)) {
      const blob = join(root, 'blobs', String(count++))
      await writeFile(
        blob,
        typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
      )
      await symlink(`../../blobs/${count - 1}`, join(snapshot, name))
    }
    await writeFile(join(home, 'secret.json'), '{}')
    await symlink('../../../secret.json', join(snapshot, 'preprocessor_config.json'))
    expect(storeRootOf(snapshot)).toBe(root)
    const found = await inspectFolder(openFolderSource(snapshot, 'org/name', root), [safetensorsFormat])
    expect(bad(found)).toEqual([])
    expect(found.summary.parameterCount).toBe(elements)
    expect(fact(found, 'Preprocessor')).toBeNull()
  })

  it('is known by its path', () => {
    expect(storeRootOf('/a/models--org--name/snapshots/0123')).toBe('/a/models--org--name')
    expect(storeRootOf('/a/models--org--name/snapshots/0123/unet')).toBe('/a/models--org--name')
    expect(storeRootOf('C:\\hub\\models--org--name\\snapshots\\0123')).toBe('C:\\hub\\models--org--name')
    expect(storeRootOf('/a/models--org--name')).toBeNull()
    expect(storeRootOf('/a/models/x')).toBeNull()
    expect(repositoryOf('/a/models--org--name')).toBe('org/name')
  })
})
