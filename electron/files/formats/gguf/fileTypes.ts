import type { GgufTensor } from './ggufFile.ts'

/** general.file_type (llama_ftype): its short name, and the tensor types that a file of this name is made of. */
const fileTypes: ReadonlyMap<number, readonly [name: string, ...types: string[]]> = new Map([
  [0, ['F32', 'F32']],
  [1, ['F16', 'F16']],
  [2, ['Q4_0', 'Q4_0']],
  [3, ['Q4_1', 'Q4_1']],
  [7, ['Q8_0', 'Q8_0']],
  [8, ['Q5_0', 'Q5_0']],
  [9, ['Q5_1', 'Q5_1']],
  [10, ['Q2_K', 'Q2_K']],
  [11, ['Q3_K_S', 'Q3_K']],
  [12, ['Q3_K_M', 'Q3_K']],
  [13, ['Q3_K_L', 'Q3_K']],
  [14, ['Q4_K_S', 'Q4_K']],
  [15, ['Q4_K_M', 'Q4_K']],
  [16, ['Q5_K_S', 'Q5_K']],
  [17, ['Q5_K_M', 'Q5_K']],
  [18, ['Q6_K', 'Q6_K']],
  [19, ['IQ2_XXS', 'IQ2_XXS']],
  [20, ['IQ2_XS', 'IQ2_XS']],
  [21, ['Q2_K_S', 'Q2_K']],
  [22, ['IQ3_XS', 'IQ3_XXS', 'IQ3_S']],
  [23, ['IQ3_XXS', 'IQ3_XXS']],
  [24, ['IQ1_S', 'IQ1_S']],
  [25, ['IQ4_NL', 'IQ4_NL']],
  [26, ['IQ3_S', 'IQ3_S']],
  [27, ['IQ3_M', 'IQ3_S']],
  [28, ['IQ2_S', 'IQ2_XS', 'IQ2_S']],
  [29, ['IQ2_M', 'IQ2_S']],
  [30, ['IQ4_XS', 'IQ4_XS']],
  [31, ['IQ1_M', 'IQ1_M']],
  [32, ['BF16', 'BF16']],
  [33, ['Q4_0_4_4', 'Q4_0_4_4']],
  [34, ['Q4_0_4_8', 'Q4_0_4_8']],
  [35, ['Q4_0_8_8', 'Q4_0_8_8']],
  [36, ['TQ1_0', 'TQ1_0']],
  [37, ['TQ2_0', 'TQ2_0']],
  [38, ['MXFP4_MOE', 'MXFP4']],
  [39, ['NVFP4', 'NVFP4']],
  [40, ['Q1_0', 'Q1_0']],
  [41, ['Q2_0', 'Q2_0']],
  // ik_llama.cpp
  [135, ['Q6_0', 'Q6_0']],
  [136, ['IQ1_BN', 'IQ1_BN']],
  [137, ['IQ2_BN', 'IQ2_BN']],
  [138, ['IQ2_K', 'IQ2_K']],
  [139, ['IQ3_K', 'IQ3_K']],
  [140, ['IQ4_K', 'IQ4_K']],
  [141, ['IQ5_K', 'IQ5_K']],
  [142, ['IQ6_K', 'IQ6_K']],
  [145, ['IQ4_KS', 'IQ4_KS']],
  [146, ['IQ3_KL', 'IQ3_K', 'IQ4_K']],
  [147, ['IQ2_KS', 'IQ2_KS']],
  [148, ['IQ4_KSS', 'IQ4_KSS']],
  [149, ['Q8_KV', 'Q8_KV']],
  [150, ['IQ5_KS', 'IQ5_KS']],
  [151, ['IQ2_KT', 'IQ2_KT']],
  [152, ['IQ3_KT', 'IQ3_KT']],
  [153, ['IQ4_KT', 'IQ4_KT']],
  [154, ['IQ3_KS', 'IQ3_KS']],
  [155, ['IQ2_KL', 'IQ2_KL']],
  [156, ['IQ1_KT', 'IQ1_KT']],
])

/** Set in memory by llama.cpp when it guessed; some tools wrote it into files. */
const guessedFlag = 1024

/** What is quantised at all: matrices. In the blocks, when there are any, because small models are mostly embedding. */
const weights = (tensors: readonly GgufTensor[]): readonly GgufTensor[] => {
  const matrices = tensors.filter((tensor) => tensor.dimensions.length > 1)
  const inBlocks = matrices.filter((tensor) => /^(enc\.|dec\.|v\.|a\.)?blk\./.test(tensor.name))
  return inBlocks.length > 0 ? inBlocks : matrices.length > 0 ? matrices : tensors
}

/** The type with the most values among the weights. */
const dominantType = (tensors: readonly GgufTensor[]): string | null => {
  const elements = new Map<string, number>()
  for (const { type, elements: count } of weights(tensors))
    elements.set(type.name, (elements.get(type.name) ?? 0) + count)
  return [...elements].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null
}

/**
 * How people call the quantisation. The file's own label says more (Q4_K_M) than any tensor type, but editors leave it
 * wrong: it counts only when the weights contain the type it promises.
 */
export const quantizationOf = (
  fileType: number | null,
  tensors: readonly GgufTensor[],
): { label: string | null; declared: string | null } => {
  const dominant = dominantType(tensors)
  const known = fileType === null ? undefined : fileTypes.get(fileType & ~guessedFlag)
  if (known === undefined || dominant === null) return { label: dominant, declared: null }
  const [name, ...types] = known
  const present = new Set(weights(tensors).map((tensor) => tensor.type.name))
  const isConsistent = types.some((type) => present.has(type))
  return { label: isConsistent ? name : dominant, declared: name }
}
