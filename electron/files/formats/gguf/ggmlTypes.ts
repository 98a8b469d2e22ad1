/**
 * Who can run a tensor type: `mainline` llama.cpp; nobody, because it is an `intermediate` of a computation that loads
 * and then crashes; nobody any more, because it was `removed`; or only the fork `ik_llama.cpp`.
 */
type GgmlSupport = 'mainline' | 'intermediate' | 'removed' | 'ik_llama.cpp'

/** bytes = rows × (rowBytes + row length / blockSize × blockBytes) + tensorBytes */
export interface GgmlType {
  readonly id: number
  readonly name: string
  /** values per block; 0: nobody knows any more */
  readonly blockSize: number
  readonly blockBytes: number
  readonly rowBytes: number
  readonly tensorBytes: number
  readonly support: GgmlSupport
}

// id, name, values per block, bytes per block, extra bytes per row
type Row = readonly [id: number, name: string, blockSize: number, blockBytes: number, rowBytes?: number]

/** ggml.h and ggml.c of llama.cpp, August 2026 */
const mainline: readonly Row[] = [
  [0, 'F32', 1, 4],
  [1, 'F16', 1, 2],
  [2, 'Q4_0', 32, 18],
  [3, 'Q4_1', 32, 20],
  [6, 'Q5_0', 32, 22],
  [7, 'Q5_1', 32, 24],
  [8, 'Q8_0', 32, 34],
  [10, 'Q2_K', 256, 84],
  [11, 'Q3_K', 256, 110],
  [12, 'Q4_K', 256, 144],
  [13, 'Q5_K', 256, 176],
  [14, 'Q6_K', 256, 210],
  [16, 'IQ2_XXS', 256, 66],
  [17, 'IQ2_XS', 256, 74],
  [18, 'IQ3_XXS', 256, 98],
  [19, 'IQ1_S', 256, 50],
  [20, 'IQ4_NL', 32, 18],
  [21, 'IQ3_S', 256, 110],
  [22, 'IQ2_S', 256, 82],
  [23, 'IQ4_XS', 256, 136],
  [25, 'I16', 1, 2],
  [26, 'I32', 1, 4],
  [27, 'I64', 1, 8],
  [28, 'F64', 1, 8],
  [29, 'IQ1_M', 256, 56],
  [30, 'BF16', 1, 2],
  [34, 'TQ1_0', 256, 54],
  [35, 'TQ2_0', 256, 66],
  [39, 'MXFP4', 32, 17],
  [40, 'NVFP4', 64, 36],
  [41, 'Q1_0', 128, 18],
  [42, 'Q2_0', 64, 18],
]

const intermediate: readonly Row[] = [
  [9, 'Q8_1', 32, 36],
  [15, 'Q8_K', 256, 292],
  [24, 'I8', 1, 1],
]

/** 31–33 are Q4_0 repacked for ARM and keep its size; of the others no size is known. */
const removed: readonly Row[] = [
  [4, 'Q4_2', 0, 0],
  [5, 'Q4_3', 0, 0],
  [31, 'Q4_0_4_4', 32, 18],
  [32, 'Q4_0_4_8', 32, 18],
  [33, 'Q4_0_8_8', 32, 18],
  [37, 'IQ4_NL_4_8', 0, 0],
  [38, 'IQ4_NL_8_8', 0, 0],
]

/** ggml.h and ggml-common.h of ik_llama.cpp, August 2026 */
const ikLlama: readonly Row[] = [
  [97, 'Q8_0_X4', 32, 34],
  [98, 'Q8_1_X4', 32, 36],
  [99, 'Q8_2_X4', 32, 36],
  [133, 'Q6_0', 32, 26],
  [134, 'IQ1_BN', 64, 13, 2],
  [135, 'IQ2_BN', 64, 16, 4],
  [136, 'Q8_K64', 64, 68],
  [137, 'IQ2_K', 256, 76],
  [138, 'IQ3_K', 256, 110],
  [139, 'IQ4_K', 256, 144],
  [140, 'IQ5_K', 256, 176],
  [141, 'IQ6_K', 256, 212],
  [144, 'IQ4_KS', 256, 136, 4],
  [145, 'IQ2_KS', 256, 70, 2],
  [146, 'IQ4_KSS', 256, 128, 4],
  [147, 'Q8_K16', 64, 64, 20],
  [148, 'Q8_K32', 256, 296],
  [149, 'Q8_KR8', 256, 296],
  [150, 'Q8_K128', 128, 140],
  [151, 'Q8_KV', 32, 32, 8],
  [152, 'IQ5_KS', 256, 168, 4],
  [153, 'IQ2_KT', 256, 68, 4],
  [154, 'IQ3_KT', 256, 100, 4],
  [155, 'IQ4_KT', 256, 128, 4],
  [156, 'IQ3_KS', 256, 102, 2],
  [157, 'IQ2_KL', 256, 86, 2],
  [158, 'IQ1_KT', 256, 56, 4],
  [202, 'Q4_0_R8', 32, 18],
  [206, 'Q5_0_R4', 32, 22],
  [208, 'Q8_0_R8', 32, 34],
  [210, 'Q2_K_R4', 256, 84],
  [211, 'Q3_K_R4', 256, 110],
  [212, 'Q4_K_R4', 256, 144],
  [213, 'Q5_K_R4', 256, 176],
  [214, 'Q6_K_R4', 256, 210],
  [216, 'IQ2_XXS_R4', 256, 66],
  [217, 'IQ2_XS_R4', 256, 74],
  [218, 'IQ3_XXS_R4', 256, 98],
  [219, 'IQ1_S_R4', 32, 6, 2],
  [220, 'IQ4_NL_R4', 32, 18],
  [221, 'IQ3_S_R4', 256, 110],
  [222, 'IQ2_S_R4', 256, 82],
  [223, 'IQ4_XS_R8', 256, 136],
  [229, 'IQ1_M_R4', 32, 7, 2],
  [230, 'BF16_R16', 1, 2],
  [233, 'Q6_0_R4', 32, 26],
  [335, 'IQ2_BN_R4', 64, 16, 4],
  [337, 'IQ2_K_R4', 256, 76],
  [338, 'IQ3_K_R4', 256, 110],
  [339, 'IQ4_K_R4', 256, 144],
  [340, 'IQ5_K_R4', 256, 176],
  [344, 'IQ4_KS_R4', 256, 136, 4],
  [352, 'IQ5_KS_R4', 256, 168, 4],
  [353, 'MXFP4_R8', 32, 17],
  [397, 'Q8_K_R16', 256, 258],
  [398, 'Q8_KV_R8', 32, 32, 4],
  [399, 'Q8_K_R8', 256, 258],
]

const typed = (rows: readonly Row[], support: GgmlSupport): GgmlType[] =>
  rows.map(([id, name, blockSize, blockBytes, rowBytes = 0]) => ({
    id,
    name,
    blockSize,
    blockBytes,
    rowBytes,
    tensorBytes: 0,
    support,
  }))

/** BitNet's 2-bit type: four values a byte and one 32-byte tail (its scale) per tensor. */
const i2s: GgmlType = {
  id: 36,
  name: 'I2_S',
  blockSize: 4,
  blockBytes: 1,
  rowBytes: 0,
  tensorBytes: 32,
  support: 'ik_llama.cpp',
}

export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map(
  [
    ...typed(mainline, 'mainline'),
    ...typed(intermediate, 'intermediate'),
    ...typed(removed, 'removed'),
    ...typed(ikLlama, 'ik_llama.cpp'),
    i2s,
  ].map((type) => [type.id, type]),
)

export const ggmlTypeByName: ReadonlyMap<string, GgmlType> = new Map(
  [...ggmlTypes.values()].map((type) => [type.name, type]),
)

/** Of whole rows; more than 2^53 − 1 when it cannot be exact. `dimensions[0]` is the row length. */
export const tensorSizeBytes = (type: GgmlType, dimensions: readonly number[], elements: number): number => {
  if (elements === 0) return 0
  const rowLength = dimensions[0] ?? 1
  return (elements / rowLength) * (type.rowBytes + (rowLength / type.blockSize) * type.blockBytes) + type.tensorBytes
}
