import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import {
  createRandom,
  type Random,
  mutationRounds as rounds,
  mutationSeed as seed,
} from '../../../../test/support/mutation.ts'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection } from '../modelFile.ts'
import { numpyFormat } from '../numpy/numpyFormat.ts'
import { torchFormat } from '../torch/torchFormat.ts'
import { inspectZip } from '../zip/inspectZip.ts'
import { startsLikeZip } from '../zip/readZip.ts'
import { zipOf } from '../zip/testZip.ts'
import { bytes, dict, global, pickle, reduce, stackGlobal, tensor, text } from './testPickle.ts'

const interesting = [
  0n,
  1n,
  7n,
  255n,
  65_535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
]
const opcodes = Buffer.from('(.0125NcRibotudaegqrjhp\x80\x81\x93\x94\x8c\x85\x86\x87\x95QP', 'latin1')

const mutations: readonly ((data: Buffer, random: Random) => Buffer)[] = [
  (data, random) => {
    for (let flips = random.below(4); flips >= 0; flips--) {
      const at = random.below(data.length)
      data[at] = (data[at] ?? 0) ^ (1 << random.below(8))
    }
    return data
  },
  (data, random) => {
    data[random.below(data.length)] = random.pick([...opcodes])
    return data
  },
  (data, random) => {
    data.writeBigUInt64LE(random.pick(interesting), random.below(data.length - 8))
    return data
  },
  (data, random) => {
    data.writeUInt32LE(Number(random.pick(interesting) & 0xffffffffn), random.below(data.length - 4))
    return data
  },
  (data, random) => {
    data.writeUInt16LE(Number(random.pick(interesting) & 0xffffn), random.below(data.length - 2))
    return data
  },
  (data, random) => data.subarray(0, random.below(data.length)),
  (data, random) => {
    const at = random.below(data.length)
    return Buffer.concat([data.subarray(0, at), Buffer.alloc(random.below(40), random.below(256)), data.subarray(at)])
  },
  (data, random) => {
    const from = random.below(data.length)
    return Buffer.concat([data.subarray(0, from), data.subarray(from + random.below(80))])
  },
  (data, random) => {
    data.copyWithin(random.below(data.length), random.below(data.length), random.below(data.length))
    return data
  },
]

const fixtures = (name: string, wanted: RegExp) => {
  const folder = fileURLToPath(new URL(`../../../../test/fixtures/${name}/`, import.meta.url))
  return readdirSync(folder)
    .filter((file) => wanted.test(file))
    .map((file) => readFileSync(folder + file))
}

const payload = reduce(global('os', 'system'), text('id'))
const small = pickle(dict({ w: tensor('0', 'FloatStorage', 6, [2, 3], [3, 1]), e: payload }))
const valid: readonly Buffer[] = [
  ...fixtures(
    'torch',
    /^(state-dict|views|numpy|protocol-4|quantized|constants|plain-[04]|scripted|exported|package).*\.(pt|pt2|pkl)$/,
  ),
  ...fixtures('numpy', /(npz|record|objects|version-2|fortran).*$/),
  pickle(bytes(pickle(stackGlobal('os', 'system')))),
  zipOf(
    [
      { name: 'a/data.pkl', data: small, deflate: true },
      { name: 'a/data/0', data: Buffer.alloc(24) },
      { name: 'a/version', data: Buffer.from('3') },
      { name: 'a/inner.zip', data: zipOf([{ name: 'x.pkl', data: small }]) },
    ],
    { zip64: {} },
  ),
]

const readers = {
  torch: (data: Buffer) => torchFormat.inspect(bytesSource(data)),
  numpy: (data: Buffer) => numpyFormat.inspect(bytesSource(data)),
  zip: (data: Buffer) => inspectZip(bytesSource(data)),
}

const attempt = async (read: (data: Buffer) => Promise<Inspection>, data: Buffer): Promise<Inspection | string> => {
  try {
    return await read(data)
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}

const checkAccepted = ({ summary, tensors, metadata, facts }: Inspection, data: Buffer): void => {
  const isBroken = summary.checks.some(({ outcome }) => outcome === 'broken')
  for (const row of tensors) {
    expect(row.elements, row.name).toBe(row.shape.reduce((all, side) => all * side, 1))
    expect(Number.isSafeInteger(row.bytes) && row.bytes >= 0, row.name).toBe(true)
    if (row.offset !== null && !isBroken)
      expect(row.offset + row.bytes <= data.length, `${row.name} leaves the file`).toBe(true)
  }
  for (const { value } of metadata) expect(value.length).toBeLessThan(3000)
  expect(JSON.stringify([summary, facts]).length).toBeLessThan(2_000_000)
  structuredClone(summary)
}

describe('damaged archives and pickles', () => {
  it(`${rounds} mutations (BERTH_SEED=${seed}) are refused by name, told, or stay inside the file`, async () => {
    const random = createRandom(seed)
    const seen = new Map<string, number>()
    let slowestMs = 0
    for (let round = 0; round < rounds; round++) {
      let data: Buffer = Buffer.from(random.pick(valid))
      for (let times = random.below(3); times >= 0 && data.length > 16; times--)
        data = random.pick(mutations)(data, random)
      const names = startsLikeZip(data) ? (['torch', 'numpy', 'zip'] as const) : (['torch', 'numpy'] as const)
      for (const name of names) {
        const began = cpuMs()
        const found = await attempt(readers[name], data)
        const elapsedMs = cpuMs() - began
        slowestMs = Math.max(slowestMs, elapsedMs)
        expect(elapsedMs, `round ${round}`).toBeLessThan(1000)
        if (typeof found === 'string') seen.set(found, (seen.get(found) ?? 0) + 1)
        else {
          checkAccepted(found, data)
          for (const { code } of found.summary.checks) seen.set(code, (seen.get(code) ?? 0) + 1)
        }
      }
    }
    if (rounds > 3000)
      process.stdout.write(
        `slowest ${slowestMs.toFixed(0)} ms; ${[...seen].map((pair) => pair.join(' ')).join(', ')}\n`,
      )
    // the mutations must reach beyond the first check
    expect(seen.size).toBeGreaterThan(30)
  }, 900_000)
})
