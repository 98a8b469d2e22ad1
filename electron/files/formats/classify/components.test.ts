import { describe, expect, it } from 'vitest'
import { classify, type Keys, named, told } from './testKeys.ts'

describe('ControlNets and what stands beside an image model', () => {
  const hint = { 'input_hint_block.0.weight': [16, 3, 3, 3], 'zero_convs.0.0.weight': [320, 320, 1, 1] }
  const attention = (width: number, prefix = '') => ({
    [`${prefix}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight`]: [320, width],
  })
  const diffusers = {
    'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3],
    'controlnet_down_blocks.0.weight': [320, 320, 1, 1],
  }
  it.each<[string, Keys]>([
    ['Stable Diffusion 1 ControlNet', { ...hint, ...attention(768) }],
    [
      'Stable Diffusion 2 ControlNet',
      {
        'control_model.input_blocks.0.0.weight': [8],
        'control_model.zero_convs.0.0.weight': [8],
        ...attention(1024, 'control_model.'),
      },
    ],
    ['SDXL ControlNet', { ...hint, ...attention(2048) }],
    ['ControlNet', hint],
    [
      'SDXL ControlNet (diffusers)',
      { ...diffusers, 'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, 2048] },
    ],
    [
      'SDXL union ControlNet',
      {
        ...diffusers,
        'control_add_embedding.linear_1.bias': [8],
        task_embedding: [6, 320],
        'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, 2048],
      },
    ],
    ['FLUX.1 ControlNet (XLabs)', named('controlnet_blocks.0.weight', 'double_blocks.0.img_attn.norm.key_norm.scale')],
    [
      'FLUX.1 ControlNet (InstantX)',
      named(
        'controlnet_blocks.0.weight',
        'controlnet_x_embedder.weight',
        'transformer_blocks.0.attn.norm_added_k.weight',
      ),
    ],
    [
      'FLUX.1 ControlNet (diffusers)',
      named('controlnet_blocks.0.weight', 'transformer_blocks.0.attn.norm_added_k.weight'),
    ],
    ['FLUX.1 ControlNet (MistoLine)', named('controlnet_blocks.0.linear.weight')],
    ['Stable Diffusion 3 ControlNet', named('controlnet_blocks.0.bias', 'pos_embed_input.proj.weight')],
    [
      'Stable Diffusion 3.5 Large ControlNet',
      named('controlnet_blocks.0.bias', 'transformer_blocks.0.adaLN_modulation.1.bias'),
    ],
    ['Qwen-Image ControlNet', named('controlnet_blocks.0.weight', 'transformer_blocks.0.img_mlp.net.0.proj.weight')],
    ['Qwen-Image ControlNet (DiffSynth patch)', named('controlnet_blocks.0.x_rms.weight')],
    ['Hunyuan DiT ControlNet', named('after_proj_list.18.bias')],
    ['Z-Image ControlNet', named('control_layers.0.adaLN_modulation.0.weight')],
    ['T2I-Adapter', named('body.0.in_conv.weight')],
    ['T2I-Adapter (diffusers)', named('adapter.body.0.resnets.0.block1.weight')],
    [
      'SDXL ControlNet-LLLite',
      named('lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_k.cond_to_film.weight'),
    ],
    ['ControlNet-LLLite', named('lllite_dit_blocks_0.depth_embed')],
    [
      'Stable Diffusion 1 IP-Adapter',
      { 'image_proj.proj.weight': [3072, 1024], 'ip_adapter.1.to_k_ip.weight': [320, 768] },
    ],
    ['SDXL IP-Adapter', { 'image_proj.proj.weight': [8192, 1280], 'ip_adapter.1.to_k_ip.weight': [640, 2048] }],
    [
      'FLUX.1 IP-Adapter',
      named('ip_adapter_proj_model.norm.bias', 'double_blocks.0.processor.ip_adapter_double_stream_k_proj.weight'),
    ],
    ['SDXL InstantID', { 'image_proj.latents': [1, 16, 1280], 'ip_adapter.1.to_k_ip.weight': [640, 2048] }],
    ['SDXL PhotoMaker', named('id_encoder.vision_model.a.weight', 'lora_weights.unet.a.weight')],
    ['GLIGEN', named('position_net.linears.0.weight', 'input_blocks.1.1.transformer_blocks.0.fuser.alpha_attn')],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(`controlnet: ${label}`)
  })
  it('names the model it belongs to', async () => {
    expect(await classify({ ...hint, ...attention(768) })).toMatchObject({
      base: 'Stable Diffusion 1',
      architecture: 'sd1',
    })
  })
})

describe('a VAE alone', () => {
  const latent = (channels: number, ...more: string[]): Keys => ({
    ...named(...more),
    'decoder.conv_in.weight': [512, channels, 3, 3],
  })
  const down = 'encoder.down.2.downsample.conv.weight'
  it.each<[string, Keys]>([
    ['Stable Diffusion 1, 2 or SDXL VAE, 4 channels', latent(4, down)],
    ['Stable Diffusion 1, 2 or SDXL VAE, 4 channels', latent(4, 'decoder.up_blocks.0.resnets.0.norm1.weight')],
    ['Stable Diffusion ×4 upscaler VAE', latent(4, 'decoder.up.0.block.0.conv1.weight')],
    ['FLUX.1 or Stable Diffusion 3 VAE, 16 channels', latent(16, down)],
    ['Stable Diffusion 3 VAE, 16 channels', latent(16, 'quant_conv.weight')],
    ['FLUX.2 VAE, 32 channels', latent(32, 'bn.running_mean')],
    ['HunyuanImage refiner VAE, 32 channels', latent(32)],
    ['HunyuanImage 2.1 VAE, 64 channels', latent(64)],
    ['Stable Video Diffusion VAE', latent(4, 'decoder.mid.block_1.mix_factor')],
    ['TAESD preview VAE', { 'taesd_decoder.1.weight': [64, 4, 3, 3] }],
    ['TAESD preview VAE', { 'decoder.layers.3.conv.0.weight': [64, 64, 3, 3] }],
    ['Stable Cascade stage A', named('vquantizer.codebook.weight')],
    ['Stable Cascade EfficientNet', named('backbone.1.0.block.0.1.num_batches_tracked')],
    ['Stable Cascade previewer', named('blocks.11.num_batches_tracked')],
    ['Wan 2.1 or Qwen-Image VAE, 16 channels', named('decoder.middle.0.residual.0.gamma')],
    [
      'Wan 2.2 VAE, 48 channels',
      named('decoder.middle.0.residual.0.gamma', 'decoder.upsamples.0.upsamples.0.residual.2.weight'),
    ],
    ['HunyuanVideo VAE, 16 channels', { 'decoder.conv_in.conv.weight': [512, 16, 3, 3, 3] }],
    ['HunyuanImage refiner VAE, 32 channels', { 'decoder.conv_in.conv.weight': [512, 32, 3, 3, 3] }],
    [
      'LTX-Video VAE, 128 channels',
      {
        'decoder.conv_in.conv.weight': [512, 128, 3, 3, 3],
        'decoder.last_time_embedder.timestep_embedder.linear_1.weight': [8],
      },
    ],
    [
      'LTX-Video VAE, 128 channels',
      named('decoder.conv_in.conv.weight', 'decoder.up_blocks.0.res_blocks.0.conv1.conv.weight'),
    ],
    ['LTX-2.5 VAE', named('decoder.conv_in_x_t.weight', 'decoder.shared_adaln.proj.weight')],
    ['Mochi VAE, 12 channels', named('blocks.2.blocks.3.stack.5.weight')],
    ['Mochi VAE, 12 channels', named('decoder.blocks.2.blocks.3.stack.5.weight')],
    ['Cosmos VAE', named('decoder.unpatcher3d.wavelets')],
    ['Stable Audio VAE, 64 channels', named('decoder.layers.1.layers.0.beta')],
    ['Hunyuan3D VAE', named('geo_decoder.cross_attn_decoder.ln_1.bias')],
    ['ACE-Step VAE', named('vocoder.backbone.channel_layers.0.0.bias')],
    ['pixel space marker', named('pixel_space_vae')],
    ['SeedVR2 VAE', named('decoder.up_blocks.2.upsamplers.0.upscale_conv.weight')],
    ['FLUX.1 or Stable Diffusion 3 VAE, 16 channels', { 'first_stage_model.decoder.conv_in.weight': [512, 16, 3, 3] }],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(`vae: ${label}`)
  })
})

describe('an encoder alone', () => {
  const clip = (layers: number, width: number): Keys => ({
    [`text_model.encoder.layers.${layers - 1}.mlp.fc1.weight`]: [width * 4, width],
  })
  const t5 = (width: number, more: Keys = {}): Keys => ({
    'encoder.block.23.layer.1.DenseReluDense.wi_1.weight': [10_240, width],
    'encoder.block.0.layer.0.SelfAttention.k.weight': [4096, width],
    ...more,
  })
  const vision = (layers: number, width: number, positions = 257): Keys => ({
    [`vision_model.encoder.layers.${layers - 1}.layer_norm1.weight`]: [width],
    'vision_model.embeddings.position_embedding.weight': [positions, width],
  })
  it.each<[string, Keys]>([
    ['text-encoder: CLIP-G text encoder', clip(32, 1280)],
    ['text-encoder: CLIP-H text encoder', clip(24, 1024)],
    ['text-encoder: CLIP-L text encoder', clip(12, 768)],
    ['text-encoder: CLIP text encoder', clip(12, 512)],
    ['text-encoder: CLIP-L text encoder, with its vision encoder', { ...clip(12, 768), ...vision(24, 1024) }],
    [
      'text-encoder: CLIP-G text encoder (OpenCLIP)',
      { 'transformer.resblocks.0.attn.in_proj_weight': [3840, 1280], 'token_embedding.weight': [49_408, 1280] },
    ],
    [
      'text-encoder: CLIP-H text encoder (OpenCLIP)',
      { 'transformer.resblocks.0.attn.in_proj_weight': [3072, 1024], 'token_embedding.weight': [49_408, 1024] },
    ],
    [
      'text-encoder: CLIP text encoder (OpenCLIP)',
      { 'transformer.resblocks.0.attn.in_proj_weight': [1536, 512], 'token_embedding.weight': [49_408, 512] },
    ],
    ['text-encoder: T5-XXL text encoder', t5(4096, { 'shared.weight': [32_128, 4096] })],
    ['text-encoder: UMT5-XXL text encoder', t5(4096, { 'shared.weight': [256_384, 4096] })],
    ['text-encoder: T5-XL text encoder', t5(2048)],
    [
      'text-encoder: T5 text encoder (first version)',
      { 'encoder.block.23.layer.1.DenseReluDense.wi.weight': [4096, 1024] },
    ],
    ['text-encoder: ByT5-small glyph encoder', { 'encoder.block.0.layer.0.SelfAttention.k.weight': [384, 1472] }],
    ['text-encoder: T5 text encoder', { 'encoder.block.0.layer.0.SelfAttention.k.weight': [768, 768] }],
    ['vision-encoder: CLIP-G vision encoder', vision(48, 1664)],
    ['vision-encoder: CLIP-H vision encoder', vision(32, 1280)],
    ['vision-encoder: CLIP-L vision encoder', vision(24, 1024)],
    ['vision-encoder: CLIP-L vision encoder, 336 px', vision(24, 1024, 577)],
    ['vision-encoder: CLIP vision encoder', vision(12, 768, 50)],
    ['vision-encoder: SigLIP vision encoder, 384 px', vision(27, 1152, 729)],
    ['vision-encoder: SigLIP vision encoder, 512 px', vision(27, 1152, 1024)],
    ['vision-encoder: SigLIP vision encoder', vision(27, 1152, 256)],
    ['vision-encoder: DINOv2 giant', named('encoder.layer.39.layer_scale2.lambda1')],
    ['vision-encoder: DINOv2 large', named('encoder.layer.23.layer_scale2.lambda1')],
    ['vision-encoder: DINOv2', named('encoder.layer.11.layer_scale2.lambda1')],
    ['vision-encoder: CLIP vision encoder (OpenCLIP)', named('visual.transformer.resblocks.0.attn.in_proj_weight')],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(label)
  })
})

describe('upscalers and restoration', () => {
  it.each<[string, Keys]>([
    [
      'ESRGAN ×4',
      named(
        'model.0.weight',
        'model.1.sub.0.RDB1.conv1.0.weight',
        'model.3.weight',
        'model.6.weight',
        'model.8.weight',
        'model.10.weight',
      ),
    ],
    [
      'ESRGAN ×2',
      named(
        'model.0.weight',
        'model.1.sub.0.RDB1.conv1.0.weight',
        'model.3.weight',
        'model.5.weight',
        'model.7.weight',
      ),
    ],
    [
      'ESRGAN ×4',
      {
        ...named('body.0.rdb1.conv1.weight', 'conv_up1.weight', 'conv_up2.weight'),
        'conv_first.weight': [64, 3, 3, 3],
      },
    ],
    [
      'ESRGAN ×2',
      {
        ...named('body.0.rdb1.conv1.weight', 'conv_up1.weight', 'conv_up2.weight'),
        'conv_first.weight': [64, 12, 3, 3],
      },
    ],
    [
      'ESRGAN ×4',
      {
        ...named('params_ema.body.0.rdb1.conv1.weight', 'params_ema.conv_up1.weight', 'params_ema.conv_up2.weight'),
        'params_ema.conv_first.weight': [64, 3, 3, 3],
      },
    ],
    ['ESRGAN ×4', named('RRDB_trunk.0.RDB1.conv1.weight', 'upconv1.weight', 'upconv2.weight')],
    [
      'Real-ESRGAN compact ×4',
      { 'body.0.weight': [64, 3, 3, 3], 'body.1.weight': [64], 'body.34.weight': [48, 64, 3, 3] },
    ],
    [
      'SwinIR',
      named(
        'layers.0.residual_group.blocks.0.norm1.weight',
        'conv_first.weight',
        'layers.0.residual_group.blocks.0.attn.relative_position_index',
      ),
    ],
    ['Swin2SR', named('layers.0.residual_group.blocks.0.norm1.weight', 'conv_first.weight', 'patch_embed.proj.weight')],
    [
      'SRFormer',
      named(
        'layers.0.residual_group.blocks.0.norm1.weight',
        'conv_first.weight',
        'layers.0.residual_group.blocks.0.attn.aligned_relative_position_index',
      ),
    ],
    [
      'HAT',
      named(
        'relative_position_index_SA',
        'layers.0.residual_group.blocks.0.conv_block.cab.0.weight',
        'layers.0.residual_group.blocks.0.norm1.weight',
        'conv_first.weight',
      ),
    ],
    ['ATD', named('layers.0.residual_group.td')],
    ['DRCT', named('layers.0.swin1.norm1.weight')],
    ['DAT', named('before_RG.1.weight', 'layers.0.blocks.0.attn.qkv.weight')],
    ['RGT', named('before_RG.1.weight', 'layers.0.blocks.0.gamma', 'layers.0.blocks.0.attn.qkv.weight')],
    ['OmniSR', named('residual_layer.0.residual_layer.0.layer.0.fn.0.weight')],
    ['PLKSR', named('feats.1.lk.conv.weight')],
    ['MoSR', named('gblocks.0.weight')],
    ['SPAN', named('conv_1.sk.weight')],
    ['SAFMN', named('feats.0.safm.mfr.0.weight')],
    ['FDAT', named('groups.0.blocks.0.attn.bias')],
    ['GFPGAN face restoration', named('stylegan_decoder.style_mlp.1.weight')],
    ['RestoreFormer face restoration', named('quantize.embedding.weight', 'encoder.conv_in.weight')],
    [
      'CodeFormer face restoration',
      named('position_emb', 'idx_pred_layer.1.weight', 'quantize.embedding.weight', 'encoder.conv_in.weight'),
    ],
    ['SCUNet', named('m_head.0.weight', 'm_tail.0.weight')],
    ['NAFNet', named('intro.weight', 'middle_blks.0.beta')],
    ['LaMa', named('model.model.1.bn_l.running_mean')],
    ['RealCUGAN', named('unet1.conv1.conv.0.weight')],
    ['DDColor', named('refine_net.0.0.weight_orig')],
    ['Restormer', named('encoder_level1.0.attn.temperature')],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(`upscaler: ${label}`)
  })
})
