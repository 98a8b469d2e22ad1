import type { FactGroup } from '../../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../../shared/contract/models.ts'
import { roleWord } from '../../../../shared/modelRole.ts'
import { factGroup, type Row } from '../factGroup.ts'
import type { ConfigReader, Found } from './configReader.ts'
import { names } from './hfGeometry.ts'
import type { HfQuantization } from './hfQuantization.ts'

interface Known {
  readonly architecture: string | null
  readonly modelType: string | null
  readonly role: ModelRole
  readonly quantization: HfQuantization | null
}

/** What a configuration says, each fact with its key. */
export const hfFacts = (reader: ConfigReader, known: Known, fileName: string): FactGroup[] => {
  const { top } = reader
  const text = (value: string | null) => value?.slice(0, 300) ?? null
  const row = (label: string, found: Found<string | number | boolean> | null): Row => [
    label,
    typeof found?.value === 'boolean' ? (found.value ? 'yes' : 'no') : (found?.value ?? null),
    found?.source ?? '',
  ]
  const integer = (label: string, ...keys: readonly string[]) => row(label, reader.integer(...keys))
  const key = (name: string) => `${fileName}: ${name}`
  return [
    factGroup('Identity', [
      [
        'Class',
        text(top.texts('architectures')?.join(', ') ?? top.text('_class_name')),
        key(top.has('architectures') ? 'architectures' : '_class_name'),
      ],
      ['Family', known.modelType, key('model_type')],
      ['What it is for', roleWord(known.role), key('architectures, model_type')],
      ['Made from', text(top.text('_name_or_path')), key('_name_or_path')],
      row('Type of the weights', reader.string('dtype', 'torch_dtype')),
      ['Written by transformers', text(top.text('transformers_version')), key('transformers_version')],
      ['Written by diffusers', text(top.text('_diffusers_version')), key('_diffusers_version')],
    ]),
    factGroup('Architecture', [
      integer('Context length', ...names.context),
      integer('Embedding length', ...names.hidden),
      integer('Layers', ...names.layers),
      integer('Attention heads', ...names.heads),
      integer('Key/value heads', ...names.kvHeads),
      integer('Width of a head', ...names.headDim),
      integer('Feed-forward length', ...names.feedForward),
      integer('Vocabulary', ...names.vocab),
      integer('Sliding window', 'sliding_window', 'attention_chunk_size'),
      row('RoPE base', reader.number('rope_theta', 'rotary_emb_base')),
      ['RoPE scaling', ropeScaling(reader), key('rope_scaling')],
      row('Output shares the input embedding', reader.truth('tie_word_embeddings')),
      row('Activation', reader.string('hidden_act', 'hidden_activation', 'activation_function')),
    ]),
    factGroup('Experts', [
      integer('Experts', ...names.experts),
      integer('Experts used', ...names.expertsUsed),
      integer('Shared experts', 'n_shared_experts', 'num_shared_experts', 'moe_num_shared_experts'),
      integer('Feed-forward length of an expert', ...names.expertFeedForward),
      integer('First layers without experts', 'first_k_dense_replace'),
    ]),
    factGroup('Attention', [
      integer('Rank of the compressed cache', 'kv_lora_rank'),
      integer('Rank of the compressed queries', 'q_lora_rank'),
      integer('Full attention every', 'full_attention_interval', 'attn_layer_period'),
      integer('State of a recurrent layer', 'mamba_d_state', 'ssm_state_size', 'state_size', 'linear_key_head_dim'),
      integer('Layers that predict ahead', 'num_nextn_predict_layers', 'mtp_num_hidden_layers'),
    ]),
    factGroup('Vision and audio', [...vision(reader, fileName)]),
    factGroup('Diffusion', [
      integer('Input channels', 'in_channels'),
      integer('Latent channels', 'latent_channels'),
      row('Scaling of the latent', reader.number('scaling_factor')),
      integer('Width of the text', 'cross_attention_dim', 'joint_attention_dim'),
      row('Prediction', reader.string('prediction_type')),
    ]),
    quantizationFacts(known.quantization),
  ].filter(({ facts }) => facts.length > 0)
}

export const quantizationFacts = (quantization: HfQuantization | null): FactGroup =>
  factGroup(
    'Quantisation',
    quantization === null
      ? []
      : [
          ['Method', quantization.label, quantization.source],
          ['Runs with', quantization.runsWith, quantization.source],
          ...quantization.rows,
          ['Modules left as they are', quantization.excluded.length || null, quantization.source],
        ],
  )

const ropeScaling = (reader: ConfigReader): string | null => {
  const scaling = reader.text.object('rope_scaling') ?? reader.text.object('rope_parameters')
  const kind = scaling?.text('rope_type') ?? scaling?.text('type') ?? null
  const factor = scaling?.number('factor') ?? null
  if (kind === null || kind === 'default') return null
  return factor === null ? kind.slice(0, 40) : `${kind.slice(0, 40)} × ${factor}`
}

const vision = ({ top }: ConfigReader, fileName: string): Row[] => {
  const parts = ['vision_config', 'audio_config'].flatMap((part) => {
    const fields = top.object(part) ?? top.object('thinker_config')?.object(part)
    return fields ? [[part, fields] as const] : []
  })
  return parts.flatMap(([part, fields]): Row[] => [
    [
      part === 'vision_config' ? 'Vision family' : 'Audio family',
      fields.text('model_type')?.slice(0, 100) ?? null,
      `${fileName}: ${part}.model_type`,
    ],
    ['Image size', fields.integer('image_size'), `${fileName}: ${part}.image_size`],
    ['Patch size', fields.integer('patch_size'), `${fileName}: ${part}.patch_size`],
    ['Width', fields.integer('hidden_size') ?? fields.integer('d_model'), `${fileName}: ${part}.hidden_size`],
    [
      'Layers',
      fields.integer('num_hidden_layers') ?? fields.integer('depth'),
      `${fileName}: ${part}.num_hidden_layers`,
    ],
  ])
}
