/** Builds GGUF files byte by byte, valid or not. Only for tests: `encodeGgufHeader` refuses to write what these need. */

const number = (bytes: number, value: number | bigint, big: boolean): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
  const part = buffer.subarray(0, bytes)
  return big ? Buffer.from(part).reverse() : part
}

/** How lengths and numbers are written: version 1 has 32-bit lengths. */
export const rawWriter = ({ version = 3, big = false }: { version?: number; big?: boolean } = {}) => {
  const u16 = (value: number | bigint) => number(2, value, big)
  const u32 = (value: number | bigint) => number(4, value, big)
  const u64 = (value: number | bigint) => number(8, value, big)
  const size = (value: number | bigint) => (version === 1 ? u32(value) : u64(value))
  const text = (value: string | Buffer) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    return Buffer.concat([size(bytes.length), bytes])
  }
  const pair = (key: string | Buffer, type: number, ...value: Buffer[]) =>
    Buffer.concat([text(key), u32(type), ...value])
  return {
    u16,
    u32,
    u64,
    size,
    text,
    pair,
    f32: (value: number) => {
      const bytes = Buffer.alloc(4)
      if (big) bytes.writeFloatBE(value)
      else bytes.writeFloatLE(value)
      return bytes
    },
    string: (key: string | Buffer, value: string | Buffer) => pair(key, 8, text(value)),
    uint32: (key: string, value: number | bigint) => pair(key, 4, u32(value)),
    array: (key: string, type: number, count: number | bigint, ...elements: Buffer[]) =>
      pair(key, 9, u32(type), size(count), ...elements),
    tensor: (name: string | Buffer, dimensions: readonly (number | bigint)[], type: number, offset: number | bigint) =>
      Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(size), u32(type), u64(offset)]),
    header: (tensorCount: number | bigint, keyCount: number | bigint) =>
      Buffer.concat([Buffer.from('GGUF'), u32(version), size(tensorCount), size(keyCount)]),
  }
}

const writer = rawWriter()

/** A file with a right header; the data section has `dataBytes` bytes of 0x01. */
export const rawFile = (
  parts: {
    keys?: readonly Buffer[]
    tensors?: readonly Buffer[]
    dataBytes?: number
    alignment?: number
  },
  write = writer,
): Buffer => {
  const { keys = [], tensors = [], dataBytes = 0, alignment = 32 } = parts
  const header = Buffer.concat([write.header(tensors.length, keys.length), ...keys, ...tensors])
  const padding = tensors.length === 0 ? 0 : (alignment - (header.length % alignment)) % alignment
  return Buffer.concat([header, Buffer.alloc(padding), Buffer.alloc(dataBytes, 1)])
}
