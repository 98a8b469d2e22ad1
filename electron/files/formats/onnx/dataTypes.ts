/** TensorProto.DataType, by its number. */
export interface DataType {
  /** short, as tensor tables of all formats have it: F32 for ONNX's FLOAT */
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
  [1, 'F32', 32, 4, 1],
  [2, 'U8', 8, 5, 1],
  [3, 'I8', 8, 5, 1],
  [4, 'U16', 16, 5, 1],
  [5, 'I16', 16, 5, 1],
  [6, 'I32', 32, 5, 1],
  [7, 'I64', 64, 7, 1],
  [8, 'STRING', null, 6, 1],
  [9, 'BOOL', 8, 5, 1],
  [10, 'F16', 16, 5, 1],
  [11, 'F64', 64, 10, 1],
  [12, 'U32', 32, 11, 1],
  [13, 'U64', 64, 11, 1],
  [14, 'C64', 64, 4, 2],
  [15, 'C128', 128, 10, 2],
  [16, 'BF16', 16, 5, 1],
  [17, 'F8_E4M3', 8, 5, 1],
  [18, 'F8_E4M3FNUZ', 8, 5, 1],
  [19, 'F8_E5M2', 8, 5, 1],
  [20, 'F8_E5M2FNUZ', 8, 5, 1],
  [21, 'U4', 4, 5, 1 / 8],
  [22, 'I4', 4, 5, 1 / 8],
  [23, 'F4', 4, 5, 1 / 8],
  [24, 'F8_E8M0', 8, 5, 1],
  [25, 'U2', 2, 5, 1 / 16],
  [26, 'I2', 2, 5, 1 / 16],
  [27, 'F6_E2M3', 6, 5, 1],
  [28, 'F6_E3M2', 6, 5, 1],
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
