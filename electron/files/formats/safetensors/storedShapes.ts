import type { ByteSource } from '../byteSource.ts'
import type { TensorRow } from '../modelFile.ts'
import type { StoredShapes } from './countWeights.ts'

const mostBytes = 1 << 20

/**
 * compressed-tensors writes what a packed matrix was before into a small tensor of its own. Writers lay tensors out by
 * type, so all of these lie together and one read has them; what lies further than that stays unknown.
 */
export const readStoredShapes = async (source: ByteSource, tensors: readonly TensorRow[]): Promise<StoredShapes> => {
  const shapes = new Map<string, readonly number[]>()
  const rows = tensors.filter((row) => row.type === 'I64' && row.bytes === 16 && row.name.endsWith('.weight_shape'))
  const from = rows[0]?.offset ?? 0
  const to = Math.min(from + mostBytes, source.sizeBytes)
  const inside = rows.filter((row) => (row.offset ?? 0) + row.bytes <= to)
  const end = inside.reduce((most, row) => Math.max(most, (row.offset ?? 0) + row.bytes), from)
  if (end === from) return shapes
  const read = await source.read(from, end - from)
  const bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
  for (const { name, offset } of inside) {
    const at = (offset ?? 0) - from
    shapes.set(name, [Number(bytes.readBigInt64LE(at)), Number(bytes.readBigInt64LE(at + 8))])
  }
  return shapes
}
