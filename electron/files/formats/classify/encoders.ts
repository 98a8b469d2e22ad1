import type { Rule } from './rules.ts'

/** Text encoders that stand alone. Source: ComfyUI, `comfy/sd.py`. */
export const textEncoders: readonly Rule[] = [
  ['clip-g', 'CLIP-G text encoder', '*text_model.encoder.layers.#.mlp.fc1.weight@30'],
  ['clip-h', 'CLIP-H text encoder', '*text_model.encoder.layers.#.mlp.fc1.weight@22'],
  ['clip-l', 'CLIP-L text encoder', '*text_model.encoder.layers.#.mlp.fc1.weight[1]=768'],
  ['clip', 'CLIP text encoder', '*text_model.encoder.layers.#.mlp.fc1.weight'],
  [
    'clip-g',
    'CLIP-G text encoder (OpenCLIP)',
    '*transformer.resblocks.#.attn.in_proj_weight[1]=1280',
    '*token_embedding.weight',
  ],
  [
    'clip-h',
    'CLIP-H text encoder (OpenCLIP)',
    '*transformer.resblocks.#.attn.in_proj_weight[1]=1024',
    '*token_embedding.weight',
  ],
  ['clip', 'CLIP text encoder (OpenCLIP)', '*transformer.resblocks.#.*', '*token_embedding.weight'],
  [
    'umt5-xxl',
    'UMT5-XXL text encoder',
    '^shared.weight[0]=256384',
    '^encoder.block.#.layer.1.DenseReluDense.wi_1.weight[1]=4096',
    '!^decoder.block.0.*',
  ],
  [
    't5-xxl',
    'T5-XXL text encoder',
    '^encoder.block.#.layer.1.DenseReluDense.wi_1.weight[1]=4096',
    '!^decoder.block.0.*',
  ],
  ['t5-xl', 'T5-XL text encoder', '^encoder.block.#.layer.1.DenseReluDense.wi_1.weight[1]=2048', '!^decoder.block.0.*'],
  [
    't5-old',
    'T5 text encoder (first version)',
    '^encoder.block.23.layer.1.DenseReluDense.wi.weight',
    '!^decoder.block.0.*',
  ],
  [
    'byt5-small',
    'ByT5-small glyph encoder',
    '^encoder.block.0.layer.0.SelfAttention.k.weight[0]=384',
    '!^decoder.block.0.*',
  ],
  ['t5', 'T5 text encoder', '^encoder.block.0.layer.0.SelfAttention.k.weight', '!^decoder.block.0.*'],
]

/** Vision encoders that stand alone. */
export const visionEncoders: readonly Rule[] = [
  ['clip-vision-g', 'CLIP-G vision encoder', 'vision_model.encoder.layers.#.layer_norm1.weight@47'],
  ['siglip', 'SigLIP vision encoder, 384 px', 'vision_model.embeddings.position_embedding.weight[0]=729'],
  [
    'siglip',
    'SigLIP vision encoder, 512 px',
    'vision_model.embeddings.position_embedding.weight[0]=1024',
    'vision_model.encoder.layers.#.layer_norm1.weight[0]=1152',
  ],
  ['siglip', 'SigLIP vision encoder', 'vision_model.encoder.layers.#.layer_norm1.weight[0]=1152'],
  ['clip-vision-h', 'CLIP-H vision encoder', 'vision_model.encoder.layers.#.layer_norm1.weight@30'],
  ['clip-vision-l-336', 'CLIP-L vision encoder, 336 px', 'vision_model.embeddings.position_embedding.weight[0]=577'],
  ['clip-vision-l', 'CLIP-L vision encoder', 'vision_model.encoder.layers.#.layer_norm1.weight@22'],
  ['clip-vision', 'CLIP vision encoder', 'vision_model.encoder.layers.#.layer_norm1.weight'],
  [
    'clip-vision',
    'CLIP vision encoder (OpenCLIP)',
    '^visual.transformer.resblocks.#.attn.in_proj_weight || *visual.trunk.blocks.#.attn.qkv.weight',
  ],
  ['dinov2-giant', 'DINOv2 giant', '*encoder.layer.#.layer_scale2.lambda1@39'],
  ['dinov2-large', 'DINOv2 large', '*encoder.layer.#.layer_scale2.lambda1@23'],
  ['dinov2', 'DINOv2', '*encoder.layer.#.layer_scale2.lambda1'],
]
