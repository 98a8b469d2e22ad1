/** Name in tensor tables, and bytes of one element. Packed types count one element per byte, as PyTorch does. */
export interface DataType {
  readonly label: string
  readonly bytes: number
}

const type = (label: string, bytes: number): DataType => ({ label, bytes })

/** By PyTorch's name behind `torch.`; source: PyTorch 2.14 torch/storage.py and c10/core/ScalarType.h. */
export const dataTypes: ReadonlyMap<string, DataType> = new Map([
  ['float64', type('F64', 8)],
  ['double', type('F64', 8)],
  ['float32', type('F32', 4)],
  ['float', type('F32', 4)],
  ['float16', type('F16', 2)],
  ['half', type('F16', 2)],
  ['bfloat16', type('BF16', 2)],
  ['float8_e4m3fn', type('F8_E4M3', 1)],
  ['float8_e5m2', type('F8_E5M2', 1)],
  ['float8_e4m3fnuz', type('F8_E4M3FNUZ', 1)],
  ['float8_e5m2fnuz', type('F8_E5M2FNUZ', 1)],
  ['float8_e8m0fnu', type('F8_E8M0', 1)],
  ['float4_e2m1fn_x2', type('F4_X2', 1)],
  ['int64', type('I64', 8)],
  ['int32', type('I32', 4)],
  ['int16', type('I16', 2)],
  ['int8', type('I8', 1)],
  ['uint64', type('U64', 8)],
  ['uint32', type('U32', 4)],
  ['uint16', type('U16', 2)],
  ['uint8', type('U8', 1)],
  ['bool', type('BOOL', 1)],
  ['complex32', type('C32', 4)],
  ['bcomplex32', type('BC32', 4)],
  ['complex64', type('C64', 8)],
  ['complex128', type('C128', 16)],
  ['qint8', type('QI8', 1)],
  ['quint8', type('QU8', 1)],
  ['qint32', type('QI32', 4)],
  ['quint4x2', type('QU4_X2', 1)],
  ['quint2x4', type('QU2_X4', 1)],
  ['bits8', type('BITS8', 1)],
  ['bits16', type('BITS16', 2)],
  ['bits1x8', type('BITS1_X8', 1)],
  ['bits2x4', type('BITS2_X4', 1)],
  ['bits4x2', type('BITS4_X2', 1)],
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((bits): [string, DataType][] => [
    [`int${bits}`, type(`I${bits}`, 1)],
    [`uint${bits}`, type(`U${bits}`, 1)],
  ]),
])

const storageNames: Readonly<Record<string, string>> = {
  Double: 'float64',
  Float: 'float32',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
  ComplexFloat: 'complex64',
  ComplexDouble: 'complex128',
  QInt8: 'qint8',
  QUInt8: 'quint8',
  QInt32: 'qint32',
  QUInt4x2: 'quint4x2',
  QUInt2x4: 'quint2x4',
  Untyped: 'uint8',
  _Untyped: 'uint8',
}

/** `FloatStorage` → F32. An untyped storage counts bytes. Null: no storage of PyTorch. */
export const typeOfStorage = (name: string): DataType | null => {
  const stem = name.endsWith('Storage') ? name.slice(0, -'Storage'.length) : ''
  const found = Object.hasOwn(storageNames, stem) ? storageNames[stem] : undefined
  return found === undefined ? null : (dataTypes.get(found) ?? null)
}

const numpyKinds: Readonly<Record<string, string>> = {
  b1: 'BOOL',
  '?1': 'BOOL',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  f16: 'F128',
  c8: 'C64',
  c16: 'C128',
  V2: 'BF16',
}

/** One letter without a size: C's names. */
const numpyLetters: Readonly<Record<string, string>> = {
  '?': 'b1',
  b: 'i1',
  B: 'u1',
  h: 'i2',
  H: 'u2',
  i: 'i4',
  I: 'u4',
  l: 'i8',
  L: 'u8',
  q: 'i8',
  Q: 'u8',
  e: 'f2',
  f: 'f4',
  d: 'f8',
  g: 'f16',
  F: 'c8',
  D: 'c16',
}

/** NumPy's `<f4`, `|b1`, `V2` (how bfloat16 is stored), `<U7`. Null: not one of fixed size. */
export const typeOfNumpy = (descr: string): DataType | null => {
  const plain = descr.replace(/^[<>|=]/, '')
  const name = Object.hasOwn(numpyLetters, plain)
    ? (numpyLetters[plain] ?? plain)
    : plain === 'M' || plain === 'm'
      ? `${plain}8`
      : plain
  const match = /^([biufcSaUVMm?])(\d{1,9})$/.exec(name)
  if (match === null) return null
  const [, kind = '', digits = ''] = match
  const bytes = kind === 'U' ? 4 * Number(digits) : Number(digits)
  return { label: Object.hasOwn(numpyKinds, name) ? (numpyKinds[name] ?? name) : name, bytes }
}
