import { ggmlTypeByName, tensorSizeBytes } from './ggmlTypes.ts'
import { type ElementType, valueBytes, valueTypes } from './ggufFile.ts'
import { paddedTo } from './readTensors.ts'

type GgufScalarEntry =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'uint64' | 'int64'; readonly value: number | bigint }
  | { readonly type: Exclude<ElementType, 'string' | 'bool' | 'uint64' | 'int64'>; readonly value: number }

type GgufArrayEntry =
  | { readonly type: 'array'; readonly elementType: 'string'; readonly value: readonly string[] }
  | {
      readonly type: 'array'
      readonly elementType: Exclude<ElementType, 'string'>
      readonly value: ArrayLike<number | bigint | boolean>
    }

export type GgufWriteEntry = { readonly key: string } & (GgufScalarEntry | GgufArrayEntry)

export interface GgufWriteTensor {
  readonly name: string
  /** the row length first */
  readonly dimensions: readonly number[]
  /** a ggml name, e.g. `Q4_0` */
  readonly type: string
}

export interface GgufHeader {
  /** magic to the padding before the data: the data section begins right behind it */
  readonly bytes: Uint8Array
  /** where each tensor's data goes, from the start of the data section */
  readonly tensors: readonly (GgufWriteTensor & { readonly offset: number; readonly sizeBytes: number })[]
  /** of the data section, the padding after the last tensor included */
  readonly dataBytes: number
}

/** A version 3 header in little-endian order. Give `general.alignment` as metadata too when it is not 32. */
export const encodeGgufHeader = ({
  metadata,
  tensors,
  alignment = 32,
}: {
  readonly metadata: readonly GgufWriteEntry[]
  readonly tensors: readonly GgufWriteTensor[]
  readonly alignment?: number
}): GgufHeader => {
  let offset = 0
  const placed = tensors.map((tensor) => {
    const sizeBytes = sizeOf(tensor)
    const at = offset
    offset = paddedTo(alignment, offset + sizeBytes)
    return { ...tensor, offset: at, sizeBytes }
  })
  const out = createBytes()
  out.raw('GGUF')
  out.number('uint32', 3)
  out.number('uint64', tensors.length)
  out.number('uint64', metadata.length)
  for (const entry of metadata) writeEntry(out, entry)
  for (const { name, dimensions, type, offset: at } of placed) {
    out.text(name)
    out.number('uint32', dimensions.length)
    for (const length of dimensions) out.number('uint64', length)
    out.number('uint32', ggmlTypeByName.get(type)?.id ?? 0)
    out.number('uint64', at)
  }
  if (tensors.length > 0) out.padTo(alignment)
  return { bytes: out.bytes(), tensors: placed, dataBytes: offset }
}

const sizeOf = ({ name, dimensions, type }: GgufWriteTensor): number => {
  const known = ggmlTypeByName.get(type)
  if (known === undefined || known.blockSize === 0) throw new TypeError(`${name}: there is no tensor type ${type}`)
  if ((dimensions[0] ?? 1) % known.blockSize !== 0)
    throw new TypeError(`${name}: a row of ${dimensions[0]} is not a whole number of ${type} blocks`)
  return tensorSizeBytes(
    known,
    dimensions,
    dimensions.reduce((product, length) => product * length, 1),
  )
}

const writeEntry = (out: Bytes, entry: GgufWriteEntry): void => {
  out.text(entry.key)
  out.number('uint32', valueTypes.indexOf(entry.type))
  if (entry.type === 'array') writeArray(out, entry)
  else if (entry.type === 'string') out.text(entry.value)
  else out.number(entry.type, entry.value)
}

const writeArray = (out: Bytes, entry: GgufArrayEntry): void => {
  out.number('uint32', valueTypes.indexOf(entry.elementType))
  out.number('uint64', entry.value.length)
  if (entry.elementType === 'string') for (const element of entry.value) out.text(element)
  else for (let index = 0; index < entry.value.length; index++) out.number(entry.elementType, entry.value[index] ?? 0)
}

interface Bytes {
  raw(text: string): void
  /** with its length before it */
  text(text: string): void
  number(type: Exclude<ElementType, 'string'>, value: number | bigint | boolean): void
  padTo(multiple: number): void
  bytes(): Uint8Array
}

const createBytes = (): Bytes => {
  let buffer = Buffer.alloc(1 << 16)
  let length = 0
  /** New bytes are zero. */
  const reserve = (bytes: number): number => {
    if (length + bytes > buffer.length) {
      const larger = Buffer.alloc(Math.max(buffer.length * 2, length + bytes))
      buffer.copy(larger)
      buffer = larger
    }
    const at = length
    length += bytes
    return at
  }
  const raw = (text: string) => {
    const at = reserve(Buffer.byteLength(text)) // may replace the buffer
    buffer.write(text, at)
  }
  const number: Bytes['number'] = (type, value) => {
    const at = reserve(valueBytes[type])
    switch (type) {
      case 'bool':
      case 'uint8':
        buffer.writeUInt8(Number(value), at)
        break
      case 'int8':
        buffer.writeInt8(Number(value), at)
        break
      case 'uint16':
        buffer.writeUInt16LE(Number(value), at)
        break
      case 'int16':
        buffer.writeInt16LE(Number(value), at)
        break
      case 'uint32':
        buffer.writeUInt32LE(Number(value), at)
        break
      case 'int32':
        buffer.writeInt32LE(Number(value), at)
        break
      case 'float32':
        buffer.writeFloatLE(Number(value), at)
        break
      case 'float64':
        buffer.writeDoubleLE(Number(value), at)
        break
      case 'uint64':
        buffer.writeBigUInt64LE(BigInt(value), at)
        break
      case 'int64':
        buffer.writeBigInt64LE(BigInt(value), at)
        break
    }
  }
  return {
    raw,
    number,
    text(text) {
      number('uint64', Buffer.byteLength(text))
      raw(text)
    },
    padTo(multiple) {
      reserve((multiple - (length % multiple)) % multiple)
    },
    bytes: () => buffer.subarray(0, length),
  }
}
