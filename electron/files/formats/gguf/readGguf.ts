import type { ByteSource } from '../byteSource.ts'
import { diagnose, diagnoseBytes } from '../diagnose.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { byteCount } from '../words.ts'
import { type Cursor, createCursor } from './cursor.ts'
import type { GgufEntry, GgufFile, GgufTensor } from './ggufFile.ts'
import { limits } from './limits.ts'
import { readMetadata } from './readMetadata.ts'
import { paddedTo, readTensors } from './readTensors.ts'

/** Everything, tokens and merges included as far as they fit into memory. */
export const readGguf = (source: ByteSource, options: ReadOptions = {}): Promise<GgufFile> =>
  read(source, options, limits.keptArrayBytes)

/** The same checks, but long arrays are walked and not kept; at most four reads for a normal model. */
export const readGgufSummary = (source: ByteSource, options: ReadOptions = {}): Promise<GgufFile> =>
  read(source, options, limits.summaryArrayBytes)

const read = async (source: ByteSource, options: ReadOptions, largestKeptArray: number): Promise<GgufFile> => {
  const cursor = createCursor(source, options)
  const findings = createFindings('structure')
  const { version, byteOrder, tensorCount, keyCount } = await readHeader(cursor, source.sizeBytes)
  if (version === 1)
    findings.add('broken', 'old-version', 'GGUF version 1 (2023): no current runtime reads it. Convert it again.', 4)
  if (byteOrder === 'big')
    findings.add('broken', 'big-endian', 'This file is for big-endian machines; this one cannot load it.', 4)

  const metadata = await readMetadata(cursor, { version, keyCount, largestKeptArray }, findings)
  const alignment = alignmentOf(metadata.get('general.alignment'), findings)
  const tensors = await readTensors(cursor, { version, tensorCount, alignment }, findings)
  const dataOffset = paddedTo(alignment, cursor.position)
  if (tensorCount > 0 && dataOffset > source.sizeBytes) throw truncated(tensors, dataOffset, source.sizeBytes)
  checkEnd(tensors, { dataOffset, headerEnd: cursor.position, alignment, sizeBytes: source.sizeBytes }, findings)

  return {
    version,
    byteOrder,
    alignment,
    metadata,
    tensors,
    dataOffset,
    dataBytes: tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0),
    sizeBytes: source.sizeBytes,
    findings: findings.list,
  }
}

const readHeader = async (cursor: Cursor, sizeBytes: number) => {
  await cursor.prefetch(Math.min(diagnoseBytes, sizeBytes))
  if (sizeBytes < 16 || cursor.bytes.toString('latin1', 0, 4) !== 'GGUF')
    throw diagnose(cursor.bytes.subarray(0, diagnoseBytes), sizeBytes, 'GGUF')
  cursor.skip(4)

  // There is no byte order flag: in the other order a version shows in the upper half of the number.
  const raw = cursor.u32()
  const swapped = raw !== 0 && (raw & 0xffff) === 0
  const version = swapped ? Buffer.from([raw >>> 24, (raw >>> 16) & 255, 0, 0]).readUInt32LE() : raw
  if (version < 1 || version > 3)
    throw new FormatError('BAD_VERSION', `GGUF version ${version} is not known: 1, 2 and 3 are.`, {
      offset: 4,
      details: { version },
    })
  cursor.setByteOrder(!swapped)
  if (version > 1 && sizeBytes < 24)
    throw new FormatError('TOO_SHORT', `The file is too short to be a GGUF file: ${sizeBytes} bytes.`, {
      offset: sizeBytes,
    })

  const count = () => (version === 1 ? cursor.u32() : cursor.u64())
  const tensorCount = count()
  if (tensorCount > limits.tensors)
    throw new FormatError('TOO_MANY_TENSORS', `The header claims more than ${limits.tensors} tensors.`, { offset: 8 })
  const keyCount = count()
  if (keyCount > limits.keys)
    throw new FormatError('TOO_MANY_KEYS', `The header claims more than ${limits.keys} keys.`, { offset: 16 })
  const length = version === 1 ? 4 : 8
  const least = keyCount * (length + 1 + 4 + 1) + tensorCount * (length + 4 + 4 + 8)
  if (least > cursor.left)
    throw new FormatError(
      'OUT_OF_FILE',
      `The header claims ${tensorCount} tensors and ${keyCount} keys, more than the file has room for. It is incomplete or damaged.`,
      { offset: 8, details: { missingBytes: least - cursor.left } },
    )
  return { version, byteOrder: swapped ? ('big' as const) : ('little' as const), tensorCount, keyCount }
}

const alignmentOf = (entry: GgufEntry | undefined, findings: Findings): number => {
  if (entry === undefined) return 32
  const { value, type, offset } = entry
  const isPowerOfTwo = typeof value === 'number' && value > 0 && Number.isInteger(Math.log2(value))
  if (type !== 'uint32' || !isPowerOfTwo)
    throw new FormatError('BAD_ALIGNMENT', 'general.alignment must be a power of two, as an unsigned 32-bit number.', {
      offset,
      details: { type },
    })
  if (value < 8)
    findings.add('note', 'odd-alignment', `The alignment is ${value}; the format wants a multiple of 8.`, offset)
  return value
}

const checkEnd = (
  tensors: readonly GgufTensor[],
  {
    dataOffset,
    headerEnd,
    alignment,
    sizeBytes,
  }: { dataOffset: number; headerEnd: number; alignment: number; sizeBytes: number },
  findings: Findings,
): void => {
  const last = tensors.at(-1)
  const end = last === undefined ? headerEnd : dataOffset + last.offset + last.sizeBytes
  if (end > sizeBytes) throw truncated(tensors, dataOffset, sizeBytes)
  const padded = paddedTo(alignment, end)
  if (last !== undefined && sizeBytes < padded)
    findings.add(
      'note',
      'missing-final-padding',
      'The padding after the last tensor is missing; loading does not need it.',
      sizeBytes,
    )
  if (sizeBytes > padded)
    findings.add(
      'warning',
      'trailing-data',
      `${sizeBytes - end} bytes follow the last tensor. No runtime reads them; something else is attached to the file.`,
      end,
    )
}

/** Tensors lie one behind the other, so everything from the first one that leaves the file is missing. */
const truncated = (tensors: readonly GgufTensor[], dataOffset: number, sizeBytes: number): FormatError => {
  const last = tensors.at(-1)
  const expectedBytes = last === undefined ? dataOffset : dataOffset + last.offset + last.sizeBytes
  const missing = tensors.filter((tensor) => dataOffset + tensor.offset + tensor.sizeBytes > sizeBytes)
  const names = missing.slice(0, 3).map((tensor) => tensor.name)
  const missingBytes = expectedBytes - sizeBytes
  return new FormatError(
    'DATA_TRUNCATED',
    `${byteCount(missingBytes)} are missing at the end: ${missing.length} of ${tensors.length} tensors are incomplete (${names.join(', ')}${missing.length > 3 ? ' …' : ''}). The download was interrupted.`,
    {
      offset: sizeBytes,
      details: { expectedBytes, missingBytes, missingTensors: missing.length, firstMissingTensor: names[0] ?? null },
    },
  )
}
