import { describe, expect, it } from 'vitest'
import {
  createRandom,
  type Random,
  mutationRounds as rounds,
  mutationSeed as seed,
} from '../../../../test/support/mutation.ts'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { describeMetadata } from './describeMetadata.ts'
import type { GgufFile } from './ggufFile.ts'
import { rawFile, rawWriter } from './rawGguf.ts'
import { readGguf, readGgufSummary } from './readGguf.ts'
import { summarizeGguf } from './summarizeGguf.ts'

const model = (version: number, big: boolean): Buffer => {
  const w = rawWriter({ version, big })
  const words = ['<unk>', '<s>', 'a', 'bc', 'Ġd', '']
  return rawFile(
    {
      keys: [
        w.string('general.architecture', 'llama'),
        w.string('general.name', 'Tiny'),
        w.uint32('general.alignment', 32),
        w.uint32('general.file_type', 2),
        w.uint32('llama.context_length', 4096),
        w.uint32('llama.embedding_length', 64),
        w.uint32('llama.block_count', 2),
        w.array('llama.attention.head_count_kv', 4, 2, w.u32(2), w.u32(2)),
        w.pair('llama.rope.freq_base', 6, w.f32(10000)),
        w.pair('tokenizer.ggml.add_bos_token', 7, Buffer.from([1])),
        w.string('tokenizer.ggml.model', 'gpt2'),
        w.array('tokenizer.ggml.tokens', 8, words.length, ...words.map(w.text)),
        w.array('tokenizer.ggml.token_type', 5, words.length, ...words.map((_, index) => w.u32(index))),
        w.pair('split.no', 2, w.u16(0)),
        w.pair('big', 10, w.u64(2n ** 60n)),
      ],
      tensors: [
        w.tensor('token_embd.weight', [64, 6], 2, 0),
        w.tensor('blk.0.attn_norm.weight', [64], 0, 224),
        w.tensor('blk.0.ffn_up_exps.weight', [64, 2, 2], 1, 480),
        w.tensor('blk.1.attn_q.weight', [64, 3], 8, 992),
        w.tensor('scalar', [], 0, 1216),
        w.tensor('empty', [0, 4], 0, 1248),
      ],
      dataBytes: 1248,
    },
    w,
  )
}

/** The numbers that break arithmetic. */
const interesting = [
  0n,
  1n,
  2n,
  7n,
  31n,
  255n,
  65_535n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 61n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
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
    bytes.writeBigUInt64LE(random.pick(interesting), random.below(bytes.length - 8))
    return bytes
  },
  (bytes, random) => {
    bytes.writeUInt32LE(Number(random.pick(interesting) & 0xffffffffn), random.below(bytes.length - 4))
    return bytes
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const at = random.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random.below(40), random.below(256)), bytes.subarray(at)])
  },
  (bytes, random) => {
    const from = random.below(bytes.length)
    const length = random.below(80)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)])
  },
  (bytes, random) => {
    bytes.copyWithin(random.below(bytes.length), random.below(bytes.length), random.below(bytes.length))
    return bytes
  },
  (bytes, random) => {
    bytes.fill(random.below(256), random.below(bytes.length), random.below(bytes.length))
    return bytes
  },
]

const attempt = async (reader: typeof readGguf, bytes: Buffer): Promise<GgufFile | string> => {
  try {
    return await reader(bytesSource(bytes))
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}

const checkAccepted = (file: GgufFile, bytes: Buffer): void => {
  let end = 0n
  for (const { offset, sizeBytes, name } of file.tensors) {
    const start = BigInt(file.dataOffset) + BigInt(offset)
    expect(BigInt(offset) >= end, `${name} overlaps`).toBe(true)
    expect(start + BigInt(sizeBytes) <= BigInt(bytes.length), `${name} leaves the file`).toBe(true)
    end = BigInt(offset) + BigInt(sizeBytes)
  }
  for (const row of describeMetadata(file)) expect(row.value.length).toBeLessThan(3000)
  structuredClone(summarizeGguf(file))
}

describe('damaged files', () => {
  it(`${rounds} mutations of valid files (BERTH_SEED=${seed}) are refused by name or stay inside the file`, async () => {
    const random = createRandom(seed)
    const valid = [model(3, false), model(2, false), model(1, false), model(3, true)]
    for (const bytes of valid) expect(typeof (await attempt(readGguf, bytes))).toBe('object')
    const seen = new Map<string, number>()
    for (let round = 0; round < rounds; round++) {
      let bytes: Buffer = Buffer.from(random.pick(valid))
      for (let times = random.below(3); times >= 0 && bytes.length > 16; times--)
        bytes = random.pick(mutations)(bytes, random)
      const [full, summary] = [await attempt(readGguf, bytes), await attempt(readGgufSummary, bytes)]
      const outcome = typeof full === 'string' ? full : 'accepted'
      expect(typeof summary === 'string' ? summary : 'accepted', `round ${round}`).toBe(outcome)
      if (typeof full !== 'string') checkAccepted(full, bytes)
      if (typeof summary !== 'string') checkAccepted(summary, bytes)
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    }
    // the mutations must reach beyond the first check
    expect(seen.size).toBeGreaterThan(12)
    expect(seen.get('accepted')).toBeGreaterThan(0)
  }, 120_000)
})
