import type { Rule } from './rules.ts'

/**
 * Which model an adapter changes. Names are flat here: dots are underscores, and the part behind the module is `~down`
 * (its dimension 1 is what goes into the module), `~up` (its dimension 0 is what comes out) or `~other`. Flux stands
 * before SDXL, because its trainers add `lora_te1_`; the special before the general. Where SDXL has more than one
 * transformer block in an attention, all but the first are called `transformer_blocks_deep`. Sources: InvokeAI, SwarmUI,
 * ComfyUI and kohya's sd-scripts.
 */
export const adapterBases: readonly Rule[] = [
  ['chroma', 'Chroma', '*distilled_guidance_layer*'],
  ['hunyuan-video-1.5', 'HunyuanVideo 1.5', '*cond_type_embedding* || *vision_in_proj_#*', '*byt5_in_fc1*'],
  [
    'hunyuan-video',
    'HunyuanVideo',
    '*double_blocks_#_txt_mod_linear* || *double_blocks_#_img_mod_linear* || *double_blocks_#_img_mlp_fc1* || *single_blocks_#_modulation_linear* || *individual_token_refiner*',
  ],
  [
    'flux-2-dev',
    'FLUX.2 dev',
    '*double_blocks_#_img_attn*~down[1]=6144 || *single_blocks_#_linear*~down[1]=6144 || *single_transformer_blocks_#_attn_to_qkv_mlp_proj~down[1]=6144 || *single_blocks_#_linear*@38',
  ],
  [
    'flux-2-klein-9b',
    'FLUX.2 klein 9B',
    '*double_blocks_#_img_attn*~down[1]=4096 || *single_blocks_#_linear1~down[1]=4096 || *single_transformer_blocks_#_attn_to_qkv_mlp_proj~down[1]=4096',
  ],
  [
    'flux-2-klein-4b',
    'FLUX.2 klein 4B',
    '*single_transformer_blocks_#_attn_to_qkv_mlp_proj~down[1]=3072 || *single_blocks_#_linear1~up[0]=27648',
  ],
  ['flux-2', 'FLUX.2', '*double_stream_modulation_img* || *single_transformer_blocks_#_attn_to_qkv_mlp_proj*'],
  ['hidream', 'HiDream', '*double_stream_blocks_#_block_ff_i*'],
  [
    'flux-1',
    'FLUX.1',
    '*double_blocks_#_img_attn* || *single_blocks_#_linear* || *single_transformer_blocks_#_* || *double_blocks_#_processor_qkv_lora* || *double_blocks_#_img_mlp* || *double_blocks_#_txt_*',
  ],
  ['wan-1.3b', 'Wan 2.1 1.3B', '*blocks_#_cross_attn_k~down[1]=1536 || *blocks_#_self_attn_q~down[1]=1536'],
  ['wan-2.2-5b', 'Wan 2.2 5B', '*blocks_#_cross_attn_k~down[1]=3072 || *blocks_#_self_attn_q~down[1]=3072'],
  ['wan-14b-i2v', 'Wan 14B image-to-video', '*blocks_#_cross_attn_k_img*', '*blocks_#_cross_attn_k~down[1]=5120'],
  ['wan-14b', 'Wan 14B', '*blocks_#_cross_attn_k~down[1]=5120 || *blocks_#_self_attn_q~down[1]=5120'],
  ['anima', 'Anima', '*llm_adapter_blocks_#* || *blocks_#_adaln_modulation_cross_attn*', '*blocks_#_self_attn_*'],
  ['anima', 'Anima or Cosmos Predict2', '*blocks_#_cross_attn_k_proj*'],
  ['wan', 'Wan', '*blocks_#_cross_attn_k~* || *blocks_#_cross_attn_k_img~*'],
  [
    'qwen-image',
    'Qwen-Image',
    '*transformer_blocks_#_img_mlp_net_#* || *transformer_blocks_#_attn_add_k_proj*@38 || *transformer_blocks_#_attn_to_k*@59',
  ],
  [
    'sd3.5-large',
    'Stable Diffusion 3.5 Large',
    '*transformer_blocks_#_attn_*@37 || *joint_blocks_#_*@37',
    '!*single_transformer_blocks*',
    '!*img_mlp*',
  ],
  [
    'sd3',
    'Stable Diffusion 3',
    '*transformer_blocks_#_norm1_context_linear* || *joint_blocks_#_* || *transformer_blocks_#_ff_context* || *transformer_blocks_#_attn_add_k_proj*',
    '!*single_transformer_blocks*',
  ],
  [
    'ltx-2',
    'LTX-2',
    '*transformer_blocks_#_attn1_to_k*',
    '*transformer_blocks_#_attn1_to_out_#* || *transformer_blocks_#_audio_attn*',
    '*transformer_blocks_#_audio_attn* || *transformer_blocks_#_audio_to_video_attn* || *transformer_blocks_#_attn2_to_v~down[1]=4096',
    '!*down_blocks*',
    '!*input_blocks*',
  ],
  [
    'ltx',
    'LTX-Video',
    '*transformer_blocks_#_attn1_to_k*',
    '*transformer_blocks_#_attn2_to_k*~down[1]=2048',
    '!*down_blocks*',
    '!*input_blocks*',
    '!*up_blocks*',
    '!*output_blocks*',
    '!*mid*block*',
  ],
  [
    'z-image',
    'Z-Image',
    '*layers_#_adaLN_modulation_#* || *context_refiner_#* || *noise_refiner_#*',
    '*layers_#_feed_forward_w3* || *layers_#_attention*',
  ],
  ['krea-2', 'Krea 2', '*blocks_#_attn_gate*', '*blocks_#_mlp_gate*'],
  ['ideogram-4', 'Ideogram 4', '*layers_#_attention_qkv*', '*layers_#_adaln_modulation*'],
  ['minimax-h3', 'MiniMax-H3', '*token_refiner_blocks_#_attn_out_proj*', '*blocks_#_mlp_fc2*'],
  [
    '',
    'language model',
    '*base_model_model_*layers_#_* || *base_model_model_*h_#_* || *model_layers_#_self_attn_*_proj* || *model_layers_#_mlp_*_proj* || *layers_#_self_attn_*_proj*',
    '!lora_*',
    '!*text_model*',
    '!*text_encoder*',
    '!*attn2*',
  ],
  ['sdxl', 'SDXL', '*attn2_to_k~down[1]=2048 || *attn2_to_v~down[1]=2048 || *attn2_*to_k_lora~down[1]=2048'],
  [
    'sd2',
    'Stable Diffusion 2',
    '*attn2_to_k~down[1]=1024 || *attn2_to_v~down[1]=1024 || *attn2_*to_k_lora~down[1]=1024',
  ],
  ['sd1', 'Stable Diffusion 1', '*attn2_to_k~down[1]=768 || *attn2_to_v~down[1]=768 || *attn2_*to_k_lora~down[1]=768'],
  ['sdxl', 'SDXL', 'lora_te2_* || *text_encoder_2_* || *_transformer_blocks_deep_*'],
  ['sd2', 'Stable Diffusion 2', 'lora_te_text_model_encoder_layers_#_*~down[1]=1024'],
  [
    'sd1',
    'Stable Diffusion 1',
    'lora_te_text_model_encoder_layers_#_*~down[1]=768 || *text_encoder_text_model_encoder_layers_#_*~down[1]=768',
  ],
  [
    'sd1',
    'Stable Diffusion 1 or 2',
    '*up_blocks_#_attentions_#_transformer_blocks_#_*@3 || *output_blocks_#_#_transformer_blocks_#_*@9',
  ],
]
