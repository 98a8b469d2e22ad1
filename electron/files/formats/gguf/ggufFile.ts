import type { Check } from '../../../../shared/contract/checks.ts'
import type { GgmlType } from './ggmlTypes.ts'
import type { StringList } from './stringList.ts'

/** By the number the file uses. */
export const valueTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'bool',
  'string',
  'array',
  'uint64',
  'int64',
  'float64',
] as const
export type ValueType = (typeof valueTypes)[number]
export type ElementType = Exclude<ValueType, 'array'>

/** Bytes of one value; of a string or an array the least it can have, from version 2 on. */
export const valueBytes: Readonly<Record<ValueType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  string: 8,
  array: 12,
  uint64: 8,
  int64: 8,
  float64: 8,
}

export type NumberList =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array

interface ArrayExtent {
  readonly count: number
  /** in the file, without the array's own header */
  readonly sizeBytes: number
}

/** values null: skipped, because it was not asked for or is too large to keep */
export type GgufArray = ArrayExtent &
  (
    | { readonly elementType: 'string'; readonly values: StringList | null }
    | { readonly elementType: Exclude<ElementType, 'string'>; readonly values: NumberList | null }
  )

/** A 64-bit integer beyond 2^53 − 1 is a bigint, every other number a number. */
export type GgufScalar = number | bigint | boolean | string

export interface GgufEntry {
  readonly key: string
  readonly type: ValueType
  readonly value: GgufScalar | GgufArray
  readonly offset: number
}

export interface GgufTensor {
  readonly name: string
  /** the row length first: the reverse of what PyTorch shows; none for a scalar */
  readonly dimensions: readonly number[]
  readonly type: GgmlType
  readonly elements: number
  readonly sizeBytes: number
  /** from the start of the data section */
  readonly offset: number
}

export interface GgufFile {
  readonly version: number
  readonly byteOrder: 'little' | 'big'
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, GgufEntry>
  readonly tensors: readonly GgufTensor[]
  /** of the file: where the data section begins */
  readonly dataOffset: number
  /** tensor data without padding */
  readonly dataBytes: number
  readonly sizeBytes: number
  /** what the structure showed; the meaning of the keys is judged by `summarizeGguf` */
  readonly findings: readonly Check[]
}

export const isArray = (value: GgufScalar | GgufArray): value is GgufArray => typeof value === 'object'
