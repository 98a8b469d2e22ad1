import type { ModelRole } from '../../../shared/contract/models.ts'

/**
 * note: worth knowing. warning: loads, but something is wrong or may go wrong. blocking: current runtimes refuse the
 * file or crash on it.
 */
export type FindingSeverity = 'note' | 'warning' | 'blocking'

export interface Finding {
  readonly severity: FindingSeverity
  /** stable, kebab-case */
  readonly code: string
  readonly message: string
  readonly offset: number | null
}

export interface TensorTypeShare {
  readonly type: string
  readonly tensors: number
  readonly bytes: number
}

/** A number for all layers, or one per layer. */
export type PerLayer = number | readonly number[]

/** What a memory estimate needs to know. Lengths count elements, null is unknown or absent. */
export interface ModelGeometry {
  readonly blockCount: number | null
  readonly embeddingLength: number | null
  readonly vocabSize: number | null
  readonly feedForwardLength: PerLayer | null
  readonly headCount: PerLayer | null
  /** 0 in an array: this layer keeps no KV cache */
  readonly headCountKv: PerLayer | null
  readonly keyLength: number | null
  readonly valueLength: number | null
  readonly keyLengthSwa: number | null
  readonly valueLengthSwa: number | null
  readonly keyLengthMla: number | null
  readonly valueLengthMla: number | null
  readonly kvLoraRank: number | null
  readonly ropeDimensionCount: number | null
  readonly slidingWindow: number | null
  /** a period, or 1 for each sliding layer */
  readonly slidingWindowPattern: PerLayer | null
  readonly sharedKvLayers: number | null
  readonly nextnPredictLayers: number | null
  readonly expertCount: number | null
  readonly expertUsedCount: number | null
  readonly expertFeedForwardLength: PerLayer | null
  readonly indexerKeyLength: number | null
  readonly fullAttentionInterval: number | null
  readonly recurrentLayers: readonly number[] | null
  readonly ssmConvKernel: number | null
  readonly ssmInnerSize: number | null
  readonly ssmStateSize: number | null
  readonly ssmGroupCount: number | null
  readonly ssmTimeStepRank: number | null
  readonly wkvHeadSize: number | null
  readonly tokenShiftCount: number | null
  readonly shortconvCache: number | null
  readonly kdaHeadDim: number | null
  readonly causalAttention: boolean | null
  readonly poolingType: number | null
  readonly weights: WeightBytes
}

/** Bytes of tensor data by where a runtime puts them. The parts add up to `total`. */
export interface WeightBytes {
  readonly total: number
  /** token, position, type and per-layer embeddings: stay in RAM */
  readonly inputEmbeddings: number
  /** of `inputEmbeddings`, the token embedding alone; used a second time as output when `tiedEmbeddings` */
  readonly tokenEmbedding: number
  /** blk.N, index = N */
  readonly layers: readonly number[]
  /** output matrix, final norm and everything else outside the layers */
  readonly other: number
  /** of `layers`, the routed experts: what `--cpu-moe` keeps in RAM; index = N */
  readonly layerExperts: readonly number[]
  /** the output has no matrix of its own; false for encoders, which have no output */
  readonly tiedEmbeddings: boolean
}

export interface ModelSplit {
  /** 0-based; null when a later part does not say */
  readonly no: number | null
  readonly count: number | null
  /** tensors of all parts together */
  readonly tensorCount: number | null
}

/** What a file says about the model in it, in one shape for every format. Plain data: it travels between processes. */
export interface ModelFileSummary {
  readonly format: string
  readonly formatVersion: string
  readonly name: string | null
  readonly role: ModelRole
  /** can be loaded by itself; false for companions and for what current runtimes refuse */
  readonly loadable: boolean
  /** why it is not loadable */
  readonly reason: string | null
  readonly capabilities: readonly string[]
  readonly architecture: string | null
  readonly parameterCount: number | null
  /** parameters used for one token; differs from `parameterCount` for mixtures of experts */
  readonly activeParameterCount: number | null
  readonly quantization: string | null
  readonly bitsPerWeight: number | null
  /** tokens */
  readonly contextLength: number | null
  readonly geometry: ModelGeometry
  readonly tensorTypes: readonly TensorTypeShare[]
  readonly tensorCount: number
  /** tensor data without padding */
  readonly dataBytes: number
  readonly sizeBytes: number
  readonly tokenizer: string | null
  readonly chatTemplate: string | null
  readonly license: string | null
  readonly author: string | null
  readonly baseModels: readonly string[]
  readonly split: ModelSplit | null
  readonly warnings: readonly Finding[]
}

/** One key of a file for people; long values are cut. */
export interface MetadataRow {
  readonly key: string
  readonly type: string
  readonly value: string
}
