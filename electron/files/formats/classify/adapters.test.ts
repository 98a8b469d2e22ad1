import { describe, expect, it } from 'vitest'
import { classify, type Keys, named, told } from './testKeys.ts'

/** One module of a LoRA in kohya's names. */
const kohya = (module: string, inputs: number, outputs = 64, rank = 8): Keys => ({
  [`${module}.lora_down.weight`]: [rank, inputs],
  [`${module}.lora_up.weight`]: [outputs, rank],
  [`${module}.alpha`]: [],
})
/** … in PEFT's. */
const peft = (module: string, inputs: number, outputs = 64, rank = 8): Keys => ({
  [`${module}.lora_A.weight`]: [rank, inputs],
  [`${module}.lora_B.weight`]: [outputs, rank],
})

describe('the base of a LoRA', () => {
  it.each<[string, Keys]>([
    ['Stable Diffusion 1', kohya('lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn2_to_k', 768)],
    ['Stable Diffusion 1', kohya('lora_te_text_model_encoder_layers_0_mlp_fc1', 768)],
    ['Stable Diffusion 1 or 2', kohya('lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_ff_net_2', 1280)],
    ['Stable Diffusion 2', kohya('lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k', 1024)],
    ['Stable Diffusion 2', kohya('lora_te_text_model_encoder_layers_0_self_attn_k_proj', 1024)],
    ['SDXL', kohya('lora_unet_down_blocks_2_attentions_1_transformer_blocks_9_attn2_to_v', 2048)],
    ['SDXL', kohya('lora_unet_output_blocks_5_1_transformer_blocks_1_ff_net_2', 2560)],
    [
      'SDXL',
      {
        ...kohya('lora_te1_text_model_encoder_layers_0_mlp_fc1', 768),
        ...kohya('lora_te2_text_model_encoder_layers_0_mlp_fc1', 1280),
      },
    ],
    ['SDXL', peft('unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k', 2048)],
    ['Stable Diffusion 3', peft('transformer.transformer_blocks.1.norm1_context.linear', 1536)],
    ['Stable Diffusion 3', peft('transformer.transformer_blocks.2.attn.add_k_proj', 1536)],
    ['Stable Diffusion 3.5 Large', peft('transformer.transformer_blocks.37.attn.to_out.0', 2432)],
    ['FLUX.1', kohya('lora_unet_double_blocks_0_img_attn_proj', 3072)],
    ['FLUX.1', kohya('lora_unet_single_blocks_37_linear1', 3072, 21_504)],
    ['FLUX.1', peft('transformer.single_transformer_blocks.0.attn.to_k', 3072)],
    [
      'FLUX.1',
      {
        ...kohya('lora_te1_text_model_encoder_layers_0_mlp_fc1', 768),
        ...kohya('lora_unet_single_blocks_0_linear2', 15_360),
      },
    ],
    ['FLUX.2 dev', kohya('lora_unet_double_blocks_0_img_attn_qkv', 6144)],
    ['FLUX.2 dev', kohya('lora_unet_single_blocks_47_linear1', 6144)],
    ['FLUX.2 klein 9B', peft('diffusion_model.single_blocks.23.linear1', 4096, 36_864)],
    ['FLUX.2 klein 4B', peft('diffusion_model.single_blocks.19.linear1', 3072, 27_648)],
    ['FLUX.2 klein 4B', peft('transformer.single_transformer_blocks.3.attn.to_qkv_mlp_proj', 3072)],
    ['Wan 2.1 1.3B', peft('diffusion_model.blocks.0.cross_attn.k', 1536)],
    ['Wan 14B', kohya('lora_unet_blocks_0_cross_attn_k', 5120)],
    ['Wan 14B image-to-video', { ...peft('blocks.0.cross_attn.k', 5120), ...peft('blocks.0.cross_attn.k_img', 5120) }],
    ['Wan 2.2 5B', peft('blocks.3.cross_attn.k', 3072)],
    ['HunyuanVideo', peft('double_blocks.9.txt_mod.linear', 3072)],
    ['HunyuanVideo', peft('transformer.single_blocks.9.modulation.linear', 3072)],
    [
      'HunyuanVideo 1.5',
      { ...kohya('cond_type_embedding', 8), ...kohya('byt5_in.fc1', 1472), ...kohya('vision_in.proj.1', 1152) },
    ],
    [
      'Qwen-Image',
      {
        ...peft('transformer_blocks.0.attn.add_k_proj', 3072),
        ...peft('transformer_blocks.0.img_mlp.net.0.proj', 3072),
      },
    ],
    ['Qwen-Image', peft('transformer_blocks.59.attn.to_k', 3072)],
    ['Z-Image', { ...peft('layers.0.adaLN_modulation.0', 256), ...peft('layers.9.feed_forward.w3', 3840) }],
    [
      'Z-Image',
      {
        ...peft('context_refiner.1.attention.qkv', 3840),
        ...peft('layers.29.attention.qkv', 3840),
        ...peft('noise_refiner.0.attention.qkv', 3840),
      },
    ],
    [
      'LTX-2',
      {
        ...peft('transformer_blocks.0.attn1.to_k', 4096),
        ...peft('transformer_blocks.0.attn1.to_out.0', 4096),
        ...peft('transformer_blocks.9.attn2.to_v', 4096),
      },
    ],
    [
      'LTX-Video',
      { ...peft('transformer_blocks.0.attn1.to_k', 2048), ...peft('transformer_blocks.0.attn2.to_k', 2048) },
    ],
    ['HiDream', peft('double_stream_blocks.0.block.ff_i.shared_experts.w1', 2560)],
    [
      'Chroma',
      {
        ...kohya('lora_unet_double_blocks_0_img_attn_proj', 3072),
        ...kohya('lora_unet_distilled_guidance_layer_in_proj', 64),
      },
    ],
    [
      'Anima',
      {
        ...peft('blocks.27.self_attn.v_proj', 2048),
        ...peft('blocks.27.adaln_modulation_cross_attn.1', 2048),
        ...peft('llm_adapter.blocks.5.mlp.0', 1024),
      },
    ],
    ['Anima or Cosmos Predict2', peft('diffusion_model.blocks.0.cross_attn.k_proj', 1024)],
    ['Krea 2', { ...kohya('lora_unet_blocks_0_attn_gate', 6144), ...kohya('lora_unet_blocks_0_mlp_gate', 6144) }],
    ['Ideogram 4', { ...peft('layers.33.attention.qkv', 4096), ...peft('layers.0.adaln_modulation', 4096) }],
    ['MiniMax-H3', { ...peft('token_refiner.blocks.0.attn.out_proj', 4096), ...peft('blocks.49.mlp.fc2', 4096) }],
    ['language model', peft('base_model.model.model.layers.3.self_attn.q_proj', 4096)],
    ['language model', peft('base_model.model.transformer.h.3.attn.c_attn', 768)],
  ])('%s', async (base, keys) => {
    expect(await classify(keys)).toMatchObject({ role: 'adapter', base, label: `${base} LoRA, rank 8`, rank: 8 })
  })

  it('is not told where nothing tells it', async () => {
    expect(await classify(kohya('some_layer', 100))).toMatchObject({
      role: 'adapter',
      base: null,
      architecture: null,
      label: 'LoRA, rank 8',
    })
  })
})

describe('the kind of an adapter', () => {
  const module = 'lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k'
  const parts = (...names: string[]): Keys => Object.fromEntries(names.map((name) => [`${module}${name}`, [8, 768]]))
  it.each<[string, Keys]>([
    [
      'adapter: Stable Diffusion 1 LoRA, rank 8',
      {
        'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight': [8, 768],
        'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.up.weight': [320, 8],
      },
    ],
    [
      'adapter: LoRA, rank 8',
      {
        'text_encoder.a.lora_linear_layer.down.weight': [8, 768],
        'text_encoder.a.lora_linear_layer.up.weight': [768, 8],
      },
    ],
    ['adapter: LoRA, rank 8', { 'a.lora_A.default.weight': [8, 768], 'a.lora_B.default.weight': [768, 8] }],
    ['adapter: LoRA, rank 8', { 'blocks.0.a.lora_A': [8, 768], 'blocks.0.a.lora_B': [768, 8] }],
    [
      'adapter: language model LoRA, rank 8',
      { 'model.layers.0.self_attn.q_proj.lora_a': [4096, 8], 'model.layers.0.self_attn.q_proj.lora_b': [8, 4096] },
    ],
    [
      'adapter: Stable Diffusion 1 LoCon, rank 8',
      {
        ...kohya(module, 768),
        'lora_unet_conv.lora_down.weight': [4, 320, 3, 3],
        'lora_unet_conv.lora_up.weight': [320, 4, 1, 1],
        'lora_unet_conv.lora_mid.weight': [4, 4, 3, 3],
      },
    ],
    ['adapter: Stable Diffusion 1 DoRA, rank 8', { ...kohya(module, 768), [`${module}.dora_scale`]: [1, 768] }],
    ['adapter: Stable Diffusion 1 LoHa, rank 8', parts('.hada_w1_a', '.hada_w1_b', '.hada_w2_a', '.hada_w2_b')],
    [
      'adapter: LoKr, rank 4',
      { [`${module}.lokr_w1`]: [8, 8], [`${module}.lokr_w2_a`]: [96, 4], [`${module}.lokr_w2_b`]: [4, 96] },
    ],
    ['adapter: OFT', { 'lora_unet_a.oft_blocks': [4, 8, 8], 'lora_unet_a.alpha': [] }],
    ['adapter: OFT', { 'lora_unet_a.oft_diag': [4, 8, 8], 'lora_unet_a.rescale': [8] }],
    [
      'adapter: GLoRA',
      {
        'lora_unet_a.a1.weight': [8, 8],
        'lora_unet_a.a2.weight': [8, 8],
        'lora_unet_a.b1.weight': [8, 8],
        'lora_unet_a.b2.weight': [8, 8],
      },
    ],
    ['adapter: IA3', { 'lora_unet_a.weight': [8], 'lora_unet_a.on_input': [] }],
    ['adapter: full difference', { 'diffusion_model.a.diff': [8, 8], 'diffusion_model.a.diff_b': [8] }],
    ['adapter: control LoRA, rank 8', { lora_controlnet: [], ...kohya('a', 100) }],
    [
      'adapter: FLUX.1 control LoRA, rank 8',
      {
        'img_in.lora_A.weight': [8, 128],
        'img_in.lora_B.weight': [3072, 8],
        ...peft('double_blocks.0.img_attn.qkv', 3072),
      },
    ],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(label)
  })

  it('the rank is the highest of all modules, of a convolution its first dimension', async () => {
    const keys = { ...kohya('a', 100, 64, 4), 'b.lora_down.weight': [32, 3, 3, 3], 'b.lora_up.weight': [64, 32, 1, 1] }
    expect((await classify(keys)).rank).toBe(32)
  })

  it('a model with some adapters in it is a model', async () => {
    const keys: Record<string, readonly number[]> = { ...kohya('a', 100) }
    for (let layer = 0; layer < 8; layer++) keys[`model.layers.${layer}.self_attn.o_proj.weight`] = [8, 8]
    expect((await classify(keys)).role).toBe('llm')
  })
})

describe('embeddings', () => {
  it.each<[string, Keys]>([
    ['textual-inversion: Stable Diffusion 1 embedding, 4 tokens', { emb_params: [4, 768] }],
    ['textual-inversion: Stable Diffusion 2 embedding, 1 token', { emb_params: [1, 1024] }],
    ['textual-inversion: SDXL embedding, 2 tokens', { clip_g: [2, 1280], clip_l: [2, 768] }],
    ['textual-inversion: Stable Diffusion 1 embedding, 3 tokens', { 'string_to_param.*': [3, 768] }],
    ['textual-inversion: Stable Diffusion 1 embedding, 1 token', { '<cat-toy>': [768] }],
    ['textual-inversion: embedding, 4 tokens', { emb_params: [4, 4096] }],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(label)
  })
  it('one matrix of any width is none', async () => {
    expect(await told(named('lm_head.weight'))).toBe('unknown: unknown model')
    expect(await told({ x: [5000, 768] })).toBe('unknown: unknown model')
  })
})
