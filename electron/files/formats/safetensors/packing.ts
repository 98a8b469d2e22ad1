import type { TensorRow } from '../modelFile.ts'

/** A tensor beside another: the same name with the last part exchanged. */
export type Sibling = (suffix: string) => TensorRow | undefined

/** How one stored tensor holds more or other numbers than its shape says. */
export interface Packing {
  /** for people, without the bits */
  readonly scheme: string
  /** the end of the stored tensor's name; what stands before it is the module */
  readonly main: string
  readonly types: readonly string[]
  /** one of these stands beside it, by the ends of their names; empty: the name alone says it */
  readonly needs: readonly string[]
  /** what stands beside it and holds no weights of the model */
  readonly companions: readonly string[]
  /** weights and bits per weight; null: the shapes do not tell; undefined: it is not this scheme */
  weigh(main: TensorRow, sibling: Sibling): Weighed | null | undefined
}

export interface Weighed {
  readonly weights: number
  readonly bits: number
}

export const last = (row: TensorRow | undefined): number => row?.shape.at(-1) ?? 0
const fixed =
  (perElement: number, bits: number) =>
  (main: TensorRow): Weighed => ({ weights: main.elements * perElement, bits })
/** Words of 32 bits, full of weights of these bits; null: no tool writes as many. */
export const fromBits = (main: TensorRow, bits: number): Weighed | null =>
  [1, 2, 3, 4, 5, 6, 8].includes(bits) ? { weights: Math.floor((main.elements * 32) / bits), bits } : null

/** GPTQ packs along the inputs, so its scales are as wide as the words; AWQ along the outputs. */
const isGptq = (main: TensorRow, sibling: Sibling) => last(main) === last(sibling('.scales'))

const weighGptq = (main: TensorRow, sibling: Sibling) => {
  if (!isGptq(main, sibling)) return undefined
  const inputs = sibling('.g_idx')?.elements ?? 0
  const bits = inputs > 0 ? (32 * (main.shape[0] ?? 0)) / inputs : (32 * last(sibling('.qzeros'))) / last(main)
  return fromBits(main, bits)
}

const weighAwq = (main: TensorRow, sibling: Sibling) => fromBits(main, (32 * last(main)) / last(sibling('.scales')))

/** The trellis has a tile of 16 × 16 weights in 16 × bits words. */
const weighExl3 = (main: TensorRow): Weighed | null => {
  const [rows, columns, words] = main.shape
  if (rows === undefined || columns === undefined || words === undefined) return null
  return { weights: rows * columns * 256, bits: words / 16 }
}

const weighExl2 = (main: TensorRow, sibling: Sibling): Weighed | null => {
  const inputs = sibling('.q_invperm')?.elements ?? 0
  return inputs === 0 ? null : { weights: inputs * last(main), bits: (32 * (main.shape[0] ?? 0)) / inputs }
}

/** codes [out/o, in/i, n] of codebooks [n, size, o, i] */
const weighAqlm = (main: TensorRow, sibling: Sibling): Weighed | null => {
  const [, size, perOut, perIn] = sibling('.codebooks')?.shape ?? []
  const [rows, columns, count] = main.shape
  if (size === undefined || perOut === undefined || perIn === undefined) return null
  if (rows === undefined || columns === undefined || count === undefined) return null
  return { weights: rows * perOut * columns * perIn, bits: (count * Math.log2(size)) / (perOut * perIn) }
}

/** MLX without biases: the microscaling kinds, told by how many words share a scale. */
const weighMlxMicro = (main: TensorRow, sibling: Sibling) => {
  if (sibling('.biases') !== undefined) return undefined // affine: see countWeights
  const bits = new Map([
    [4, 4],
    [2, 4],
    [8, 8],
  ]).get(last(main) / last(sibling('.scales')))
  return bits === undefined ? null : fromBits(main, bits)
}

const scales = [
  '.weight_scale',
  '.weight_scale_inv',
  '.scale_weight',
  '.weight_scale_2',
  '.input_scale',
  '.scale_input',
]
const fp8 = ['F8_E4M3', 'F8_E5M2', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ']
const bitsAndBytes = [
  'absmax',
  'quant_map',
  'nested_absmax',
  'nested_quant_map',
  'quant_state.bitsandbytes__nf4',
  'quant_state.bitsandbytes__fp4',
]
const bitsAndBytesCompanions = bitsAndBytes.map((end) => `.weight.${end}`)
const gptqCompanions = ['.qzeros', '.scales', '.g_idx']

/**
 * In the order they are tried. Sources: the writers' own layouts (AutoGPTQ, AutoAWQ, bitsandbytes, compressed-tensors,
 * ModelOpt, gpt-oss, MLX, ExLlama, AQLM, HQQ, QuIP#, torchao, Nunchaku).
 */
export const packings: readonly Packing[] = [
  {
    scheme: 'GPTQ',
    main: '.qweight',
    types: ['I32'],
    needs: ['.scales'],
    companions: gptqCompanions,
    weigh: weighGptq,
  },
  { scheme: 'AWQ', main: '.qweight', types: ['I32'], needs: ['.scales'], companions: gptqCompanions, weigh: weighAwq },
  {
    scheme: 'SVDQuant (Nunchaku)',
    main: '.qweight',
    types: ['I8'],
    needs: ['.wscales'],
    companions: [
      '.wscales',
      '.smooth',
      '.smooth_factor',
      '.smooth_factor_orig',
      '.smooth_orig',
      '.proj_down',
      '.proj_up',
      '.lora_down',
      '.lora_up',
      '.wtscale',
      '.wcscales',
    ],
    weigh: fixed(2, 4),
  },
  {
    scheme: 'SVDQuant (Nunchaku)',
    main: '.qweight',
    types: ['I32'],
    needs: ['.wscales'],
    companions: ['.wscales', '.wzeros'],
    weigh: fixed(8, 4),
  },
  ...(['nf4', 'fp4'] as const).map(
    (kind): Packing => ({
      scheme: `bitsandbytes ${kind.toUpperCase()}`,
      main: '.weight',
      types: ['U8'],
      needs: [`.weight.quant_state.bitsandbytes__${kind}`],
      companions: bitsAndBytesCompanions,
      weigh: fixed(2, 4),
    }),
  ),
  {
    scheme: 'bitsandbytes',
    main: '.weight',
    types: ['U8'],
    needs: ['.weight.absmax'],
    companions: bitsAndBytesCompanions,
    weigh: fixed(2, 4),
  },
  {
    scheme: 'bitsandbytes',
    main: '.weight',
    types: ['I8'],
    needs: ['.SCB'],
    companions: ['.SCB', '.weight_format'],
    weigh: fixed(1, 8),
  },
  {
    scheme: 'NVFP4',
    main: '.weight',
    types: ['U8'],
    needs: ['.weight_scale_2'],
    companions: [...scales, '.comfy_quant'],
    weigh: fixed(2, 4),
  },
  {
    scheme: 'FP8',
    main: '.weight',
    types: fp8,
    needs: [],
    companions: [...scales, '.comfy_quant'],
    weigh: fixed(1, 8),
  },
  { scheme: 'INT8', main: '.weight', types: ['I8'], needs: ['.weight_scale'], companions: scales, weigh: fixed(1, 8) },
  {
    scheme: 'compressed-tensors NVFP4',
    main: '.weight_packed',
    types: ['U8'],
    needs: ['.weight_scale'],
    companions: ['.weight_scale', '.weight_global_scale', '.input_global_scale', '.weight_shape', '.weight_zero_point'],
    weigh: fixed(2, 4),
  },
  { scheme: 'MXFP4', main: '_blocks', types: ['U8'], needs: ['_scales'], companions: ['_scales'], weigh: fixed(2, 4) },
  {
    scheme: 'MLX',
    main: '.weight',
    types: ['U32'],
    needs: ['.scales'],
    companions: ['.scales', '.biases'],
    weigh: weighMlxMicro,
  },
  {
    scheme: 'EXL2',
    main: '.q_weight',
    types: ['I32'],
    needs: ['.q_scale'],
    companions: ['.q_scale', '.q_scale_max', '.q_groups', '.q_invperm', '.q_perm', '.q_group_map'],
    weigh: weighExl2,
  },
  {
    scheme: 'EXL3',
    main: '.trellis',
    types: ['I16'],
    needs: ['.suh', '.su', '.svh'],
    companions: ['.suh', '.svh', '.su', '.sv', '.mcg', '.mul1'],
    weigh: weighExl3,
  },
  {
    scheme: 'AQLM',
    main: '.codes',
    types: ['I8', 'I16', 'I32', 'U8', 'U16'],
    needs: ['.codebooks'],
    companions: ['.codebooks', '.scales'],
    weigh: weighAqlm,
  },
  {
    scheme: 'HQQ',
    main: '.W_q',
    types: ['U8', 'I8', 'I32', 'F16', 'BF16', 'F32'],
    needs: [],
    companions: ['.scale', '.zero', '.shape', '.nbits', '.group_size', '.axis', '.packing'],
    weigh: () => null,
  },
  {
    scheme: 'QuIP#',
    main: '.Qidxs',
    types: ['I16', 'I32', 'I64', 'U16'],
    needs: [],
    companions: ['.SU', '.SV', '.Wscale', '.codebook_id'],
    weigh: () => null,
  },
  {
    scheme: 'torchao',
    main: '_qdata',
    types: ['U8', 'I32', 'U32'],
    needs: [],
    companions: ['_scale', '_zero_point', '_scale_and_zero'],
    weigh: () => null,
  },
  {
    scheme: 'torchao',
    main: '_qdata',
    types: ['I8', ...fp8],
    needs: [],
    companions: ['_scale', '_zero_point'],
    weigh: fixed(1, 8),
  },
]
