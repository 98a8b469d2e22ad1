import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { createRandom, mutationRounds as rounds, mutationSeed as seed } from '../../../../test/support/mutation.ts'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { kerasFormat } from './kerasFormat.ts'

const folder = fileURLToPath(new URL('../../../../test/fixtures/keras/', import.meta.url))
const valid = readdirSync(folder)
  .filter((name) => /\.(h5|keras)$/.test(name) && name !== 'many-groups.h5')
  .map((name) => readFileSync(folder + name))

/** The signatures of HDF5's parts: what stands behind them steers the walk. */
const signs = ['TREE', 'HEAP', 'SNOD', 'GCOL', 'OHDR', '\x89HDF']

const mutate = (bytes: Buffer, below: (limit: number) => number): Buffer => {
  switch (below(6)) {
    case 0:
      bytes[below(bytes.length)] = below(256)
      return bytes
    case 1:
      bytes.writeBigUInt64LE(
        [0n, 1n, 96n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, BigInt(below(bytes.length))][below(8)] ?? 0n,
        below(bytes.length - 8),
      )
      return bytes
    case 2:
      return bytes.subarray(0, below(bytes.length))
    case 3:
      bytes.copyWithin(below(bytes.length), below(bytes.length), below(bytes.length))
      return bytes
    default: {
      const at = bytes.indexOf(Buffer.from(signs[below(signs.length)] ?? 'TREE', 'latin1'), below(bytes.length))
      const near = Math.max(0, at) + below(80)
      if (near < bytes.length) bytes[near] = [0, 1, 2, 255, below(256)][below(5)] ?? 0
      return bytes
    }
  }
}

describe('damaged files', () => {
  it(`${rounds} mutations (BERTH_SEED=${seed}) are refused by name or stay inside the file`, async () => {
    const { below } = createRandom(seed)
    const seen = new Map<string, number>()
    let slowest = 0
    for (let round = 0; round < rounds; round++) {
      let bytes: Buffer = Buffer.from(valid[below(valid.length)] ?? Buffer.alloc(0))
      for (let times = below(3); times >= 0 && bytes.length > 100; times--) bytes = mutate(bytes, below)
      const start = cpuMs()
      const found = await kerasFormat.inspect(bytesSource(bytes)).catch((error: unknown) => {
        if (error instanceof FormatError) return error.code
        throw error
      })
      slowest = Math.max(slowest, cpuMs() - start)
      const codes =
        typeof found === 'string' ? [found] : found.summary.checks.map(({ outcome, code }) => `${outcome} ${code}`)
      for (const code of codes) seen.set(code, (seen.get(code) ?? 0) + 1)
      if (typeof found === 'string') continue
      structuredClone(found)
      if (found.summary.checks.some(({ outcome }) => outcome === 'broken')) continue
      for (const { offset, bytes: size, file } of found.tensors)
        if (file === null && offset !== null) expect(offset + size).toBeLessThanOrEqual(bytes.length)
    }
    expect(seen.size).toBeGreaterThan(12)
    expect(slowest).toBeLessThan(1000)
  }, 240_000)
})
