import type { Row } from '../factGroup.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { type Method, methods } from './quantMethods.ts'

export interface HfQuantization {
  /** `quant_method` as the file says it, or what the file's place and keys say */
  readonly method: string
  /** for people: `GPTQ 4-bit`, `FP8` */
  readonly label: string
  readonly bits: number | null
  /** weights that share a scale */
  readonly groupSize: number | null
  /** what loads it, on which devices; null: the method is not known */
  readonly runsWith: string | null
  /** file and key */
  readonly source: string
  readonly rows: readonly Row[]
  /** modules that stay as they are, as written: patterns among them are shown, never used */
  readonly excluded: readonly string[]
}

/** The keys that describe a method, shown as they are. */
const shownKeys = [
  ...[
    'desc_act',
    'sym',
    'damp_percent',
    'checkpoint_format',
    'lm_head',
    'zero_point',
    'version',
    'format',
    'fmt',
    'mode',
  ],
  ...['bnb_4bit_quant_type', 'bnb_4bit_use_double_quant', 'bnb_4bit_compute_dtype', 'bnb_4bit_quant_storage'],
  ...[
    'llm_int8_threshold',
    'activation_scheme',
    'quant_algo',
    'kv_cache_quant_algo',
    'head_bits',
    'nbits_per_codebook',
  ],
  ...['out_scales', 'quant_type', 'weights', 'backend', 'packing_format'],
]

/** Where a `config.json` says how its weights are packed, and what it says; null: they are not. */
export const quantizationOf = (top: Fields, fileName: string): HfQuantization | null => {
  const text = top.object('text_config')
  const places: readonly (readonly [string, Fields | null])[] = [
    ['quantization_config', top.object('quantization_config')],
    ['text_config.quantization_config', text?.object('quantization_config') ?? null],
    ['compression_config', top.object('compression_config')],
    ['quantization', top.object('quantization')],
  ]
  for (const [key, fields] of places) {
    if (fields === null) continue
    const stated = fields.text('quant_method') ?? (key === 'compression_config' ? 'compressed-tensors' : null)
    // MLX writes the same object twice and names no method
    const found = stated ?? (fields.has('bits') && fields.has('group_size') ? 'mlx' : null)
    if (found !== null) return stateOf(found, fields, `${fileName}: ${key}`, top)
  }
  return null
}

/** The files of their own that older and other tools write beside `config.json`. */
export const quantizationFiles = [
  'quantize_config.json',
  'quant_config.json',
  'hf_quant_config.json',
  'quantization_config.json',
] as const

export const quantizationOfFile = (
  json: unknown,
  fileName: (typeof quantizationFiles)[number],
): HfQuantization | null => {
  const fields = fieldsOf(json)
  if (fields === null) return null
  const inner = fields.object('quantization')
  if (fileName === 'hf_quant_config.json')
    return inner === null ? null : stateOf('modelopt', inner, `${fileName}: quantization`, fields)
  if (fileName === 'quant_config.json' && (fields.has('w_bit') || fields.has('bits')))
    return stateOf('awq', fields, fileName, fields)
  if (fileName === 'quantize_config.json' && fields.has('bits'))
    return stateOf(fields.text('quant_method') ?? 'gptq', fields, fileName, fields)
  if (
    fileName === 'quantization_config.json' &&
    (fields.has('tensor_storage') || fields.text('quant_method') === 'exl3')
  )
    return stateOf('exl3', fields, fileName, fields)
  return null
}

const stateOf = (found: string, fields: Fields, source: string, top: Fields): HfQuantization => {
  const key = found.toLowerCase()
  const known = methods.get(key)
  const groups = groupsOf(fields)
  const bits = bitsOf(key, fields, groups) ?? known?.bits ?? null
  const name = nameOf(key, fields, known)
  const group = groups?.object('weights') ?? null
  const groupSize =
    fields.integer('group_size') ?? fields.integer('q_group_size') ?? group?.integer('group_size') ?? null
  const expert = top.text('expert_dtype')
  return {
    method: found.slice(0, 100),
    label: bits === null || /(NF|FP|INT)\d/.test(name) ? name : `${name} ${bits}-bit`,
    bits,
    groupSize,
    runsWith: known?.runsWith ?? null,
    source,
    rows: [
      ['Bits', bits, source],
      ['Weights that share a scale', groupSize, source],
      ['Blocks', fields.integers('weight_block_size')?.join(' × ') ?? null, `${source}.weight_block_size`],
      ['Type of expert weights', expert, `${source.split(':')[0]}: expert_dtype`],
      ...shownKeys.map((shown): Row => [shown, shortValue(fields.value(shown)), `${source}.${shown}`]),
      ['Activations', activationsOf(groups), `${source}.config_groups`],
    ],
    excluded: excludedOf(fields),
  }
}

const shortValue = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).slice(0, 100)
    : null

const groupsOf = (fields: Fields): Fields | null => {
  const groups = fields.object('config_groups')
  const [first] = groups?.keys() ?? []
  return first === undefined ? null : (groups?.object(first) ?? null)
}

const bitsOf = (key: string, fields: Fields, group: Fields | null): number | null => {
  const stated =
    fields.number('bits') ??
    fields.number('w_bit') ??
    fields.number('nbits') ??
    fields.number('num_bits') ??
    fields.object('quant_config')?.object('weight_quant_params')?.number('nbits') ??
    group?.object('weights')?.number('num_bits') ??
    null
  if (stated !== null) return stated > 0 && stated <= 64 ? stated : null
  if (key === 'bitsandbytes')
    return fields.truth('load_in_4bit') === true ? 4 : fields.truth('load_in_8bit') === true ? 8 : null
  const algorithm = fields.text('quant_algo') ?? ''
  if (key === 'modelopt') return /FP4|W4|INT4/.test(algorithm) ? 4 : /FP8|W8|INT8/.test(algorithm) ? 8 : null
  const [, named] = /int([248])/.exec(fields.text('weights') ?? fields.text('quant_type') ?? '') ?? []
  return named === undefined ? null : Number(named)
}

const nameOf = (key: string, fields: Fields, known: Method | undefined): string => {
  if (key === 'bitsandbytes' && fields.truth('load_in_4bit') === true)
    return `bitsandbytes ${(fields.text('bnb_4bit_quant_type') ?? 'fp4').slice(0, 20).toUpperCase()}`
  if (key === 'modelopt') return `ModelOpt ${(fields.text('quant_algo') ?? '').slice(0, 40)}`.trim()
  if (key === 'compressed-tensors' && /^(nv|mx)fp4/.test(fields.text('format') ?? ''))
    return `${(fields.text('format') ?? '').slice(0, 5).toUpperCase()} (compressed-tensors)`
  if (key === 'mlx' && fields.text('mode') !== null && fields.text('mode') !== 'affine')
    return `MLX ${(fields.text('mode') ?? '').slice(0, 20).toUpperCase()}`
  return known?.name ?? key.slice(0, 100)
}

const activationsOf = (group: Fields | null): string | null => {
  const input = group?.object('input_activations') ?? null
  const bits = input?.integer('num_bits') ?? null
  return bits === null ? null : `${bits}-bit ${input?.text('type')?.slice(0, 20) ?? ''}`.trim()
}

const mostExcluded = 200

const excludedOf = (fields: Fields): string[] =>
  ['modules_to_not_convert', 'ignore', 'llm_int8_skip_modules', 'exclude_modules', 'ignored_layers']
    .flatMap((key) => fields.texts(key) ?? [])
    .slice(0, mostExcluded)
    .map((name) => name.slice(0, 200))
