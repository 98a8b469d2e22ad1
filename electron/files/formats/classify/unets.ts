import type { Rule } from './rules.ts'

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
