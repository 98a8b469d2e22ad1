import { Readable, type Transform } from 'node:stream'
import type { ByteSource } from './byteSource.ts'
import { FormatError } from './formatError.ts'

const chunkBytes = 1 << 16

/** The bytes of a part of a source, one chunk after the other. */
async function* chunksOf(source: ByteSource, from: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += chunkBytes) yield await source.read(from + at, Math.min(chunkBytes, length - at))
}

interface Unpacked {
  readonly bytes: Buffer
  /** limit: there is more. damaged: the data is, behind what came out */
  readonly end: 'whole' | 'limit' | 'damaged'
  /** what the unpacker said of the damage */
  readonly fault: unknown
}

/**
 * At most the first `most` bytes that come out of packed data: never more memory than that, whatever the data says.
 * @param unpacker of zlib; destroyed at the end
 * @throws FormatError when the source cannot be read
 */
export const unpackStart = async (
  source: ByteSource,
  { from, length }: { readonly from: number; readonly length: number },
  unpacker: Transform,
  most: number,
): Promise<Unpacked> => {
  const input = Readable.from(chunksOf(source, from, length))
  input.on('error', (error) => unpacker.destroy(error))
  input.pipe(unpacker)
  const parts: Buffer[] = []
  let size = 0
  const done = (end: Unpacked['end'], fault: unknown = null): Unpacked => ({
    bytes: Buffer.concat(parts, Math.min(size, most)),
    ...{ end, fault },
  })
  try {
    for await (const part of unpacker) {
      parts.push(part)
      size += part.length
      if (size > most) return done('limit')
    }
    return done('whole')
  } catch (error) {
    if (error instanceof FormatError) throw error
    return done('damaged', error)
  } finally {
    input.destroy()
    unpacker.destroy()
  }
}
