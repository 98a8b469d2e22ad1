import { FormatError } from '../formatError.ts'
import type { TensorRow } from '../modelFile.ts'
import { quotedName } from '../text.ts'
import { limits } from './limits.ts'

/**
 * The first bytes of a file: the length and the header, padded with spaces so that the data begins at a multiple of 8, as
 * the official library writes it.
 * @param dataOffset where the data of `tensors` begins in the file they were read from
 * @throws FormatError HEADER_TOO_LARGE, BAD_METADATA
 */
export const encodeHeader = (
  tensors: readonly TensorRow[],
  dataOffset: number,
  metadata: ReadonlyMap<string, string>,
): Buffer => {
  const members = tensors.map(({ name, type, shape, offset, bytes }) => {
    const begin = (offset ?? 0) - dataOffset
    return `${JSON.stringify(name)}:{"dtype":"${type}","shape":[${shape.join(',')}],"data_offsets":[${begin},${begin + bytes}]}`
  })
  if (metadata.size > 0) members.unshift(`"__metadata__":{${[...metadata].map(encodePair).join(',')}}`)
  const json = Buffer.from(`{${members.join(',')}}`)
  const padded = Math.ceil(json.length / 8) * 8
  if (padded > limits.headerBytes)
    throw new FormatError(
      'HEADER_TOO_LARGE',
      `With this metadata the header has ${padded} bytes; the limit is ${limits.headerBytes}.`,
    )
  const bytes = Buffer.alloc(8 + padded, ' ')
  bytes.writeBigUInt64LE(BigInt(padded))
  json.copy(bytes, 8)
  return bytes
}

const encodePair = ([key, value]: readonly [string, string]): string => {
  if (!key.isWellFormed() || !value.isWellFormed())
    throw new FormatError(
      'BAD_METADATA',
      `The metadata ${quotedName(key)} has half of a character in it. Correct the text.`,
    )
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`
}
