import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateMemory } from '../../../memory/estimateMemory.ts'
import { parseJson } from '../json/readJson.ts'
import { readHfConfig } from './hfConfig.ts'
import { quantizationOfFile } from './hfQuantization.ts'

const mib = 1024 ** 2
const read = (config: object) => {
  const found = readHfConfig(parseJson(Buffer.from(JSON.stringify(config))).value)
  if (found === null) throw new Error('no configuration')
  return found
}
const factsOf = (config: object) =>
  new Map(
    read(config).facts.flatMap(({ facts }) => facts.map(({ label, value, source }) => [label, `${value} | ${source}`])),
  )
const found = (config: object) => read(config).checks.map(({ outcome, code }) => `${outcome} ${code}`)

const llama = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14_336,
  vocab_size: 128_256,
  max_position_embeddings: 131_072,
  hidden_act: 'silu',
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  rope_theta: 500_000,
  rope_scaling: { rope_type: 'llama3', factor: 8 },
}
const gemma = {
  architectures: ['Gemma3ForConditionalGeneration'],
  model_type: 'gemma3',
  text_config: {
    model_type: 'gemma3_text',
    hidden_size: 3840,
    num_hidden_layers: 48,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 256,
    intermediate_size: 15_360,
    sliding_window: 1024,
    sliding_window_pattern: 6,
    max_position_embeddings: 131_072,
    vocab_size: 262_208,
  },
  vision_config: {
    model_type: 'siglip_vision_model',
    hidden_size: 1152,
    image_size: 896,
    patch_size: 14,
    num_hidden_layers: 27,
  },
}
const deepseek = {
  architectures: ['DeepseekV3ForCausalLM'],
  model_type: 'deepseek_v3',
  auto_map: { AutoConfig: 'configuration_deepseek.DeepseekV3Config', AutoModel: 'modeling_deepseek.DeepseekV3Model' },
  hidden_size: 7168,
  num_hidden_layers: 61,
  num_attention_heads: 128,
  num_key_value_heads: 128,
  intermediate_size: 18_432,
  moe_intermediate_size: 2048,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  first_k_dense_replace: 3,
  kv_lora_rank: 512,
  q_lora_rank: 1536,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  num_nextn_predict_layers: 1,
  quantization_config: {
    quant_method: 'fp8',
    fmt: 'e4m3',
    activation_scheme: 'dynamic',
    weight_block_size: [128, 128],
  },
}

describe('a configuration of transformers', () => {
  it('tells the geometry, the role and the context', () => {
    const config = read(llama)
    expect(config).toMatchObject({
      architecture: 'LlamaForCausalLM',
      modelType: 'llama',
      role: 'llm',
      capabilities: ['completion'],
      contextLength: 131_072,
      tiedEmbeddings: false,
      dtype: 'bfloat16',
      quantization: null,
      // the published 8,030,261,248 less the norms
      estimatedParameters: 8_029_995_008,
      geometry: {
        blockCount: 32,
        embeddingLength: 4096,
        headCount: 32,
        headCountKv: 8,
        keyLength: 128,
        vocabSize: 128_256,
      },
      checks: [],
    })
  })

  it('names the key of every fact', () => {
    const facts = factsOf(llama)
    expect(facts.get('Embedding length')).toBe('4,096 | config.json: hidden_size')
    expect(facts.get('Type of the weights')).toBe('bfloat16 | config.json: torch_dtype')
    expect(facts.get('RoPE scaling')).toBe('llama3 × 8 | config.json: rope_scaling')
    expect(factsOf(gemma).get('Embedding length')).toBe('3,840 | config.json: text_config.hidden_size')
    expect(factsOf(gemma).get('Image size')).toBe('896 | config.json: vision_config.image_size')
  })

  // the figures are those of llama.cpp's planner for the same models
  it.each([
    ['Llama 3.1 8B', llama, 4096, 512],
    ['Gemma 3 12B: most layers see a window', gemma, 4096, 736],
    ['DeepSeek V3: one compressed row a token', deepseek, 32_768, 2196],
  ])('lets the memory of %s be estimated', (_, json, contextLength, expected) => {
    const { geometry, contextLength: context, modelType } = read(json)
    const facts = { architecture: modelType, contextLength: context, geometry: { ...geometry, weights: { total: 0 } } }
    expect((estimateMemory(facts, { contextLength, kvCacheType: 'f16' })?.kvCacheBytes ?? 0) / mib).toBe(expected)
  })

  it('knows mixtures of experts and compressed attention', () => {
    expect(read(deepseek).geometry).toMatchObject({
      expertCount: 256,
      expertUsedCount: 8,
      expertFeedForwardLength: 2048,
      keyLengthMla: 192,
      valueLengthMla: 128,
      kvLoraRank: 512,
      headCountKv: 1,
      nextnPredictLayers: 1,
    })
    const mixtral = { ...llama, model_type: 'mixtral', num_local_experts: 8, num_experts_per_tok: 2 }
    expect(read(mixtral).geometry).toMatchObject({ expertCount: 8, expertFeedForwardLength: 14_336 })
  })

  it.each([
    [{ layer_types: ['linear_attention', 'linear_attention', 'full_attention'], num_hidden_layers: 3 }, [1, 1, 0]],
    [{ full_attention_interval: 4, num_hidden_layers: 4 }, [1, 1, 1, 0]],
    [{ attn_layer_period: 4, attn_layer_offset: 2, num_hidden_layers: 4 }, [1, 1, 0, 1]],
    [{ hybrid_override_pattern: 'M-*E', num_hidden_layers: 4 }, [1, 1, 0, 1]],
    [{ layers_block_type: ['mamba', 'attention'], num_hidden_layers: 4 }, [1, 0, 1, 0]],
  ])('tells the layers without a cache: %j', (keys, expected) => {
    const { geometry } = read({ ...llama, ...keys })
    expect(geometry.recurrentLayers).toEqual(expected)
    if (!('full_attention_interval' in keys))
      expect(geometry.headCountKv).toEqual(expected.map((recurrent) => (recurrent === 1 ? 0 : 8)))
  })

  it('knows which layers see a window', () => {
    const window = { sliding_window: 128, num_hidden_layers: 2 }
    const pattern = (keys: object) => read({ ...llama, ...window, ...keys }).geometry.slidingWindowPattern
    expect(pattern({ layer_types: ['sliding_attention', 'full_attention'] })).toEqual([1, 0])
    expect(pattern({ model_type: 'mistral' })).toEqual([1, 1])
    expect(pattern({ model_type: 'gemma2' })).toBe(2)
    expect(pattern({ model_type: 'qwen2', use_sliding_window: true, max_window_layers: 1 })).toEqual([0, 1])
    expect(read({ ...llama, ...window, use_sliding_window: false }).geometry.slidingWindow).toBeNull()
  })

  it.each([
    [{ architectures: ['BertModel'], model_type: 'bert' }, 'embedding'],
    [{ architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3' }, 'llm'],
    [
      { architectures: ['XLMRobertaForSequenceClassification'], model_type: 'xlm-roberta', id2label: { 0: 'LABEL_0' } },
      'reranker',
    ],
    [
      { architectures: ['BertForSequenceClassification'], model_type: 'bert', id2label: { 0: 'a', 1: 'b' } },
      'classifier',
    ],
    [{ architectures: ['WhisperForConditionalGeneration'], model_type: 'whisper' }, 'speech'],
    [{ architectures: ['CLIPTextModel'], model_type: 'clip_text_model' }, 'text-encoder'],
    [{ architectures: ['T5EncoderModel'], model_type: 't5' }, 'text-encoder'],
    [{ architectures: ['SiglipVisionModel'], model_type: 'siglip_vision_model' }, 'vision-encoder'],
    [{ architectures: ['ViTForImageClassification'], model_type: 'vit' }, 'classifier'],
    [{ _class_name: 'UNet2DConditionModel' }, 'diffusion'],
    [{ _class_name: 'FluxTransformer2DModel' }, 'diffusion'],
    [{ _class_name: 'AutoencoderKL' }, 'vae'],
    [{ _class_name: 'ControlNetModel' }, 'controlnet'],
    [{ _class_name: 'StableDiffusionXLPipeline' }, 'diffusion-checkpoint'],
    [{ model_type: 'something_new', architectures: ['Something'] }, 'unknown'],
  ])('%j is for %s', (json, role) => {
    expect(read(json).role).toBe(role)
  })

  it('says that an encoder looks both ways, and counts the positions it uses', () => {
    const roberta = read({
      architectures: ['XLMRobertaModel'],
      model_type: 'xlm-roberta',
      max_position_embeddings: 514,
    })
    expect([roberta.geometry.causalAttention, roberta.contextLength]).toEqual([false, 512])
  })

  it('with other shapes of values says nothing rather than something wrong', () => {
    const odd = read({
      model_type: 'llama',
      hidden_size: '4096',
      num_hidden_layers: -1,
      vocab_size: 1e300,
      architectures: 'x',
      num_attention_heads: 1.5,
    })
    expect(odd.geometry).toMatchObject({ embeddingLength: null, blockCount: null, vocabSize: null, headCount: null })
  })

  it('that contradicts itself is a warning', () => {
    expect(found({ ...llama, num_key_value_heads: 7 })).toEqual(['warning head-counts'])
    expect(found({ ...llama, hidden_size: 4097 })).toEqual(['warning head-width'])
    expect(found({ ...llama, num_local_experts: 4, num_experts_per_tok: 5 })).toEqual(['warning expert-counts'])
  })

  it('of something else is none', () => {
    for (const json of [null, 1, 'a', [], {}, { hello: 1 }]) expect(readHfConfig(json)).toBeNull()
  })

  it('may be a plain object too, whatever its prototype', () => {
    expect(readHfConfig(llama)?.geometry.blockCount).toBe(32)
    expect(readHfConfig(Object.create({ model_type: 'llama' }))).toBeNull()
  })
})

describe('code of its own', () => {
  it('is a warning for each file that would run', () => {
    const { customCode, checks } = read(deepseek)
    expect(customCode.map(({ file }) => file)).toEqual(['configuration_deepseek.py', 'modeling_deepseek.py'])
    expect(checks.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'warning custom-code',
      'warning custom-code',
    ])
    expect(checks[1]?.evidence).toMatchObject({
      file: 'config.json',
      text: 'AutoModel: modeling_deepseek.DeepseekV3Model',
    })
  })

  it('of another repository is named', () => {
    const { checks } = read({ ...llama, auto_map: { AutoModel: 'someone/other--modeling_x.Model' } })
    expect(checks[0]).toMatchObject({ code: 'remote-code', message: expect.stringContaining('someone/other') })
  })

  it('that MLX runs without asking is dangerous', () => {
    expect(found({ ...llama, model_file: 'model.py' })).toEqual(['dangerous model-file'])
  })

  it('in a pipeline counts too', () => {
    expect(found({ ...llama, custom_pipelines: { talk: { impl: 'pipe.Talk' } } })).toEqual(['warning custom-code'])
  })
})

describe('a quantisation', () => {
  it.each([
    [{ quant_method: 'gptq', bits: 4, group_size: 128, desc_act: true, sym: true }, 'GPTQ 4-bit', 4, 128],
    [{ quant_method: 'awq', w_bit: 4, q_group_size: 64, zero_point: true, version: 'gemm' }, 'AWQ 4-bit', 4, 64],
    [{ quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' }, 'bitsandbytes NF4', 4, null],
    [{ quant_method: 'bitsandbytes', load_in_8bit: true }, 'bitsandbytes 8-bit', 8, null],
    [{ quant_method: 'fp8', weight_block_size: [128, 128] }, 'FP8', 8, null],
    [{ quant_method: 'mxfp4', modules_to_not_convert: ['a'] }, 'MXFP4', 4, null],
    [{ quant_method: 'exl2', bits: 4.25, head_bits: 6 }, 'EXL2 4.25-bit', 4.25, null],
    [{ quant_method: 'exl3', bits: 3, head_bits: 6 }, 'EXL3 3-bit', 3, null],
    [
      { quant_method: 'hqq', quant_config: { weight_quant_params: { nbits: 4, group_size: 64 } } },
      'HQQ 4-bit',
      4,
      null,
    ],
    [{ quant_method: 'torchao', quant_type: 'int4_weight_only' }, 'torchao 4-bit', 4, null],
    [{ quant_method: 'quanto', weights: 'int8' }, 'Quanto 8-bit', 8, null],
    [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'ModelOpt NVFP4', 4, null],
    [
      {
        quant_method: 'compressed-tensors',
        format: 'pack-quantized',
        config_groups: {
          group_0: { weights: { num_bits: 4, group_size: 32 }, input_activations: { num_bits: 8, type: 'int' } },
        },
      },
      'compressed-tensors 4-bit',
      4,
      32,
    ],
    [
      {
        quant_method: 'compressed-tensors',
        format: 'nvfp4-pack-quantized',
        config_groups: { group_0: { weights: { num_bits: 4 } } },
      },
      'NVFP4 (compressed-tensors)',
      4,
      null,
    ],
    [{ bits: 4, group_size: 64 }, 'MLX 4-bit', 4, 64],
    [{ bits: 4, group_size: 32, mode: 'mxfp4' }, 'MLX MXFP4', 4, 32],
  ])('%j is %s and says what runs it', (quantization_config, label, bits, groupSize) => {
    const { quantization, checks } = read({ ...llama, quantization_config })
    expect(quantization).toMatchObject({ label, bits, groupSize, source: 'config.json: quantization_config' })
    expect(quantization?.runsWith).toMatch(/NVIDIA|MLX|vLLM|transformers/)
    expect(checks).toEqual([])
  })

  it('is found where other tools put it', () => {
    const source = (json: object) => read({ ...llama, ...json }).quantization?.source
    expect(source({ quantization: { bits: 4, group_size: 64 } })).toBe('config.json: quantization')
    expect(source({ compression_config: { format: 'pack-quantized' } })).toBe('config.json: compression_config')
    expect(source({ text_config: { quantization_config: { quant_method: 'awq' } } })).toBe(
      'config.json: text_config.quantization_config',
    )
    const file = (json: object, name: Parameters<typeof quantizationOfFile>[1]) => quantizationOfFile(json, name)?.label
    expect(file({ bits: 3, group_size: 128, desc_act: false }, 'quantize_config.json')).toBe('GPTQ 3-bit')
    expect(file({ w_bit: 4, q_group_size: 128 }, 'quant_config.json')).toBe('AWQ 4-bit')
    expect(file({ quantization: { quant_algo: 'FP8' } }, 'hf_quant_config.json')).toBe('ModelOpt FP8')
    expect(file({ bits: 4, tensor_storage: {} }, 'quantization_config.json')).toBe('EXL3 4-bit')
  })

  it('that is not known is a warning, and nothing is claimed of it', () => {
    const { quantization, checks } = read({ ...llama, quantization_config: { quant_method: 'brandnew' } })
    expect(quantization).toMatchObject({ label: 'brandnew', bits: null, runsWith: null })
    expect(checks.map(({ code }) => code)).toEqual(['unknown-quantisation'])
  })

  it('keeps the patterns of a file as text', () => {
    const ignore = ['lm_head', 're:(a+)+$', `re:${'('.repeat(1000)}`]
    const { quantization } = read({ ...llama, quantization_config: { quant_method: 'compressed-tensors', ignore } })
    expect(quantization?.excluded).toEqual(['lm_head', 're:(a+)+$', `re:${'('.repeat(197)}`])
  })

  it('of DeepSeek tells its blocks', () => {
    expect(factsOf(deepseek).get('Blocks')).toBe('128 × 128 | config.json: quantization_config.weight_block_size')
  })
})

describe('any configuration', () => {
  it('gives an answer, and a small one', () => {
    const keys = [
      ...Object.keys(llama),
      ...Object.keys(deepseek),
      'text_config',
      'quantization',
      'layer_types',
      'hybrid_override_pattern',
      'full_attention_interval',
      'sliding_window',
      'bits',
      'group_size',
      'vision_config',
      '__proto__',
      'model_file',
      'id2label',
      'attn_layer_period',
    ]
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        2 ** 53,
        4096,
        0,
        1e9,
        -1,
        'M*M-',
        ['sliding_attention'],
        { quant_method: 'gptq', bits: 4 },
        llama,
      ),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), values), (changes) => {
        const config = readHfConfig(parseJson(Buffer.from(JSON.stringify({ ...llama, ...changes }))).value)
        if (config !== null) expect(JSON.stringify(structuredClone(config)).length).toBeLessThan(200_000)
      }),
      { numRuns: Number(process.env.BERTH_FUZZ ?? 3000), seed: Number(process.env.BERTH_SEED ?? 20_261_121) },
    )
  }, 120_000)
})
