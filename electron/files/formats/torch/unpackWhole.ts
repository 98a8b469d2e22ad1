import { createGunzip, createInflate } from 'node:zlib'
import type { ByteSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { unpackStart } from '../unpackStart.ts'

export type Packing = 'gzip' | 'zlib' | 'old joblib' | 'bzip2' | 'xz' | 'lzma' | 'lz4' | 'zstd' | '7z' | 'rar'

const starts: readonly (readonly [hex: string, packing: Packing])[] = [
  ['1f8b', 'gzip'],
  ['7801', 'zlib'],
  ['785e', 'zlib'],
  ['789c', 'zlib'],
  ['78da', 'zlib'],
  ['5a46', 'old joblib'],
  ['425a68', 'bzip2'],
  ['fd377a585a', 'xz'],
  ['5d0000', 'lzma'],
  ['04224d18', 'lz4'],
  ['28b52ffd', 'zstd'],
  ['377abcaf271c', '7z'],
  ['526172211a07', 'rar'],
]

/** How the whole file is packed; null: it is not. */
export const packingOf = (head: Uint8Array): Packing | null => {
  const hex = Buffer.from(head.subarray(0, 8)).toString('hex')
  return starts.find(([start]) => hex.startsWith(start))?.[1] ?? null
}

const mostUnpacked = 16 << 20
/** Old joblib: `ZF`, the length in hexadecimal text, zlib. */
const skippedOf = async (source: ByteSource, packing: Packing): Promise<number> => {
  if (packing !== 'old joblib') return 0
  const head = Buffer.from(await source.read(0, Math.min(32, source.sizeBytes)))
  const zlib = head.indexOf(0x78, 2)
  return zlib < 0 ? head.length : zlib
}

/**
 * The beginning unpacked, at most 16 MiB; `isWhole` says whether that is all. Null: this packing cannot be looked into.
 * @throws FormatError BAD_ARCHIVE when the data is damaged before anything came out
 */
export const unpackWhole = async (
  source: ByteSource,
  packing: Packing,
): Promise<{ bytes: Buffer; isWhole: boolean } | null> => {
  if (packing !== 'gzip' && packing !== 'zlib' && packing !== 'old joblib') return null
  const from = await skippedOf(source, packing)
  const range = { from, length: source.sizeBytes - from }
  const unpacker = packing === 'gzip' ? createGunzip() : createInflate()
  const { bytes, end, fault } = await unpackStart(source, range, unpacker, mostUnpacked)
  if (end === 'damaged' && bytes.length === 0)
    throw new FormatError('BAD_ARCHIVE', 'The file cannot be unpacked: its data is damaged.', {
      offset: 0,
      cause: fault,
    })
  return { bytes, isWhole: end === 'whole' }
}
