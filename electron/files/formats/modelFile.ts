import type { Check, FactGroup } from '../../../shared/contract/checks.ts'
import type { ModelRole } from '../../../shared/contract/models.ts'

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
  readonly formatVersion: string | null
  readonly name: string | null
  /** for people, what exactly it is: `SDXL LoRA, rank 16`; null: format and role say enough */
  readonly label: string | null
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
  /** null: the format does not tell, or it is no model that memory is planned for */
  readonly geometry: ModelGeometry | null
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
  /** all that was looked at, on the rungs structure, meaning and safety */
  readonly checks: readonly Check[]
}

/** One key of a file for people; long values are cut. */
export interface MetadataRow {
  readonly key: string
  readonly type: string
  readonly value: string
}

export interface TensorRow {
  readonly name: string
  /** of an element or a block, in the same short words for all formats: F16, Q4_K, I64, BOOL … */
  readonly type: string
  /** outermost dimension first, as PyTorch shows it; empty for a scalar */
  readonly shape: readonly number[]
  readonly elements: number
  readonly bytes: number
  /** in its file; null: the bytes are not to be had by themselves (compressed, inside a message) */
  readonly offset: number | null
  /** name within the folder or archive; null: the file itself */
  readonly file: string | null
}

/** A chat template is code from a stranger: text here, and nothing but text. */
export interface ChatTemplate {
  /** `default`, `tool_use` … */
  readonly name: string
  readonly text: string
  readonly source: string
}

/** Everything one model says about itself. Plain data: it travels between processes. */
export interface Inspection {
  readonly summary: ModelFileSummary
  /** for people, grouped; each fact with where it was read */
  readonly facts: readonly FactGroup[]
  readonly metadata: readonly MetadataRow[]
  readonly tensors: readonly TensorRow[]
  readonly templates: readonly ChatTemplate[]
}
