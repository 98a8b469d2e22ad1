import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { BenchmarkSample } from '../../shared/contract/benchmarks.ts'
import { isSameSamples, packSamples, unpackSamples } from './packSamples.ts'

const request = (pieceMs: number[]): BenchmarkSample => ({
  plannedMs: 0,
  sentMs: 0.5,
  firstMs: 10,
  pieceMs,
  endMs: 20,
  promptTokens: null,
  outputTokens: 3,
  error: null,
})

it('keeps samples as they are, to the microsecond', async () => {
  const samples: BenchmarkSample[] = [{ ms: 12.3456789, value: 81.5 }, request([10.0004, 11.2345678]), request([])]
  const packed = await packSamples(samples)
  expect(await unpackSamples(packed)).toEqual([samples[0], request([10, 11.235]), request([])])
  expect(JSON.parse(gunzipSync(packed).toString())).toHaveLength(3)
})

it('keeps none where there was none', async () => {
  expect(await unpackSamples(await packSamples([]))).toEqual([])
})

it('reads what is JSON in one line, and refuses what is no sample', async () => {
  expect(await unpackSamples(gzipSync('[{"ms":1,"value":2}]'))).toEqual([{ ms: 1, value: 2 }])
  await expect(unpackSamples(gzipSync('[{"ms":"1"}]'))).rejects.toThrow()
})

it('stores a bounded number of pieces, of later requests the first alone', async () => {
  const many = Array.from({ length: 60_000 }, (_, at) => at)
  const samples = await unpackSamples(await packSamples(Array.from({ length: 10 }, () => request(many))))
  const pieces = samples.map((sample) => ('pieceMs' in sample ? sample.pieceMs : []))
  expect(pieces.map(({ length }) => length)).toEqual([...Array.from({ length: 8 }, () => 60_000), 1, 1])
  expect(pieces[9]).toEqual([0])
})

it('are like others that say the same, and damaged ones like none', async () => {
  const packed = await packSamples([{ ms: 1, value: 2 }])
  const damaged = Uint8Array.from(packed, (byte, at) => (at > 12 ? byte ^ 255 : byte))
  expect(await isSameSamples(packed, await packSamples([{ ms: 1, value: 2 }]))).toBe(true)
  expect(await isSameSamples(packed, await packSamples([{ ms: 1, value: 3 }]))).toBe(false)
  expect([await isSameSamples(packed, damaged), await isSameSamples(packed, null)]).toEqual([false, false])
})
