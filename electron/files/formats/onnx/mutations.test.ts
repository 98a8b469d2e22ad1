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
import { onnxFormat } from './onnxFormat.ts'
import { external, model, node, tensor } from './testOnnx.ts'

const folder = fileURLToPath(new URL('../../../../test/fixtures/onnx/', import.meta.url))
const valid = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => readFileSync(folder + name)),
  model([
    [5, tensor('w', { dims: [2, 2], values: [[9, Buffer.alloc(16)]] })],
    [5, external('v', ['location', 'w.bin'], ['offset', '4096'], ['length', '8'])],
    [1, node('Add', ['w', 'v'], ['z'])],
  ]),
]

/** Numbers as they stand in a varint, the ones that break arithmetic. */
const varints = [
  '00',
  '01',
  '7f',
  '8001',
  'ffffffff0f',
  'ffffffffffffffff7f',
  'ffffffffffffffffff01',
  '80808080808080808080',
  '0b',
  '3a',
  '2a',
]

const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    for (let flips = random.below(4); flips >= 0; flips--) {
      const at = random.below(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    }
    return bytes
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.below(256)
    return bytes
  },
  (bytes, random) => {
    const at = random.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(varints), 'hex'), bytes.subarray(at + 1)])
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const from = random.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.below(80))])
  },
  (bytes, random) => {
    bytes.copyWithin(random.below(bytes.length), random.below(bytes.length), random.below(bytes.length))
    return bytes
  },
  (bytes) => Buffer.concat([bytes, bytes]),
]

const attempt = async (bytes: Buffer): Promise<Inspection | string> => {
  try {
    return await onnxFormat.inspect(bytesSource(bytes))
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}

const checkAccepted = ({ tensors, summary }: Inspection, bytes: Buffer): void => {
  for (const { name, offset, bytes: size, file, shape, elements } of tensors) {
    expect(shape.every((dim) => Number.isSafeInteger(dim)) && Number.isSafeInteger(elements), name).toBe(true)
    if (file === null && offset !== null)
      expect(offset + size, `${name} leaves the file`).toBeLessThanOrEqual(bytes.length)
  }
  expect(summary.checks.every(({ message }) => message.length < 2000)).toBe(true)
  structuredClone(summary)
}

describe('damaged files', () => {
  it(`${rounds} mutations of valid models (BERTH_SEED=${seed}) are refused by name or stay inside the file`, async () => {
    const random = createRandom(seed)
    const seen = new Map<string, number>()
    let slowest = 0
    for (let round = 0; round < rounds; round++) {
      let bytes: Buffer = Buffer.from(random.pick(valid))
      for (let times = random.below(3); times >= 0 && bytes.length > 16; times--)
        bytes = random.pick(mutations)(bytes, random)
      const start = cpuMs()
      const found = await attempt(bytes)
      slowest = Math.max(slowest, cpuMs() - start)
      const codes =
        typeof found === 'string'
          ? [found]
          : found.summary.checks.filter(({ outcome }) => outcome === 'broken').map(({ code }) => code)
      if (typeof found !== 'string') checkAccepted(found, bytes)
      for (const code of codes.length === 0 ? ['accepted'] : codes) seen.set(code, (seen.get(code) ?? 0) + 1)
    }
    // the mutations must reach beyond the first check
    expect(seen.size).toBeGreaterThan(20)
    expect(seen.get('accepted')).toBeGreaterThan(0)
    expect(slowest).toBeLessThan(1000)
  }, 240_000)
})
