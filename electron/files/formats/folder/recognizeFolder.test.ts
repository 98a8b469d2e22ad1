import { describe, expect, it } from 'vitest'
import { findWeights } from './findWeights.ts'
import { readFrontMatter } from './readme.ts'
import { recognizeFolder } from './recognizeFolder.ts'

const kindOf = (...names: string[]) => recognizeFolder(names.map((name) => ({ name, sizeBytes: 1, modifiedAt: 0 })))

describe('a folder', () => {
  it.each([
    [['model_index.json', 'unet/config.json'], 'diffusers'],
    [['config.json', 'model.safetensors'], 'transformers'],
    [['config.json', 'model.safetensors.index.json'], 'transformers'],
    [['config.json', 'pytorch_model-00001-of-00002.bin'], 'transformers'],
    [['config.json', 'onnx/model.onnx'], 'transformers'],
    [['config.json', 'diffusion_pytorch_model.safetensors'], 'transformers'],
    [['config.json', 'modules.json', 'model.safetensors', '1_Pooling/config.json'], 'sentence-transformers'],
    [['adapter_config.json', 'adapter_model.safetensors'], 'peft'],
    [['adapter_config.json', 'adapter_model.bin'], 'peft'],
    [['adapter_config.json', 'adapters.safetensors'], 'mlx-adapter'],
    [['params.json', 'consolidated.safetensors', 'tekken.json'], 'mistral'],
    [['params.json', 'consolidated.00.pth'], 'mistral'],
    [['genai_config.json', 'model.onnx', 'config.json'], 'onnxruntime-genai'],
    [['openvino_model.xml', 'openvino_model.bin', 'config.json'], 'openvino'],
    [['openvino_language_model.xml'], 'openvino'],
    [['mlc-chat-config.json', 'params_shard_0.bin'], 'mlc'],
    [['params_shard_0.bin', 'ndarray-cache.json'], 'mlc'],
    [['config.json', 'rank0.engine'], 'tensorrt-llm'],
    [['model.nemo'], 'nemo'],
    [['model_config.yaml', 'model_weights.ckpt'], 'nemo'],
    [['saved_model.pb', 'variables/variables.index'], 'savedmodel'],
    [['model.bin', 'config.json', 'vocabulary.txt'], 'ctranslate2'],
    [['model.gguf', 'mmproj-model-f16.gguf'], 'gguf-pair'],
    [['a.gguf', 'b.gguf', 'mmproj.gguf'], null],
    [['a.gguf'], null],
    [['config.json'], null],
    [['config.json', 'tokenizer.json'], null],
    [['manifests/registry/x', 'blobs/sha256-1'], null],
    [['blobs/1', 'snapshots/abc/config.json', 'snapshots/abc/model.safetensors'], null],
    [['a.txt', 'photo.png'], null],
    [[], null],
  ])('with %j is %s', (names, kind) => {
    expect(kindOf(...names)).toBe(kind)
  })
})

describe('the weights of a folder', () => {
  it('are one copy for each set of parts, what programs take first at the beginning', () => {
    const sets = findWeights([
      'pytorch_model.bin',
      'model-00002-of-00002.safetensors',
      'model-00001-of-00002.safetensors',
      'model.safetensors.index.json',
      'model.fp16.safetensors',
      'consolidated.safetensors',
      'training_args.bin',
      'optimizer.pt',
      'tokenizer.json',
      'tf_model.h5',
    ])
    expect(sets.map(({ kind, index, files }) => [kind, index, files.length])).toEqual([
      ['safetensors', 'model.safetensors.index.json', 2],
      ['safetensors', null, 1],
      ['safetensors', null, 1],
      ['pytorch', null, 1],
      ['keras', null, 1],
    ])
  })

  it('of Meta are one copy too', () => {
    expect(findWeights(['consolidated.00.pth', 'consolidated.01.pth'])).toMatchObject([
      { files: ['consolidated.00.pth', 'consolidated.01.pth'] },
    ])
  })
})

describe('a model card', () => {
  it('gives its flat keys', () => {
    const card = readFrontMatter(
      '---\r\nlicense: "mit" \r\nlanguage:\r\n- en\r\n  - de\r\ntags: [a, \'b\', ]\r\nbase_model: org/x # from\r\nempty:\r\n---\r\n# Text\r\nlicense: gpl\r\n',
    )
    expect(Object.fromEntries(card ?? [])).toEqual({
      license: ['mit'],
      language: ['en', 'de'],
      tags: ['a', 'b'],
      base_model: ['org/x'],
      empty: [],
    })
  })

  it('leaves out what is nested', () => {
    const card = readFrontMatter('---\nmodel-index:\n- name: x\n  results:\n  - task: y\nlicense: mit\n---\n')
    expect([card?.get('license'), card?.get('model-index'), card?.get('name')]).toEqual([['mit'], [], undefined])
  })

  it('has none without its two lines', () => {
    expect(readFrontMatter('# Text\n')).toBeNull()
    expect(readFrontMatter('---\nlicense: mit\n')).toBeNull()
    expect(readFrontMatter(`---\n${'a: b\n'.repeat(100_000)}`)).toBeNull()
    expect(readFrontMatter('---\n__proto__: x\nconstructor: y\n---\n')?.size).toBe(2)
  })
})
