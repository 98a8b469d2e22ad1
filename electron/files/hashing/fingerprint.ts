import { createHash } from 'node:crypto'
import type { ByteSource } from '../formats/byteSource.ts'

/** Part of every fingerprint and of what is hashed: a change of anything below needs a new one. */
const scheme = 'f1'
const edgeBytes = 64 << 10
const pieceBytes = 4 << 10
const pieces = 30
const wholeBytes = 2 * edgeBytes + pieces * pieceBytes

type Range = readonly [offset: number, length: number]

/** Head, pieces evenly over what lies between, tail. In the order of the file and never overlapping. */
const sampledRanges = (sizeBytes: number): readonly Range[] => {
  if (sizeBytes <= wholeBytes) return [[0, sizeBytes]]
  const stride = (sizeBytes - 2 * edgeBytes - pieceBytes) / (pieces - 1)
  const middle = Array.from({ length: pieces }, (_, n): Range => [edgeBytes + Math.floor(n * stride), pieceBytes])
  return [[0, edgeBytes], ...middle, [sizeBytes - edgeBytes, edgeBytes]]
}

const prefixed = (digest: string): string => `${scheme}:${digest}`

/**
 * `f1:` and the SHA-256 of a file's size, its ends and 30 pieces between them: at most 248 KiB of any file are read, a
 * smaller file whole. Tells at once that two files differ, and finds a file again that was moved or renamed. Never the
 * last word on equality: two files that differ only between the pieces share it, and a stranger can make such files.
 * @throws FormatError when the source cannot be read
 */
export const fingerprint = async (source: ByteSource): Promise<string> => {
  const hash = createHash('sha256').update(`${scheme} file ${source.sizeBytes}\n`)
  const ranges = sampledRanges(source.sizeBytes)
  for (const part of await Promise.all(ranges.map(([offset, length]) => source.read(offset, length)))) hash.update(part)
  return prefixed(hash.digest('hex'))
}

/** Of an artifact of several files, from theirs in the artifact's order; that of a single file is its own. */
export const combine = (fingerprints: readonly string[]): string => {
  const [only] = fingerprints
  if (only !== undefined && fingerprints.length === 1) return only
  const hash = createHash('sha256').update(`${scheme} files ${fingerprints.length}\n`)
  for (const one of fingerprints) hash.update(`${one}\n`)
  return prefixed(hash.digest('hex'))
}
