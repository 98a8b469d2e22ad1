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
import { bitsOf } from './dtypes.ts'
import { safetensorsFormat } from './safetensorsFormat.ts'
import { fileOf, headerOf } from './testFile.ts'

const pieces = [
  '-0',
  '1e1',
  '4.0',
  '"4"',
  '18446744073709551616',
  '9007199254740993',
  '01',
  'null',
  '[]',
  '{}',
  '"\\ud800"',
  '"\t"',
  '1e999',
  '{"F32":null}',
  '"F32"',
  '"',
  '[',
  '{',
  ']',
  '}',
  ',',
  ':',
  ' ',
  '0',
  '1',
  '2',
  '"__metadata__":',
  '"dtype":',
  '"shape":',
  '"a":"b",',
  '\\u0061',
  '\ufeff',
]
const lengths = [
  0n,
  1n,
  2n,
  8n,
  255n,
  65_535n,
  100_000_000n,
  100_000_001n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
]

const model = (shapes: Parameters<typeof headerOf>[0], metadata: Readonly<Record<string, string>>): Buffer => {
  const { header, dataBytes } = headerOf(shapes, metadata)
  return fileOf(header.padEnd(Math.ceil(header.length / 8) * 8), dataBytes)
}
const lora = model(
  {
    'lora_unet_a_attn2_to_k.lora_down.weight': ['F16', 4, 768],
    'lora_unet_a_attn2_to_k.lora_up.weight': ['F16', 320, 4],
    'a.alpha': ['F32'],
  },
  {
    format: 'pt',
    ss_network_dim: '4',
    ss_tag_frequency: '{"a":{"b":1}}',
    'modelspec.thumbnail': 'data:image/png;base64,AAAA',
  },
)
const mixed = model(
  {
    'm.weight_packed': ['I32', 8, 4],
    'm.weight_scale': ['F16', 8, 1],
    'm.weight_shape': ['I64', 2],
    'é.weight': ['F4', 3, 2],
    empty: ['BF16', 0, 4],
    scalar: ['C64'],
  },
  {},
)
const valid = [lora, mixed, fileOf('{}      ')]

/** Writes the new header with its right length, so that what is wrong is inside. */
const reheader = (bytes: Buffer, change: (text: string) => string): Buffer => {
  const end = 8 + Number(bytes.readBigUInt64LE())
  if (end > bytes.length) return bytes
  return Buffer.concat([fileOf(change(bytes.toString('utf8', 8, end))), bytes.subarray(end)])
}

const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return bytes
  },
  (bytes, random) => {
    bytes.writeBigUInt64LE(random.pick(lengths))
    return bytes
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => Buffer.concat([bytes, Buffer.alloc(random.below(20))]),
  (bytes, random) =>
    reheader(bytes, (text) => {
      const at = random.below(text.length)
      return text.slice(0, at) + random.pick(pieces) + text.slice(at + random.below(3))
    }),
  (bytes, random) =>
    reheader(bytes, (text) => {
      const from = random.below(text.length)
      return text.slice(0, from) + text.slice(from + random.below(30))
    }),
  (bytes, random) =>
    reheader(bytes, (text) => {
      const numbers = [...text.matchAll(/\d+/g)]
      const { index = 0, 0: digits = '' } = numbers.length > 0 ? random.pick(numbers) : { index: 0, 0: '' }
      return (
        text.slice(0, index) + random.pick(pieces.concat('3', '16', '4294967296')) + text.slice(index + digits.length)
      )
    }),
  (bytes, random) =>
    reheader(bytes, (text) => {
      const from = random.below(text.length)
      const copied = text.slice(from, from + random.below(60))
      const at = random.below(text.length)
      return text.slice(0, at) + copied + text.slice(at)
    }),
]

const attempt = async (bytes: Buffer): Promise<Inspection | string> => {
  try {
    return await safetensorsFormat.inspect(bytesSource(bytes))
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}

/** Judged again by other means: every byte of the data belongs to one tensor, which is as large as its shape says. */
const checkAccepted = ({ tensors, summary }: Inspection, bytes: Buffer): void => {
  let at = 8 + Number(bytes.readBigUInt64LE())
  for (const { name, offset, bytes: size, shape, type } of tensors) {
    expect(offset, name).toBe(at)
    const bits = shape.reduce((product, dimension) => product * BigInt(dimension), 1n) * BigInt(bitsOf.get(type) ?? 0)
    expect(BigInt(size) * 8n, name).toBe(bits)
    at += size
  }
  expect(at).toBe(bytes.length)
  expect(new Set(tensors.map((row) => row.name)).size).toBe(tensors.length)
  JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE())))
  expect(summary.sizeBytes).toBe(bytes.length)
}

describe('damaged files', () => {
  it(`${rounds} mutations of valid files (BERTH_SEED=${seed}) are refused by name, told as broken, or whole`, async () => {
    const random = createRandom(seed)
    for (const bytes of valid) expect(typeof (await attempt(bytes))).toBe('object')
    const seen = new Map<string, number>()
    for (let round = 0; round < rounds; round++) {
      let bytes: Buffer = Buffer.from(random.pick(valid))
      for (let times = random.below(3); times >= 0 && bytes.length > 8; times--)
        bytes = random.pick(mutations)(bytes, random)
      const before = cpuMs()
      const result = await attempt(bytes)
      expect(cpuMs() - before, `round ${round}`).toBeLessThan(1000)
      const broken =
        typeof result === 'string' ? result : result.summary.checks.find((check) => check.outcome === 'broken')?.code
      if (typeof result !== 'string') {
        if (broken === undefined) checkAccepted(result, bytes)
        structuredClone(result)
      }
      const outcome = broken ?? 'accepted'
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    }
    // the mutations must reach beyond the first check
    expect(seen.size).toBeGreaterThan(10)
    expect(seen.get('accepted')).toBeGreaterThan(0)
  }, 120_000)
})
