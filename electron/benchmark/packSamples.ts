import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createGzip, gunzip } from 'node:zlib'
import { z } from 'zod'
import { BenchmarkSample } from '../../shared/contract/benchmarks.ts'
import { errnoOf } from '../lib/appError.ts'

/**
 * Of one result, so that what is stored is bounded. Later requests keep their first piece alone: with the last one beside it,
 * their whole answer would look like one pause between two pieces.
 */
const mostPieces = 500_000
/** Text that is made or read before others get their turn: a few milliseconds. */
const sliceChars = 200_000
const mostUnpackedBytes = 32 << 20

/** Nothing in a measurement is finer than a microsecond. */
const round = (value: number): number => Math.round(value * 1000) / 1000

const bounded = (sample: BenchmarkSample, room: number): BenchmarkSample => {
  if (!('pieceMs' in sample)) return sample
  const { pieceMs } = sample
  const kept = pieceMs.length <= room ? pieceMs : pieceMs.slice(0, 1)
  return { ...sample, pieceMs: kept.map(round) }
}

/** JSON, one sample a line. */
async function* linesOf(samples: readonly BenchmarkSample[]): AsyncGenerator<string> {
  let room = mostPieces
  let chars = 0
  yield '['
  for (const [at, sample] of samples.entries()) {
    const kept = bounded(sample, room)
    if ('pieceMs' in kept) room -= kept.pieceMs.length
    const line = `${at === 0 ? '' : ','}\n${JSON.stringify(kept)}`
    chars += line.length
    if (chars > sliceChars) {
      chars = 0
      await nextTurn()
    }
    yield line
  }
  yield '\n]'
}

/** JSON, gzip: made off the main thread, and from text that is made in turns. */
export const packSamples = (samples: readonly BenchmarkSample[]): Promise<Uint8Array> =>
  buffer(Readable.from(linesOf(samples), { objectMode: true }).pipe(createGzip()))

const unzipped = promisify(gunzip)
const textOf = (packed: Uint8Array): Promise<Buffer> => unzipped(packed, { maxOutputLength: mostUnpackedBytes })

/** @throws what is no damage of the data */
const nullWhereDamaged = (error: unknown): null => {
  const code = errnoOf(error) ?? ''
  if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') return null
  throw error
}

/** Also where another version of the compressor packed one of them. One that is damaged, or too large to be read, is like no other. */
export const isSameSamples = async (one: Uint8Array, other: Uint8Array | null): Promise<boolean> => {
  if (other === null) return false
  if (Buffer.from(one).equals(other)) return true
  const texts = await Promise.all([textOf(one), textOf(other)]).catch(nullWhereDamaged)
  return texts?.[0].equals(texts[1]) ?? false
}

const Samples = z.array(BenchmarkSample)

/** What `packSamples` made. @throws when it is anything else */
export const unpackSamples = async (packed: Uint8Array): Promise<BenchmarkSample[]> => {
  const text = (await textOf(packed)).toString()
  const samples: BenchmarkSample[] = []
  let chars = 0
  for (const line of text.split('\n')) {
    const body = line.endsWith(',') ? line.slice(0, -1) : line
    if (body === '[' || body === ']') continue
    const parsed: unknown = JSON.parse(body)
    samples.push(...Samples.parse(Array.isArray(parsed) ? parsed : [parsed]))
    chars += line.length
    if (chars <= sliceChars) continue
    chars = 0
    await nextTurn()
  }
  return samples
}
