import { FormatError } from '../formatError.ts'
import type { PagedReader } from '../keras/pagedReader.ts'

/** One table of a FlatBuffer; its fields are asked for by their number in the schema. Source: FlatBuffers Internals. */
export interface FlatTable {
  readonly at: number
  /** Where a field lies; null: it has its default. */
  field(index: number): Promise<number | null>
}

const u32 = async (reader: PagedReader, at: number): Promise<number> => (await reader.read(at, 4)).readUInt32LE(0)

export const tableAt = (reader: PagedReader, at: number): FlatTable => {
  let fields: Promise<Buffer> | null = null
  const vtable = async (): Promise<Buffer> => {
    const start = at - (await reader.read(at, 4)).readInt32LE(0)
    const length = (await reader.read(start, 2)).readUInt16LE(0)
    return await reader.read(start, length)
  }
  return {
    at,
    async field(index) {
      fields ??= vtable()
      const table = await fields
      const place = 4 + 2 * index
      const offset = place + 2 <= table.length ? table.readUInt16LE(place) : 0
      return offset === 0 ? null : at + offset
    },
  }
}

export const rootTable = async (reader: PagedReader): Promise<FlatTable> => tableAt(reader, await u32(reader, 0))

/** What a field points at, as an offset from itself. */
export const follow = async (reader: PagedReader, at: number): Promise<number> => at + (await u32(reader, at))

export interface FlatVector {
  readonly start: number
  readonly length: number
}

export const vectorAt = async (reader: PagedReader, at: number, elementBytes: number): Promise<FlatVector> => {
  const start = await follow(reader, at)
  const length = await u32(reader, start)
  if (start + 4 + length * elementBytes > reader.sizeBytes)
    throw new FormatError(
      'OUT_OF_FILE',
      'A list ends behind the end of the file: it is incomplete or damaged. Download it again.',
      { offset: start },
    )
  return { start: start + 4, length }
}

/** Up to 200 letters. */
export const textAt = async (reader: PagedReader, at: number): Promise<string> => {
  const { start, length } = await vectorAt(reader, at, 1)
  return (await reader.read(start, Math.min(length, 200))).toString('utf8')
}
