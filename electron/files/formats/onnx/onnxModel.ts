import type { Check } from '../../../../shared/contract/checks.ts'

/** Where the values of a tensor lie. */
export type TensorData =
  /** raw bytes, or numbers that lie like raw bytes; offset null: they are there in another form */
  | { readonly kind: 'inline'; readonly offset: number | null }
  | { readonly kind: 'external'; readonly reference: ExternalReference }
  | { readonly kind: 'none' }

interface ExternalReference {
  /** in the order of the file, repeats included */
  readonly entries: readonly (readonly [key: string, value: string])[]
}

/** initializer: a weight. constant: a value inside a node. sparse: the values or the indices of a sparse weight. */
export type TensorPlace = 'initializer' | 'constant' | 'sparse'

export interface OnnxTensor {
  readonly name: string
  readonly place: TensorPlace
  /** TensorProto.DataType */
  readonly type: number
  readonly shape: readonly number[]
  readonly elements: number
  /** in the file or beside it; null for text */
  readonly bytes: number | null
  readonly data: TensorData
  /** of the tensor's message */
  readonly offset: number
}

export interface OnnxValue {
  readonly name: string
  /** `F32 [batch, 3, 224, 224]`, `sequence`, `map` … */
  readonly type: string
}

interface OnnxFunction {
  readonly domain: string
  readonly name: string
}

export interface OnnxModel {
  readonly irVersion: number | null
  readonly producer: string | null
  readonly producerVersion: string | null
  readonly domain: string | null
  readonly modelVersion: number | null
  readonly docString: string | null
  /** by domain; '' is the standard */
  readonly opsets: ReadonlyMap<string, number>
  readonly metadata: readonly (readonly [key: string, value: string])[]
  readonly graphName: string
  /** without those that only give an initializer its shape */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly functions: readonly OnnxFunction[]
  readonly isTraining: boolean
  /** in all graphs and functions */
  readonly nodeCount: number
  /** graphs inside nodes */
  readonly subgraphCount: number
  /** `domain\0operator` and how often it stands in the graphs and functions */
  readonly operators: ReadonlyMap<string, number>
  /** bits and block size of MatMulNBits and its kind, as `4 bits, blocks of 32` */
  readonly blockQuantization: readonly string[]
  readonly tensors: readonly OnnxTensor[]
  readonly sizeBytes: number
  readonly findings: readonly Check[]
}
