import type { Classification } from './classification.ts'
import type { KeyIndex } from './keyIndex.ts'
import { firstMatch, type Rule } from './rules.ts'

/** architecture and name of the base; what kind it is stands in the next table */
const bases: readonly Rule[] = [
  ['sd1', 'Stable Diffusion 1', '*transformer_blocks.#.attn2.to_k.weight[1]=768'],
  ['sd2', 'Stable Diffusion 2', '*transformer_blocks.#.attn2.to_k.weight[1]=1024'],
  ['sdxl', 'SDXL', '*transformer_blocks.#.attn2.to_k.weight[1]=2048'],
  ['sdxl-refiner', 'SDXL refiner', '*transformer_blocks.#.attn2.to_k.weight[1]=1280'],
  ['sd1', 'Stable Diffusion 1', '*to_k_ip.weight[1]=768'],
  ['sd2', 'Stable Diffusion 2', '*to_k_ip.weight[1]=1024'],
  ['sdxl', 'SDXL', '*to_k_ip.weight[1]=2048'],
  ['sdxl', 'SDXL', 'lllite_unet_*transformer_blocks_#_*@4 || lllite_unet_*'],
]

/** label: the kind. An architecture here means that no base needs to be looked for. */
const kinds: readonly Rule[] = [
  ['flux-1', 'ControlNet (MistoLine)', 'controlnet_blocks.0.linear.weight'],
  ['flux-1', 'ControlNet (XLabs)', 'controlnet_blocks.0.weight', 'double_blocks.0.img_attn.norm.key_norm.scale'],
  ['qwen-image', 'ControlNet (DiffSynth patch)', 'controlnet_blocks.0.x_rms.weight'],
  [
    'qwen-image',
    'ControlNet',
    'controlnet_blocks.#.*weight || controlnet_blocks.0.weight',
    'transformer_blocks.0.img_mlp.net.0.proj.weight',
  ],
  ['flux-1', 'ControlNet (InstantX)', 'controlnet_x_embedder.weight'],
  [
    'sd3.5-large',
    'ControlNet',
    'controlnet_blocks.0.bias || controlnet_blocks.0.weight',
    'transformer_blocks.0.adaLN_modulation.1.bias',
  ],
  ['sd3', 'ControlNet', 'controlnet_blocks.0.bias', 'pos_embed_input.proj.weight'],
  ['flux-1', 'ControlNet (diffusers)', 'controlnet_blocks.0.weight', 'transformer_blocks.0.attn.norm_added_k.weight'],
  ['hunyuan-dit', 'ControlNet', 'after_proj_list.18.bias'],
  ['z-image', 'ControlNet', 'control_layers.0.adaLN_modulation.0.weight || control_noise_refiner.0.*'],
  ['', 'union ControlNet', 'task_embedding', 'control_add_embedding.linear_1.bias'],
  ['', 'ControlNet', '*input_hint_block.0.weight || *zero_convs.0.0.weight || control_model.input_blocks.0.0.weight'],
  ['', 'ControlNet (diffusers)', 'controlnet_cond_embedding.conv_in.weight', 'controlnet_down_blocks.#.*'],
  ['', 'ControlNet-LLLite', 'lllite_unet_* || lllite_dit_*'],
  [
    'flux-1',
    'IP-Adapter',
    'ip_adapter_proj_model.* || double_blocks.#.processor.ip_adapter_double_stream_k_proj.weight',
  ],
  ['sdxl', 'InstantID', 'image_proj.latents', '*to_k_ip.weight[1]=2048'],
  ['sdxl', 'PhotoMaker', 'id_encoder.*', 'lora_weights.*'],
  ['', 'IP-Adapter', 'ip_adapter.#.to_k_ip.weight || ip_adapter.#.to_v_ip.weight'],
  ['', 'InstantID', 'image_proj.latents'],
  ['', 'GLIGEN', 'position_net.*', '*fuser.*'],
  ['', 'T2I-Adapter', '^body.0.in_conv.weight || ^adapter.body.0.in_conv.weight'],
  ['', 'T2I-Adapter (diffusers)', '^adapter.body.0.resnets.0.block1.weight || ^body.0.resnets.0.block1.weight'],
  ['', 'T2I-Adapter', '^adapter.body.#.block#.weight || ^body.0.block1.weight'],
]

/** What bases are called that stand in the table of kinds. */
const names: Readonly<Record<string, string>> = {
  'flux-1': 'FLUX.1',
  'qwen-image': 'Qwen-Image',
  'sd3.5-large': 'Stable Diffusion 3.5 Large',
  sd3: 'Stable Diffusion 3',
  'hunyuan-dit': 'Hunyuan DiT',
  'z-image': 'Z-Image',
  sdxl: 'SDXL',
}

/** Networks beside an image model that steer it. A whole checkpoint that holds one is not told apart here. */
export const classifyControlNet = (keys: KeyIndex): Classification | null => {
  const kind = firstMatch(keys, kinds)
  if (kind === null) return null
  const base = kind.architecture === '' ? firstMatch(keys, bases) : null
  const architecture = base?.architecture ?? (kind.architecture || null)
  const baseName = base?.label ?? names[kind.architecture] ?? null
  return {
    role: 'controlnet',
    architecture,
    label: baseName === null ? kind.label : `${baseName} ${kind.label}`,
    base: baseName,
    rank: null,
    source: kind.source,
    notes: [],
  }
}
