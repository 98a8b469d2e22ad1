import { FormatError } from '../formatError.ts'
import type { TensorRow } from '../modelFile.ts'
import { quotedName } from '../text.ts'
import { bitsOf } from './dtypes.ts'
import type { TensorRecord } from './readRecord.ts'

const largestU64 = 2n ** 64n - 1n

/**
 * Puts the records in the order of their data and proves, as the official library does, that each begins where the one
 * before it ended and is as long as its shape and type say. The records become the rows.
 * @throws FormatError BAD_OFFSET, SIZE_OVERFLOW, MISALIGNED_SLICE, BAD_TENSOR_RECORD
 */
export const layTensors = (records: readonly TensorRecord[], dataOffset: number): readonly TensorRow[] => {
  const rows = inOrder(records)
  let expected = 0
  for (const row of rows) {
    const { name, type, shape, bytes, offset } = row
    if (offset !== expected || bytes < 0 || bytes > Number.MAX_SAFE_INTEGER - dataOffset - offset)
      throw badOffset(name, offset, offset + bytes, expected)
    const bits = bitsOf.get(type) ?? 0
    row.elements = elementsOf(name, shape, bits)
    const neededBits = row.elements * bits
    if (neededBits % 8 !== 0)
      throw new FormatError(
        'MISALIGNED_SLICE',
        `The tensor ${quotedName(name)} has ${row.elements} elements of ${bits} bits: that is no whole number of bytes.`,
      )
    if (bytes * 8 !== neededBits) throw wrongSize(row, neededBits / 8)
    expected += bytes
    row.offset = dataOffset + offset
  }
  return rows
}

const wrongSize = ({ name, type, shape, bytes }: TensorRecord, expectedBytes: number): FormatError =>
  new FormatError(
    'BAD_TENSOR_RECORD',
    `The tensor ${quotedName(name)} needs ${expectedBytes} bytes for ${type} [${shape.join(', ')}], but the header gives it ${bytes}.`,
    { details: { tensor: name.slice(0, 200), expectedBytes } },
  )

/** Most writers keep the order; sorting what is sorted would cost more than the rest. */
const inOrder = (records: readonly TensorRecord[]): readonly TensorRecord[] => {
  for (let index = 1; index < records.length; index++) {
    const [one, other] = [records[index - 1], records[index]]
    if (one !== undefined && other !== undefined && compare(one, other) > 0) return records.toSorted(compare)
  }
  return records
}

const compare = (one: TensorRecord, other: TensorRecord) => one.offset - other.offset || one.bytes - other.bytes

const badOffset = (name: string, begin: number, end: number, expected: number): FormatError => {
  const why =
    end < begin
      ? `ends at ${end}, before it begins at ${begin}`
      : begin > expected
        ? `begins at ${begin}; nothing covers the ${begin - expected} bytes before it`
        : begin < expected
          ? `begins at ${begin}, inside the data of another tensor that ends at ${expected}`
          : `ends at ${end}, further than any file goes`
  return new FormatError('BAD_OFFSET', `The data of the tensor ${quotedName(name)} ${why}. The header is damaged.`, {
    details: { tensor: name.slice(0, 200), begin, end },
  })
}

/** Multiplied from the left in 64 bits: a dimension of 0 saves what follows it, not what came before. */
const elementsOf = (name: string, shape: readonly number[], bits: number): number => {
  let elements = 1
  for (const dimension of shape) elements *= dimension
  if (elements * bits <= Number.MAX_SAFE_INTEGER && elements !== 0) return elements
  let exact = 1n
  for (const dimension of shape) {
    exact *= BigInt(dimension)
    if (exact > largestU64) throw overflow(name)
  }
  if (exact * BigInt(bits) > largestU64) throw overflow(name)
  // without elements it has no bytes, so the official library takes it; it can only be shown rounded
  if (shape.some((dimension) => dimension > Number.MAX_SAFE_INTEGER))
    throw new FormatError(
      'BAD_DIMENSION',
      `The tensor ${quotedName(name)} has a dimension that no computer can count. The header is damaged.`,
      { details: { tensor: name.slice(0, 200) } },
    )
  return Number(exact)
}

const overflow = (name: string) =>
  new FormatError(
    'SIZE_OVERFLOW',
    `The size of the tensor ${quotedName(name)} is larger than any computer can address.`,
    {
      details: { tensor: name.slice(0, 200) },
    },
  )
