import { type ByteSource, bytesSource } from '../byteSource.ts'
import { bitsOf } from './dtypes.ts'

/** For tests: a file of this header and so many bytes of data. */
export const fileOf = (header: string | Buffer, dataBytes = 0, length?: bigint): Buffer => {
  const json = Buffer.from(header)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([size, json, Buffer.alloc(dataBytes)])
}

export const sourceOf = (header: string | Buffer, dataBytes = 0, length?: bigint): ByteSource =>
  bytesSource(fileOf(header, dataBytes, length))

export type Shapes = Readonly<Record<string, readonly [type: string, ...shape: number[]]>>

/** A whole header with the tensors one behind the other, and the bytes of data it promises. */
export const headerOf = (
  shapes: Shapes,
  metadata: Readonly<Record<string, string>> = {},
): { header: string; dataBytes: number } => {
  let at = 0
  const members = Object.entries(shapes).map(([name, [dtype, ...shape]]) => {
    const begin = at
    at += (shape.reduce((product, size) => product * size, 1) * (bitsOf.get(dtype) ?? 8)) / 8
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, at] })}`
  })
  if (Object.keys(metadata).length > 0) members.unshift(`"__metadata__":${JSON.stringify(metadata)}`)
  return { header: `{${members.join(',')}}`, dataBytes: at }
}

/** The header is real; the data is not there to be read, so models of any size can be built. */
export const modelOf = (shapes: Shapes, metadata: Readonly<Record<string, string>> = {}): ByteSource => {
  const { header, dataBytes } = headerOf(shapes, metadata)
  const bytes = fileOf(header)
  return {
    sizeBytes: bytes.length + dataBytes,
    read: async (offset, length) => {
      const read = Buffer.alloc(length)
      bytes.copy(read, 0, offset, Math.min(bytes.length, offset + length))
      return read
    },
  }
}
