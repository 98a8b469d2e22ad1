import type { Rule } from './rules.ts'

/**
 * Diffusion transformers, in the order of ComfyUI's tests (`comfy/model_detection.py`): the first match wins, so a
 * variant stands before what it is a variant of. Each name is also looked for behind the prefixes of checkpoints.
 */
export const diffusionTransformers: readonly Rule[] = [
  ['flux-1-nunchaku', 'FLUX.1 (Nunchaku)', 'single_transformer_blocks.0.norm.linear.qweight', '*.wscales'],
  ['nunchaku', 'diffusion transformer (Nunchaku)', 'transformer_blocks.#.*qweight', '*.wscales'],

  ['sd3.5-medium', 'Stable Diffusion 3.5 Medium', 'joint_blocks.0.x_block.attn2.qkv.weight'],
  [
    'sd3.5-large',
    'Stable Diffusion 3.5 Large',
    'joint_blocks.0.context_block.attn.qkv.weight',
    'x_embedder.proj.weight[0]=2432',
  ],
  ['sd3', 'Stable Diffusion 3 Medium', 'joint_blocks.0.context_block.attn.qkv.weight'],
  [
    'sd3.5-large',
    'Stable Diffusion 3.5 Large (diffusers)',
    'transformer_blocks.0.norm1_context.linear.weight',
    'pos_embed.proj.weight[0]=2432',
  ],
  [
    'sd3',
    'Stable Diffusion 3 (diffusers)',
    'transformer_blocks.0.norm1_context.linear.weight',
    'pos_embed.proj.weight',
  ],
  ['stable-cascade-c', 'Stable Cascade stage C', 'clf.1.weight', 'clip_txt_mapper.weight[0]=2048'],
  ['stable-cascade-c-lite', 'Stable Cascade stage C lite', 'clf.1.weight', 'clip_txt_mapper.weight'],
  ['stable-cascade-b', 'Stable Cascade stage B', 'clf.1.weight', 'clip_mapper.weight'],
  ['stable-audio', 'Stable Audio', 'transformer.rotary_pos_emb.inv_freq'],
  ['auraflow', 'AuraFlow', 'double_layers.0.attn.w1q.weight'],
  ['hunyuan-dit', 'Hunyuan DiT', 'mlp_t5.0.weight'],

  [
    'hunyuan-image-refiner',
    'HunyuanImage refiner or distilled',
    'txt_in.individual_token_refiner.blocks.0.norm1.weight',
    'time_r_in.*',
  ],
  [
    'hunyuan-video-1.5',
    'HunyuanVideo 1.5',
    'txt_in.individual_token_refiner.blocks.0.norm1.weight',
    'vision_in.proj.0.bias',
  ],
  [
    'hunyuan-image-2.1',
    'HunyuanImage 2.1',
    'txt_in.individual_token_refiner.blocks.0.norm1.weight',
    'byt5_in.fc1.weight',
  ],
  [
    'hunyuan-video-skyreels',
    'SkyReels image-to-video (HunyuanVideo)',
    'txt_in.individual_token_refiner.blocks.0.norm1.weight',
    'img_in.proj.weight[1]=32',
  ],
  [
    'hunyuan-video-i2v',
    'HunyuanVideo image-to-video',
    'txt_in.individual_token_refiner.blocks.0.norm1.weight',
    'img_in.proj.weight[1]=33',
  ],
  ['hunyuan-video', 'HunyuanVideo', 'txt_in.individual_token_refiner.blocks.0.norm1.weight'],

  ['chroma-radiance', 'Chroma Radiance', 'nerf_blocks.0.norm.scale'],
  [
    'chroma',
    'Chroma',
    'distilled_guidance_layer.0.norms.0.scale || distilled_guidance_layer.norms.0.scale || distilled_guidance_layer.in_proj.bias',
  ],
  [
    'flux-2-dev',
    'FLUX.2 dev',
    'double_stream_modulation_img.lin.weight[0]=36864 || double_stream_modulation_img.linear.weight[0]=36864',
  ],
  [
    'flux-2-klein-9b',
    'FLUX.2 klein 9B',
    'double_stream_modulation_img.lin.weight[0]=24576 || double_stream_modulation_img.linear.weight[0]=24576',
  ],
  [
    'flux-2-klein-4b',
    'FLUX.2 klein 4B',
    'double_stream_modulation_img.lin.weight[0]=18432 || double_stream_modulation_img.linear.weight[0]=18432',
  ],
  ['flux-2', 'FLUX.2', 'double_stream_modulation_img.lin.* || double_stream_modulation_img.linear.*'],
  ['ovis-image', 'Ovis Image', 'double_blocks.0.img_mlp.down_proj.weight'],
  ['longcat-image', 'LongCat Image', 'double_blocks.0.img_attn.norm.key_norm.scale', 'txt_in.weight[1]=3584'],
  ['longcat-image', 'LongCat Image (diffusers)', 'single_transformer_blocks.0.*', 'context_embedder.weight[1]=3584'],
  ['flux-1-fill', 'FLUX.1 Fill', 'double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight[1]=384'],
  ['flux-1-control', 'FLUX.1 Depth or Canny', 'double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight[1]=128'],
  ['flex-2', 'Flex.2', 'double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight[1]=196'],
  ['flux-1-dev', 'FLUX.1 dev', 'double_blocks.0.img_attn.norm.key_norm.scale', 'guidance_in.in_layer.weight'],
  ['flux-1-schnell', 'FLUX.1 schnell', 'double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight'],
  [
    'flux-1-dev',
    'FLUX.1 dev (diffusers)',
    'single_transformer_blocks.0.attn.to_k.weight',
    'time_text_embed.guidance_embedder.linear_1.weight',
  ],
  ['flux-1-schnell', 'FLUX.1 schnell (diffusers)', 'single_transformer_blocks.0.attn.to_k.weight', 'x_embedder.weight'],

  ['mochi', 'Mochi', 't5_yproj.weight'],
  ['pixart-alpha', 'PixArt-α', 't_block.1.weight', 'ar_embedder.mlp.0.weight'],
  ['pixart-sigma', 'PixArt-Σ', 't_block.1.weight'],
  ['ltx-2.5', 'LTX-2.5', 'adaln_single.emb.timestep_embedder.linear_1.bias', 'keyframes_abs_pos_embedding'],
  [
    'ltx-2.3',
    'LTX-2.3',
    'adaln_single.emb.timestep_embedder.linear_1.bias',
    'transformer_blocks.1.prompt_scale_shift_table',
  ],
  [
    'ltx-2',
    'LTX-2',
    'adaln_single.emb.timestep_embedder.linear_1.bias',
    'transformer_blocks.1.audio_to_video_attn.k_norm.weight',
  ],
  ['pixart', 'PixArt (diffusers)', 'adaln_single.emb.timestep_embedder.linear_1.bias', 'pos_embed.proj.bias'],
  ['ltx', 'LTX-Video', 'adaln_single.emb.timestep_embedder.linear_1.bias'],
  ['ace-step', 'ACE-Step', 'genre_embedder.weight'],
  ['ace-step-1.5', 'ACE-Step 1.5', 'encoder.lyric_encoder.layers.0.post_attention_layernorm.weight'],
  ['anima', 'Anima', 'llm_adapter.blocks.0.*'],
  ['cosmos-7b', 'Cosmos 1 7B', 'blocks.block0.blocks.0.block.attn.to_q.0.weight[0]=4096'],
  ['cosmos-14b', 'Cosmos 1 14B', 'blocks.block0.blocks.0.block.attn.to_q.0.weight[0]=5120'],
  ['cosmos', 'Cosmos 1', 'blocks.block0.blocks.0.block.attn.to_q.0.weight'],
  ['cosmos-predict2-2b', 'Cosmos Predict2 2B', 'blocks.0.mlp.layer1.weight[1]=2048'],
  ['cosmos-predict2-14b', 'Cosmos Predict2 14B', 'blocks.0.mlp.layer1.weight[1]=5120'],
  ['z-image', 'Z-Image', 'cap_embedder.1.weight[0]=3840'],
  ['lumina-2', 'Lumina 2', 'cap_embedder.1.weight[0]=2304'],
  ['lumina-2', 'Lumina 2 layout', 'cap_embedder.1.weight'],

  ['wan-vace', 'Wan VACE', 'head.modulation', 'vace_patch_embedding.weight'],
  ['wan-camera', 'Wan camera control', 'head.modulation', 'control_adapter.conv.weight'],
  ['wan-animate', 'Wan Animate', 'head.modulation', 'face_adapter.fuser_blocks.0.k_norm.weight'],
  ['wan-s2v', 'Wan speech-to-video', 'head.modulation', 'casual_audio_encoder.*'],
  ['wan-humo', 'Wan HuMo', 'head.modulation', 'audio_proj.audio_proj_glob_1.layer.bias'],
  ['wan-flf2v', 'Wan 2.1 first and last frame', 'head.modulation', 'img_emb.emb_pos'],
  ['wan-2.1-i2v', 'Wan 2.1 image-to-video', 'head.modulation', 'img_emb.proj.0.bias'],
  ['wan-2.2-5b', 'Wan 2.2 5B', 'head.modulation[2]=3072 || patch_embedding.weight[0]=3072', 'head.modulation'],
  ['wan-1.3b', 'Wan 2.1 1.3B', 'head.modulation[2]=1536 || patch_embedding.weight[0]=1536', 'head.modulation'],
  ['wan-2.2-i2v', 'Wan 2.2 14B image-to-video', 'head.modulation', 'patch_embedding.weight[1]=36'],
  ['wan-14b', 'Wan 14B text-to-video', 'head.modulation', 'patch_embedding.weight[0]=5120'],
  ['wan', 'Wan', 'head.modulation'],
  ['hunyuan3d-2.1', 'Hunyuan3D 2.1', 't_embedder.mlp.2.weight', 'x_embedder.weight', '!joint_blocks.#.*'],
  ['hunyuan3d-2', 'Hunyuan3D 2', 'latent_in.weight'],
  ['hidream-o1', 'HiDream O1', 'model.t_embedder1.mlp.0.weight'],
  ['hidream-i1', 'HiDream I1', 'caption_projection.0.linear.weight'],
  ['omnigen-2', 'OmniGen 2', 'time_caption_embed.timestep_embedder.linear_1.bias'],
  ['qwen-image-edit-2511', 'Qwen-Image-Edit 2511', 'txt_norm.weight', '__index_timestep_zero__'],
  ['qwen-image-layered', 'Qwen-Image layered', 'txt_norm.weight', 'time_text_embed.addition_t_embedding.weight'],
  ['mage-flow', 'Mage-Flow', 'txt_norm.weight[0]=2560'],
  ['qwen-image', 'Qwen-Image or Qwen-Image-Edit', 'txt_norm.weight', 'transformer_blocks.0.attn.add_k_proj.bias'],
  ['sana', 'Sana', 'attention_y_norm.weight'],
  [
    'kandinsky5-video-lite',
    'Kandinsky 5 video lite',
    'pooled_text_embeddings.in_layer.weight',
    'text_embeddings.in_layer.weight[0]=1792',
  ],
  [
    'kandinsky5-image-lite',
    'Kandinsky 5 image lite',
    'pooled_text_embeddings.in_layer.weight',
    'text_embeddings.in_layer.weight[0]=2560',
  ],
  [
    'kandinsky5-video-pro',
    'Kandinsky 5 video pro',
    'pooled_text_embeddings.in_layer.weight',
    'text_embeddings.in_layer.weight[0]=4096',
  ],
  ['kandinsky5', 'Kandinsky 5', 'pooled_text_embeddings.in_layer.weight'],
  ['ernie-image', 'ERNIE-Image', 'layers.0.adaLN_sa_ln.weight'],
  ['krea-2', 'Krea 2', 'txtfusion.projector.weight'],
  ['ideogram-4', 'Ideogram 4', 'embed_image_indicator.weight'],
  ['lens', 'Lens', 'transformer_blocks.0.img_mlp.w1.weight', '*attn.norm_added_q*'],
  ['boogu', 'Boogu', 'double_stream_layers.0.img_instruct_attn.processor.img_to_q.weight'],
  ['seedvr2', 'SeedVR2', 'blocks.31.mlp.all.proj_in_gate.weight || blocks.35.mlp.all.proj_in_gate.weight'],
  ['minimax-h3', 'MiniMax-H3', 'video_patch_proj.weight', 'audio_patch_proj.weight'],
  ['pixart', 'PixArt (diffusers)', 'adaln_single.linear.weight', 'pos_embed.proj.bias'],
]

const unet = 'input_blocks.0.0.weight'
const attention = '*input_blocks.#.1.transformer_blocks.#.attn2.to_k.weight'

/** UNets in the names of ldm; the special first. Widths are those of the text encoder that is listened to. */
export const ldmUnets: readonly Rule[] = [
  [
    'svd',
    'Stable Video Diffusion',
    unet,
    'input_blocks.8.0.time_mixer.mix_factor || input_blocks.1.0.time_stack.emb_layers.1.bias || *input_blocks.#.#.time_stack.*',
  ],
  ['sdxl-refiner', 'SDXL refiner', unet, `${attention}[1]=1280`],
  [
    'koala',
    'KOALA (small SDXL)',
    unet,
    `${attention}[1]=2048`,
    '!middle_block.1.*',
    'input_blocks.5.1.transformer_blocks.4.norm1.weight',
  ],
  [
    'ssd-1b',
    'SSD-1B (small SDXL)',
    unet,
    'input_blocks.7.1.transformer_blocks.3.norm1.weight',
    '!input_blocks.7.1.transformer_blocks.4.norm1.weight',
  ],
  [
    'segmind-vega',
    'Segmind Vega (small SDXL)',
    unet,
    'input_blocks.7.1.transformer_blocks.1.norm1.weight',
    '!input_blocks.7.1.transformer_blocks.2.norm1.weight',
    `${attention}[1]=2048`,
  ],
  ['sdxl-inpaint', 'SDXL inpainting', unet, `${attention}[1]=2048`, 'input_blocks.0.0.weight[1]=9'],
  ['sdxl-edit', 'SDXL instruct-pix2pix', unet, `${attention}[1]=2048`, 'input_blocks.0.0.weight[1]=8'],
  ['sdxl-turbo', 'SDXL turbo', unet, `${attention}[1]=2048`, '^denoiser.sigmas'],
  ['playground-2.5', 'Playground 2.5', unet, `${attention}[1]=2048`, '^edm_mean', '^edm_std'],
  ['sdxl', 'SDXL', unet, `${attention}[1]=2048 || label_emb.0.0.weight[1]=2816`],
  ['alt-diffusion', 'AltDiffusion', unet, '^cond_stage_model.roberta.embeddings.word_embeddings.weight'],
  ['sd2-unclip', 'Stable Diffusion 2 unCLIP', unet, `${attention}[1]=1024`, 'label_emb.0.0.weight[1]=1536|2048'],
  ['sd2-depth', 'Stable Diffusion 2 depth', unet, `${attention}[1]=1024`, 'input_blocks.0.0.weight[1]=5'],
  ['sd-upscaler', 'Stable Diffusion ×4 upscaler', unet, 'input_blocks.0.0.weight[1]=7'],
  ['sd2-inpaint', 'Stable Diffusion 2 inpainting', unet, `${attention}[1]=1024`, 'input_blocks.0.0.weight[1]=9'],
  ['sd2', 'Stable Diffusion 2', unet, `${attention}[1]=1024`],
  ['sd1-inpaint', 'Stable Diffusion 1 inpainting', unet, `${attention}[1]=768`, 'input_blocks.0.0.weight[1]=9'],
  [
    'sd1-edit',
    'instruct-pix2pix or Zero123 (Stable Diffusion 1)',
    unet,
    `${attention}[1]=768`,
    'input_blocks.0.0.weight[1]=8',
  ],
  ['sd1', 'Stable Diffusion 1', unet, `${attention}[1]=768`],
  ['unet', 'UNet', unet, 'output_blocks.0.0.in_layers.0.weight'],
]

const diffusers = 'down_blocks.#.attentions.#.transformer_blocks.#.attn2.to_k.weight'

/** UNets in the names of diffusers. */
export const diffusersUnets: readonly Rule[] = [
  ['svd', 'Stable Video Diffusion', diffusers, 'down_blocks.#.attentions.#.temporal_transformer_blocks.#.*'],
  ['sdxl-refiner', 'SDXL refiner', `${diffusers}[1]=1280`],
  ['sdxl-inpaint', 'SDXL inpainting', `${diffusers}[1]=2048`, 'conv_in.weight[1]=9'],
  [
    'ssd-1b',
    'SSD-1B or KOALA (small SDXL)',
    `${diffusers}[1]=2048`,
    '!mid_block.resnets.1.*',
    'add_embedding.linear_1.weight',
  ],
  ['sdxl', 'SDXL', `${diffusers}[1]=2048 || add_embedding.linear_1.weight[1]=2816`],
  ['sd2-inpaint', 'Stable Diffusion 2 inpainting', `${diffusers}[1]=1024`, 'conv_in.weight[1]=9'],
  ['sd2', 'Stable Diffusion 2', `${diffusers}[1]=1024`],
  ['sd1-inpaint', 'Stable Diffusion 1 inpainting', `${diffusers}[1]=768`, 'conv_in.weight[1]=9'],
  ['sd1-edit', 'instruct-pix2pix (Stable Diffusion 1)', `${diffusers}[1]=768`, 'conv_in.weight[1]=8'],
  ['sd1', 'Stable Diffusion 1', `${diffusers}[1]=768`],
]

/** What tells more about an SD model than its architecture does; several may hold. */
export const unetTraits: readonly Rule[] = [
  ['', 'v-prediction', '^v_pred || ^edm_vpred.sigma_max'],
  ['', 'zero terminal SNR', '^ztsnr'],
]
