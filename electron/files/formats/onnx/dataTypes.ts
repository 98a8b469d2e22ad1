/** TensorProto.DataType, by its number. */
export interface DataType {
  readonly name: string
  /** of one element; null for text */
  readonly bits: number | null
  /** the field with the values, when they are not raw bytes */
  readonly field: ValueField
  /** numbers in that field for one element, or elements in one number */
  readonly perElement: number
}

/** float_data 4, int32_data 5, string_data 6, int64_data 7, double_data 10, uint64_data 11 */
type ValueField = 4 | 5 | 6 | 7 | 10 | 11

const rows: readonly (readonly [number, string, number | null, ValueField, number])[] = [
  [1, 'FLOAT', 32, 4, 1],
  [2, 'UINT8', 8, 5, 1],
  [3, 'INT8', 8, 5, 1],
  [4, 'UINT16', 16, 5, 1],
  [5, 'INT16', 16, 5, 1],
  [6, 'INT32', 32, 5, 1],
  [7, 'INT64', 64, 7, 1],
  [8, 'STRING', null, 6, 1],
  [9, 'BOOL', 8, 5, 1],
  [10, 'FLOAT16', 16, 5, 1],
  [11, 'DOUBLE', 64, 10, 1],
  [12, 'UINT32', 32, 11, 1],
  [13, 'UINT64', 64, 11, 1],
  [14, 'COMPLEX64', 64, 4, 2],
  [15, 'COMPLEX128', 128, 10, 2],
  [16, 'BFLOAT16', 16, 5, 1],
  [17, 'FLOAT8E4M3FN', 8, 5, 1],
  [18, 'FLOAT8E4M3FNUZ', 8, 5, 1],
  [19, 'FLOAT8E5M2', 8, 5, 1],
  [20, 'FLOAT8E5M2FNUZ', 8, 5, 1],
  [21, 'UINT4', 4, 5, 1 / 8],
  [22, 'INT4', 4, 5, 1 / 8],
  [23, 'FLOAT4E2M1', 4, 5, 1 / 8],
  [24, 'FLOAT8E8M0', 8, 5, 1],
  [25, 'UINT2', 2, 5, 1 / 16],
  [26, 'INT2', 2, 5, 1 / 16],
  [27, 'FLOAT6E2M3', 6, 5, 1],
  [28, 'FLOAT6E3M2', 6, 5, 1],
]

const byNumber: ReadonlyMap<number, DataType> = new Map(
  rows.map(([number, name, bits, field, perElement]) => [number, { name, bits, field, perElement }]),
)

export const dataTypeOf = (number: number): DataType | null => byNumber.get(number) ?? null

export const typeName = (number: number): string => byNumber.get(number)?.name ?? `type ${number}`

/** Bytes of so many elements as they lie in raw data, the last one filled up; null for text and for types not known. */
export const bytesOf = (number: number, elements: number): number | null => {
  const bits = byNumber.get(number)?.bits ?? null
  return bits === null ? null : Math.ceil((elements * bits) / 8)
}
