import type { ByteSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'

export interface TarEntry {
  readonly name: string
  /** `0` a file, `1` and `2` links, `3`, `4` and `6` devices and pipes, `5` a folder */
  readonly type: string
  readonly sizeBytes: number
  /** where its data begins */
  readonly offset: number
}

const mostEntries = 10_000
const blockBytes = 512
/** a long name takes no more; what is beyond is not looked at */
const mostHeaderText = 1 << 16

/** The magic of every tar since 1988, GNU's and PAX; older ones have none. */
export const startsLikeTar = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar'

/**
 * The headers one behind the other, with the long names of GNU and PAX.
 * @param structure told what is damaged; the entries before it are returned
 */
export const readTarEntries = async (
  source: ByteSource,
  { signal }: ReadOptions,
  structure: Findings,
): Promise<readonly TarEntry[]> => {
  const entries: TarEntry[] = []
  let next: Extension = nothing
  let headers = 0
  for (let at = 0; at + blockBytes <= source.sizeBytes; ) {
    signal?.throwIfAborted()
    const header = toBuffer(await source.read(at, blockBytes))
    if (header.every((byte) => byte === 0)) break
    const sizeBytes = next.sizeBytes ?? sizeOf(header)
    if (sizeBytes === null || !isChecksum(header)) {
      structure.add('broken', 'bad-tar-header', 'A header of the archive is damaged: what follows cannot be found.', at)
      break
    }
    if (headers++ >= 2 * mostEntries || entries.length >= mostEntries)
      throw new FormatError('TOO_MANY_ENTRIES', `The archive has more than ${mostEntries} entries.`)
    const type = String.fromCharCode(header[156] ?? 0)
    const entry = { name: next.name ?? nameOf(header), type, sizeBytes, offset: at + blockBytes }
    if (entry.offset + sizeBytes > source.sizeBytes)
      structure.add(
        'broken',
        'tar-entry-outside',
        `"${entry.name.slice(0, 120)}" ends behind the end of the file: the archive is incomplete.`,
        at,
      )
    if (isExtension(type)) next = { ...next, ...extensionOf(type, await textOf(source, entry, mostHeaderText)) }
    else {
      entries.push(entry)
      next = nothing
    }
    at = entry.offset + Math.ceil(sizeBytes / blockBytes) * blockBytes
  }
  return entries
}

/** At most so many bytes of an entry, as text. */
export const textOf = async (source: ByteSource, { offset, sizeBytes }: TarEntry, most: number): Promise<string> =>
  toBuffer(await source.read(offset, Math.max(0, Math.min(sizeBytes, most, source.sizeBytes - offset)))).toString(
    'utf8',
  )

/** What a header says about the one behind it. */
interface Extension {
  readonly name: string | null
  readonly sizeBytes: number | null
}
const nothing: Extension = { name: null, sizeBytes: null }

/** GNU's long name and long link, PAX for one entry and for all. */
const isExtension = (type: string) => type === 'L' || type === 'K' || type === 'x' || type === 'g'

const extensionOf = (type: string, text: string): Partial<Extension> => {
  if (type === 'L') return { name: beforeNul(text) }
  if (type !== 'x') return {}
  const values = new Map<string, string>()
  for (let at = 0; at < text.length; ) {
    const length = Number.parseInt(text.slice(at, at + 8), 10)
    if (!(length > 4)) break
    const [key = '', ...value] = text.slice(text.indexOf(' ', at) + 1, at + length - 1).split('=')
    values.set(key, value.join('='))
    at += length
  }
  const [name, size] = [values.get('path'), Number(values.get('size') ?? Number.NaN)]
  return {
    ...(name === undefined ? {} : { name: beforeNul(name) }),
    ...(Number.isSafeInteger(size) && size >= 0 ? { sizeBytes: size } : {}),
  }
}

const toBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
const beforeNul = (text: string) => {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}
const field = (header: Buffer, at: number, length: number) => beforeNul(header.toString('utf8', at, at + length))
const nameOf = (header: Buffer) => {
  // GNU's old kind has other things where the prefix stands
  const prefix = header.toString('latin1', 257, 264) === 'ustar  ' ? '' : field(header, 345, 155)
  return prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`
}

/** Octal digits, or a large number in base 256 with its first bit set. */
const sizeOf = (header: Buffer): number | null => {
  if (((header[124] ?? 0) & 0x80) !== 0) {
    const size = header.subarray(125, 136).reduce((sum, byte) => sum * 256 + byte, 0)
    return Number.isSafeInteger(size) ? size : null
  }
  const text = field(header, 124, 12).trim()
  return /^[0-7]{0,12}$/.test(text) ? Number.parseInt(text || '0', 8) : null
}

/** The sum of all bytes, the eight of the sum itself counted as spaces. */
const isChecksum = (header: Buffer): boolean => {
  const sum = header.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  return Number.parseInt(field(header, 148, 8).trim(), 8) === sum
}
