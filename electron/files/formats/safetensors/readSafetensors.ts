import { isAscii, isUtf8 } from 'node:buffer'
import type { ByteSource } from '../byteSource.ts'
import { diagnose, diagnoseBytes } from '../diagnose.ts'
import { createFindings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { checkCoverage } from './checkCoverage.ts'
import { checkHeader } from './checkHeader.ts'
import { layTensors } from './layTensors.ts'
import { limits } from './limits.ts'
import { parseHeader } from './parseHeader.ts'
import type { SafetensorsFile } from './safetensorsFile.ts'

/** Read at once: the length and with it most headers whole. */
const firstRead = 64 * 1024

/**
 * Reads the header, at most two reads for any file. What the official library refuses is refused, with one exception: when the
 * data is shorter or longer than the header says, the table is true all the same, and the check list says it is broken.
 */
export const readSafetensors = async (source: ByteSource, options: ReadOptions = {}): Promise<SafetensorsFile> => {
  options.signal?.throwIfAborted()
  const head = await source.read(0, Math.min(firstRead, source.sizeBytes))
  const headerBytes = lengthIn(head, source.sizeBytes)
  const isThere = 8 + headerBytes <= head.length
  const read = isThere ? head.subarray(8, 8 + headerBytes) : await source.read(8, headerBytes)
  const bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
  options.signal?.throwIfAborted()
  const text = decode(bytes)
  if (!/^[ \t\r\n]*\{/.test(text)) throw noHeader(head.subarray(0, diagnoseBytes), source.sizeBytes)
  const header = parseHeader(text)
  const dataOffset = 8 + headerBytes
  const tensors = layTensors(header.records, dataOffset)
  const findings = createFindings('structure')
  checkHeader({ text, isAscii: text.length === headerBytes }, header, findings)
  const dataBytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0)
  checkCoverage(tensors, dataOffset + dataBytes, source.sizeBytes, findings)
  return {
    headerBytes,
    dataOffset,
    dataBytes,
    sizeBytes: source.sizeBytes,
    metadata: header.metadata,
    tensors,
    isTruncated: dataOffset + dataBytes > source.sizeBytes,
    findings: findings.list,
  }
}

/** The header's length, proven to lie inside the file and within what is read at all. */
const lengthIn = (read: Uint8Array, sizeBytes: number): number => {
  const head = read.subarray(0, diagnoseBytes)
  if (sizeBytes < 8) throw diagnose(head, sizeBytes, 'safetensors')
  const length = Buffer.from(head.buffer, head.byteOffset, 8).readBigUInt64LE()
  if (length > BigInt(limits.libraryHeaderBytes) || length > BigInt(sizeBytes - 8) || length < 2n) {
    throw looksLikeHeader(head) ? badLength(length, sizeBytes) : noHeader(head, sizeBytes, length)
  }
  if (length > BigInt(limits.headerBytes))
    throw new FormatError(
      'HEADER_TOO_LARGE',
      `The header has ${length} bytes. The official library reads up to ${limits.libraryHeaderBytes}, Berth up to ${limits.headerBytes}.`,
      { offset: 0, details: { headerBytes: Number(length) } },
    )
  return Number(length)
}

const badLength = (length: bigint, sizeBytes: number): FormatError => {
  if (length > BigInt(limits.libraryHeaderBytes))
    return new FormatError(
      'HEADER_TOO_LARGE',
      `The header claims ${length} bytes; the limit is ${limits.libraryHeaderBytes}.`,
      {
        offset: 0,
      },
    )
  if (length < 2n)
    return new FormatError('BAD_HEADER_LENGTH', `The header claims ${length} bytes; the shortest has 2.`, { offset: 0 })
  return new FormatError(
    'BAD_HEADER_LENGTH',
    `The header claims ${length} bytes, but the file ends after ${sizeBytes - 8}. The download was interrupted; load the file again.`,
    { offset: sizeBytes, details: { missingBytes: Number(length) + 8 - sizeBytes } },
  )
}

/** White space before the brace is allowed by the official library. */
export const looksLikeHeader = (head: Uint8Array): boolean => {
  for (let at = 8; at < head.length; at++) {
    const byte = head[at] ?? 0
    if (byte === 0x7b) return true
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false
  }
  return false
}

const certain = new Set(['GIT_LFS_POINTER', 'ERROR_PAGE', 'ALL_ZERO', 'OTHER_FORMAT', 'BYTE_SWAPPED_MAGIC'])

/** Another kind of file under this name, or a damaged one. */
const noHeader = (head: Uint8Array, sizeBytes: number, length: bigint | null = null): FormatError => {
  const other = diagnose(head, sizeBytes, 'safetensors')
  if (certain.has(other.code)) return other
  if (length !== null) return badLength(length, sizeBytes)
  return new FormatError(
    'BAD_HEADER',
    'The header does not begin with "{". The file is damaged or of another format.',
    {
      offset: 8,
    },
  )
}

/** One byte per character when all are ASCII, so that a place in the text is a place in the file. */
const decode = (bytes: Buffer): string => {
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) throw new FormatError('BAD_HEADER', 'The header is not UTF-8 text.', { offset: 8 })
  return bytes.toString('utf8')
}
