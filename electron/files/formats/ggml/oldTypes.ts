/** Types of tensors before GGUF: bytes of a block changed with the version of the file. */
export interface OldType {
  readonly name: string
  readonly blockSize: number
  readonly blockBytes: number
}

const plain: readonly (readonly [number, OldType])[] = [
  [0, { name: 'F32', blockSize: 1, blockBytes: 4 }],
  [1, { name: 'F16', blockSize: 1, blockBytes: 2 }],
  [6, { name: 'Q5_0', blockSize: 32, blockBytes: 22 }],
  [7, { name: 'Q5_1', blockSize: 32, blockBytes: 24 }],
  [10, { name: 'Q2_K', blockSize: 256, blockBytes: 84 }],
  [11, { name: 'Q3_K', blockSize: 256, blockBytes: 110 }],
  [12, { name: 'Q4_K', blockSize: 256, blockBytes: 144 }],
  [13, { name: 'Q5_K', blockSize: 256, blockBytes: 176 }],
  [14, { name: 'Q6_K', blockSize: 256, blockBytes: 210 }],
]

/** scales of 32 bits: not the blocks that today's names mean */
const before: ReadonlyMap<number, OldType> = new Map([
  ...plain,
  [2, { name: 'Q4_0 (wide scale)', blockSize: 32, blockBytes: 20 }],
  [3, { name: 'Q4_1 (wide scale)', blockSize: 32, blockBytes: 24 }],
  [4, { name: 'Q4_2', blockSize: 16, blockBytes: 10 }],
  [5, { name: 'Q4_3', blockSize: 16, blockBytes: 12 }],
  [8, { name: 'Q8_0 (wide scale)', blockSize: 32, blockBytes: 36 }],
])

/** scales of 16 bits: ggjt version 3, whisper quantisation version 2 */
const after: ReadonlyMap<number, OldType> = new Map([
  ...plain,
  [2, { name: 'Q4_0', blockSize: 32, blockBytes: 18 }],
  [3, { name: 'Q4_1', blockSize: 32, blockBytes: 20 }],
  [8, { name: 'Q8_0', blockSize: 32, blockBytes: 34 }],
])

export const oldTypes = (hasShortScales: boolean): ReadonlyMap<number, OldType> => (hasShortScales ? after : before)

/** llama_ftype and ggml_ftype: the name of the type that most tensors of a file have */
export const oldFileTypes: ReadonlyMap<number, string> = new Map([
  [0, 'F32'],
  [1, 'F16'],
  [2, 'Q4_0'],
  [3, 'Q4_1'],
  [4, 'Q4_1 + F16'],
  [5, 'Q4_2'],
  [6, 'Q4_3'],
  [7, 'Q8_0'],
  [8, 'Q5_0'],
  [9, 'Q5_1'],
  [10, 'Q2_K'],
  [11, 'Q3_K_S'],
  [12, 'Q3_K_M'],
  [13, 'Q3_K_L'],
  [14, 'Q4_K_S'],
  [15, 'Q4_K_M'],
  [16, 'Q5_K_S'],
  [17, 'Q5_K_M'],
  [18, 'Q6_K'],
])
