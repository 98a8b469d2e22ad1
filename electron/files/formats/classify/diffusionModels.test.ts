import { describe, expect, it } from 'vitest'
import { classify, type Keys, named, told } from './testKeys.ts'

const inCheckpoint = (keys: Keys): Keys =>
  Object.fromEntries(Object.entries(keys).map(([name, shape]) => [`model.diffusion_model.${name}`, shape]))

describe('UNets in the names of ldm', () => {
  /** A UNet's telling tensors. */
  const unet = (width: number, channels = 4, more: Keys = {}): Keys => ({
    'input_blocks.0.0.weight': [320, channels, 3, 3],
    'input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight': [640, width],
    'middle_block.1.norm.weight': [1280],
    'output_blocks.0.0.in_layers.0.weight': [8],
    ...more,
  })
  const depth = (count: number): Keys =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `input_blocks.7.1.transformer_blocks.${index}.norm1.weight`,
        [1280],
      ]),
    )
  it.each<[string, Keys]>([
    ['Stable Diffusion 1', unet(768)],
    ['Stable Diffusion 1 inpainting', unet(768, 9)],
    ['instruct-pix2pix or Zero123 (Stable Diffusion 1)', unet(768, 8)],
    ['Stable Diffusion 2', unet(1024)],
    ['Stable Diffusion 2 inpainting', unet(1024, 9)],
    ['Stable Diffusion 2 depth', unet(1024, 5)],
    ['Stable Diffusion 2 unCLIP', unet(1024, 4, { 'label_emb.0.0.weight': [1280, 1536] })],
    ['Stable Diffusion ×4 upscaler', unet(1024, 7)],
    ['SDXL', unet(2048, 4, { ...depth(10), 'label_emb.0.0.weight': [1280, 2816] })],
    ['SDXL inpainting', unet(2048, 9, depth(10))],
    ['SDXL instruct-pix2pix', unet(2048, 8, depth(10))],
    ['SDXL refiner', unet(1280)],
    ['SSD-1B (small SDXL)', unet(2048, 4, depth(4))],
    ['Segmind Vega (small SDXL)', unet(2048, 4, depth(2))],
    ['Stable Video Diffusion', unet(1024, 8, { 'input_blocks.8.0.time_mixer.mix_factor': [1] })],
  ])('%s', async (label, keys) => {
    expect(await told(inCheckpoint(keys))).toBe(`diffusion: ${label}`)
    expect(await told(keys)).toBe(`diffusion: ${label}`)
  })

  it.each<[string, Keys]>([
    ['SDXL turbo', { ...inCheckpoint(unet(2048, 4, depth(10))), 'denoiser.sigmas': [1000] }],
    ['Playground 2.5', { ...inCheckpoint(unet(2048, 4, depth(10))), edm_mean: [4], edm_std: [4] }],
    ['SDXL, v-prediction, zero terminal SNR', { ...inCheckpoint(unet(2048, 4, depth(10))), v_pred: [1], ztsnr: [1] }],
    ['AltDiffusion', { ...inCheckpoint(unet(768)), 'cond_stage_model.roberta.embeddings.word_embeddings.weight': [8] }],
  ])('%s, by a tensor beside it', async (label, keys) => {
    expect(await told(keys)).toBe(`diffusion: ${label}`)
  })

  it('KOALA has no attention in the middle', async () => {
    const { 'middle_block.1.norm.weight': _, ...rest } = unet(2048, 4, {
      'input_blocks.5.1.transformer_blocks.4.norm1.weight': [8],
    })
    expect(await told(inCheckpoint(rest))).toBe('diffusion: KOALA (small SDXL)')
  })

  it('with its VAE and text encoder it is a checkpoint; without, it says what it needs', async () => {
    const alone = inCheckpoint(unet(768))
    const vae = named('first_stage_model.decoder.conv_in.weight')
    const text = named('cond_stage_model.transformer.text_model.embeddings.position_ids')
    expect(await classify({ ...alone, ...vae, ...text })).toMatchObject({
      role: 'diffusion-checkpoint',
      label: 'Stable Diffusion 1 checkpoint',
      notes: [],
    })
    expect(await classify(alone)).toMatchObject({
      role: 'diffusion',
      notes: [{ code: 'needs-parts', message: 'This is a diffusion model without its VAE and text encoder.' }],
    })
    expect((await classify({ ...alone, ...vae })).notes).toMatchObject([
      { message: 'This is a diffusion model without its text encoder.' },
    ])
    expect((await classify({ ...alone, ...named('vae.decoder.conv_in.weight', 'text_encoders.clip_l.x') })).role).toBe(
      'diffusion-checkpoint',
    )
  })
})

describe('UNets in the names of diffusers', () => {
  const unet = (width: number, channels = 4, more: Keys = {}): Keys => ({
    'conv_in.weight': [320, channels, 3, 3],
    'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, width],
    'mid_block.resnets.1.norm1.weight': [1280],
    ...more,
  })
  it.each<[string, Keys]>([
    ['Stable Diffusion 1', unet(768)],
    ['Stable Diffusion 1 inpainting', unet(768, 9)],
    ['instruct-pix2pix (Stable Diffusion 1)', unet(768, 8)],
    ['Stable Diffusion 2', unet(1024)],
    ['Stable Diffusion 2 inpainting', unet(1024, 9)],
    ['SDXL', unet(2048, 4, { 'add_embedding.linear_1.weight': [1280, 2816] })],
    ['SDXL inpainting', unet(2048, 9)],
    ['SDXL refiner', unet(1280)],
    [
      'Stable Video Diffusion',
      unet(1024, 8, { 'down_blocks.0.attentions.0.temporal_transformer_blocks.0.norm1.weight': [8] }),
    ],
    [
      'SSD-1B or KOALA (small SDXL)',
      {
        'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, 2048],
        'add_embedding.linear_1.weight': [1280, 2816],
      },
    ],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(`diffusion: ${label}`)
  })
})

describe('diffusion transformers, alone and behind the prefix of a checkpoint', () => {
  const hunyuan = (...more: string[]): Keys => named('txt_in.individual_token_refiner.blocks.0.norm1.weight', ...more)
  const flux = (channels: number, ...more: string[]): Keys => ({
    ...named('double_blocks.0.img_attn.norm.key_norm.scale', ...more),
    'img_in.weight': [3072, channels],
  })
  const wan = (width: number, channels: number, ...more: string[]): Keys => ({
    ...named(...more),
    'head.modulation': [1, 2, width],
    'patch_embedding.weight': [width, channels, 1, 2, 2],
  })
  const joint = 'joint_blocks.0.context_block.attn.qkv.weight'
  const ltx = 'adaln_single.emb.timestep_embedder.linear_1.bias'
  it.each<[string, Keys]>([
    ['Stable Diffusion 3 Medium', { ...named(joint), 'x_embedder.proj.weight': [1536, 16, 2, 2] }],
    ['Stable Diffusion 3.5 Large', { ...named(joint), 'x_embedder.proj.weight': [2432, 16, 2, 2] }],
    ['Stable Diffusion 3.5 Medium', named(joint, 'joint_blocks.0.x_block.attn2.qkv.weight')],
    [
      'Stable Diffusion 3 (diffusers)',
      named('transformer_blocks.0.norm1_context.linear.weight', 'pos_embed.proj.weight'),
    ],
    [
      'Stable Diffusion 3.5 Large (diffusers)',
      { ...named('transformer_blocks.0.norm1_context.linear.weight'), 'pos_embed.proj.weight': [2432, 16, 2, 2] },
    ],
    ['Stable Cascade stage C', { ...named('clf.1.weight'), 'clip_txt_mapper.weight': [2048, 1280] }],
    ['Stable Cascade stage C lite', { ...named('clf.1.weight'), 'clip_txt_mapper.weight': [1536, 1280] }],
    ['Stable Cascade stage B', named('clf.1.weight', 'clip_mapper.weight')],
    ['AuraFlow', named('double_layers.0.attn.w1q.weight')],
    ['Hunyuan DiT', named('mlp_t5.0.weight')],
    ['HunyuanVideo', hunyuan()],
    ['HunyuanVideo image-to-video', { ...hunyuan(), 'img_in.proj.weight': [3072, 33, 1, 2, 2] }],
    ['SkyReels image-to-video (HunyuanVideo)', { ...hunyuan(), 'img_in.proj.weight': [3072, 32, 1, 2, 2] }],
    ['HunyuanImage 2.1', hunyuan('byt5_in.fc1.weight')],
    ['HunyuanVideo 1.5', hunyuan('byt5_in.fc1.weight', 'vision_in.proj.0.bias')],
    ['HunyuanImage refiner or distilled', hunyuan('time_r_in.in_layer.weight')],
    ['FLUX.1 dev', flux(64, 'guidance_in.in_layer.weight')],
    ['FLUX.1 schnell', flux(64)],
    ['FLUX.1 Fill', flux(384, 'guidance_in.in_layer.weight')],
    ['FLUX.1 Depth or Canny', flux(128, 'guidance_in.in_layer.weight')],
    ['Flex.2', flux(196)],
    [
      'FLUX.1 dev (diffusers)',
      named(
        'single_transformer_blocks.0.attn.to_k.weight',
        'time_text_embed.guidance_embedder.linear_1.weight',
        'x_embedder.weight',
      ),
    ],
    ['FLUX.1 schnell (diffusers)', named('single_transformer_blocks.0.attn.to_k.weight', 'x_embedder.weight')],
    [
      'FLUX.1 (Nunchaku)',
      named('single_transformer_blocks.0.norm.linear.qweight', 'transformer_blocks.0.qkv_proj.wscales'),
    ],
    [
      'diffusion transformer (Nunchaku)',
      named('transformer_blocks.0.qkv_proj.qweight', 'transformer_blocks.0.qkv_proj.wscales'),
    ],
    ['Chroma', flux(64, 'distilled_guidance_layer.norms.0.scale')],
    ['Chroma Radiance', named('nerf_blocks.0.norm.scale', 'distilled_guidance_layer.norms.0.scale')],
    ['FLUX.2 dev', { 'double_stream_modulation_img.lin.weight': [36_864, 6144] }],
    ['FLUX.2 klein 9B', { 'double_stream_modulation_img.lin.weight': [24_576, 4096] }],
    ['FLUX.2 klein 4B', { 'double_stream_modulation_img.lin.weight': [18_432, 3072] }],
    ['FLUX.2', named('double_stream_modulation_img.lin.weight')],
    ['Ovis Image', flux(64, 'double_blocks.0.img_mlp.down_proj.weight')],
    ['LongCat Image', { ...flux(64), 'txt_in.weight': [3072, 3584] }],
    ['Mochi', named('t5_yproj.weight')],
    ['PixArt-α', named('t_block.1.weight', 'ar_embedder.mlp.0.weight')],
    ['PixArt-Σ', named('t_block.1.weight')],
    ['PixArt (diffusers)', named(ltx, 'pos_embed.proj.bias')],
    ['LTX-Video', named(ltx)],
    ['LTX-2', named(ltx, 'transformer_blocks.1.audio_to_video_attn.k_norm.weight')],
    [
      'LTX-2.3',
      named(
        ltx,
        'transformer_blocks.1.audio_to_video_attn.k_norm.weight',
        'transformer_blocks.1.prompt_scale_shift_table',
      ),
    ],
    ['LTX-2.5', named(ltx, 'transformer_blocks.1.prompt_scale_shift_table', 'keyframes_abs_pos_embedding')],
    ['ACE-Step', named('genre_embedder.weight')],
    ['ACE-Step 1.5', named('encoder.lyric_encoder.layers.0.post_attention_layernorm.weight')],
    ['Anima', named('llm_adapter.blocks.0.cross_attn.k_norm.weight', 'blocks.0.mlp.layer1.weight')],
    ['Cosmos 1 7B', { 'blocks.block0.blocks.0.block.attn.to_q.0.weight': [4096, 4096] }],
    ['Cosmos 1 14B', { 'blocks.block0.blocks.0.block.attn.to_q.0.weight': [5120, 5120] }],
    ['Cosmos Predict2 2B', { 'blocks.0.mlp.layer1.weight': [8192, 2048] }],
    ['Cosmos Predict2 14B', { 'blocks.0.mlp.layer1.weight': [20_480, 5120] }],
    ['Lumina 2', { 'cap_embedder.1.weight': [2304, 2304] }],
    ['Z-Image', { 'cap_embedder.1.weight': [3840, 2560] }],
    ['Wan 2.1 1.3B', wan(1536, 16)],
    ['Wan 14B text-to-video', wan(5120, 16)],
    ['Wan 2.2 14B image-to-video', wan(5120, 36)],
    ['Wan 2.1 image-to-video', wan(5120, 36, 'img_emb.proj.0.bias')],
    ['Wan 2.1 first and last frame', wan(5120, 36, 'img_emb.proj.0.bias', 'img_emb.emb_pos')],
    ['Wan 2.2 5B', wan(3072, 48)],
    ['Wan VACE', wan(1536, 16, 'vace_patch_embedding.weight')],
    ['Wan camera control', wan(5120, 32, 'control_adapter.conv.weight')],
    ['Wan Animate', wan(5120, 36, 'face_adapter.fuser_blocks.0.k_norm.weight')],
    ['Wan speech-to-video', wan(5120, 16, 'casual_audio_encoder.weights')],
    ['Wan HuMo', wan(5120, 36, 'audio_proj.audio_proj_glob_1.layer.bias')],
    ['Hunyuan3D 2', named('latent_in.weight')],
    ['Hunyuan3D 2.1', named('t_embedder.mlp.2.weight', 'x_embedder.weight')],
    ['HiDream I1', named('caption_projection.0.linear.weight')],
    ['HiDream O1', named('model.t_embedder1.mlp.0.weight')],
    ['OmniGen 2', named('time_caption_embed.timestep_embedder.linear_1.bias')],
    ['Qwen-Image or Qwen-Image-Edit', named('txt_norm.weight', 'transformer_blocks.0.attn.add_k_proj.bias')],
    [
      'Qwen-Image layered',
      named(
        'txt_norm.weight',
        'transformer_blocks.0.attn.add_k_proj.bias',
        'time_text_embed.addition_t_embedding.weight',
      ),
    ],
    [
      'Qwen-Image-Edit 2511',
      named('txt_norm.weight', 'transformer_blocks.0.attn.add_k_proj.bias', '__index_timestep_zero__'),
    ],
    ['Mage-Flow', { 'txt_norm.weight': [2560] }],
    ['Sana', named('attention_y_norm.weight')],
    [
      'Kandinsky 5 video lite',
      { ...named('pooled_text_embeddings.in_layer.weight'), 'text_embeddings.in_layer.weight': [1792, 3584] },
    ],
    [
      'Kandinsky 5 image lite',
      { ...named('pooled_text_embeddings.in_layer.weight'), 'text_embeddings.in_layer.weight': [2560, 3584] },
    ],
    [
      'Kandinsky 5 video pro',
      { ...named('pooled_text_embeddings.in_layer.weight'), 'text_embeddings.in_layer.weight': [4096, 3584] },
    ],
    ['ERNIE-Image', named('layers.0.adaLN_sa_ln.weight')],
    ['Krea 2', named('txtfusion.projector.weight')],
    ['Ideogram 4', named('embed_image_indicator.weight')],
    ['Lens', named('transformer_blocks.0.img_mlp.w1.weight', 'transformer_blocks.0.attn.norm_added_q.weight')],
    ['Boogu', named('double_stream_layers.0.img_instruct_attn.processor.img_to_q.weight')],
    ['SeedVR2', named('blocks.31.mlp.all.proj_in_gate.weight')],
    ['MiniMax-H3', named('video_patch_proj.weight', 'audio_patch_proj.weight')],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(`diffusion: ${label}`)
    expect(await told(inCheckpoint(keys))).toBe(`diffusion: ${label}`)
  })

  it('Stable Audio has a prefix of its own', async () => {
    expect(await told(named('model.model.transformer.rotary_pos_emb.inv_freq'))).toBe('diffusion: Stable Audio')
  })
})
