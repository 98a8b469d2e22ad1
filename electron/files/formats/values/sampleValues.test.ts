import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../../../../test/support/tempDir.ts'
import { writeSampleModel } from '../../sampleModel.ts'
import { type ByteSource, bytesSource, openFileSource } from '../byteSource.ts'
import { ggmlTypeByName } from '../gguf/ggmlTypes.ts'
import { readGguf } from '../gguf/readGguf.ts'
import type { TensorRow } from '../modelFile.ts'
import { sampleValues } from './sampleValues.ts'
import { valueLayout } from './valueLayouts.ts'

const row = (part: Partial<TensorRow> & Pick<TensorRow, 'name' | 'type' | 'bytes' | 'offset'>): TensorRow => ({
  shape: [8, part.bytes],
  elements: part.bytes,
  file: null,
  ...part,
})

/** Tensors one behind the other, with their bytes. */
const model = (parts: readonly (Pick<TensorRow, 'name' | 'type'> & Partial<TensorRow> & { data: Uint8Array })[]) => {
  let offset = 0
  const tensors = parts.map(({ data, ...part }) => {
    const made = row({ offset, bytes: data.length, ...part })
    offset += data.length
    return made
  })
  const source = bytesSource(Buffer.concat(parts.map(({ data }) => data)))
  return { tensors, source, sample: () => sampleValues(async () => source, tensors) }
}

const codes = async (checks: ReturnType<typeof sampleValues>) =>
  (await checks).map(({ outcome, code }) => `${outcome} ${code}`)

const ones = (bytes: number) => Buffer.alloc(bytes, 1)
const zeros = (bytes: number) => Buffer.alloc(bytes)

/** Little-endian bytes of one number, and how it should be judged. */
const patterns: Readonly<Record<string, { nan: number[][]; infinite: number[][]; fine: number[][] }>> = {
  F16: {
    nan: [
      [0x01, 0x7c],
      [0x00, 0xfe],
    ],
    infinite: [
      [0x00, 0x7c],
      [0x00, 0xfc],
    ],
    fine: [
      [0xff, 0x7b],
      [0x01, 0x00],
      [0x00, 0x80],
    ],
  },
  BF16: {
    nan: [
      [0xc0, 0x7f],
      [0x81, 0xff],
    ],
    infinite: [
      [0x80, 0x7f],
      [0x80, 0xff],
    ],
    fine: [
      [0x7f, 0x7f],
      [0x00, 0x80],
    ],
  },
  F32: {
    nan: [
      [1, 0, 0x80, 0x7f],
      [0, 0, 0xc0, 0xff],
    ],
    infinite: [
      [0, 0, 0x80, 0x7f],
      [0, 0, 0x80, 0xff],
    ],
    fine: [
      [0xff, 0xff, 0x7f, 0x7f],
      [1, 0, 0, 0],
    ],
  },
  F64: {
    nan: [
      [1, 0, 0, 0, 0, 0, 0xf0, 0x7f],
      [0, 0, 0, 0, 0, 0, 0xf8, 0xff],
    ],
    infinite: [
      [0, 0, 0, 0, 0, 0, 0xf0, 0x7f],
      [0, 0, 0, 0, 0, 0, 0xf0, 0xff],
    ],
    fine: [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f]],
  },
  F8_E4M3: { nan: [[0x7f], [0xff]], infinite: [], fine: [[0x7e], [0x78], [0xf8]] },
  F8_E5M2: { nan: [[0x7d], [0xff]], infinite: [[0x7c], [0xfc]], fine: [[0x7b], [0xfb]] },
}

describe('plain numbers', () => {
  for (const [type, { nan, infinite, fine }] of Object.entries(patterns)) {
    const width = nan[0]?.length ?? 0
    const holding = (pattern: number[]) =>
      model([
        { name: 'first', type, data: ones(800) },
        { name: 'bad', type, data: Buffer.concat([ones(width * 3), Buffer.from(pattern), ones(width * 4)]) },
      ]).sample()

    it(`of type ${type} are told from NaN and infinity, with tensor and offset`, async () => {
      for (const [patterns, code] of [
        [nan, 'not-a-number'],
        [infinite, 'infinite-value'],
      ] as const)
        for (const pattern of patterns)
          expect(await holding(pattern)).toEqual([
            expect.objectContaining({
              rung: 'structure',
              code,
              outcome: 'warning',
              evidence: { file: null, tensor: 'bad', offset: 800 + width * 3, text: null },
            }),
          ])
      for (const pattern of fine) expect(await codes(holding(pattern))).toEqual(['passed values-sampled'])
    })
  }

  it('of other types are not judged', () => {
    for (const other of ['F8_E4M3FNUZ', 'I32', 'constructor', '__proto__', '']) expect(valueLayout(other)).toBeNull()
  })
})

describe('blocks', () => {
  const halves: Readonly<Record<string, readonly number[]>> = {
    Q4_0: [0],
    Q4_1: [0, 2],
    Q5_0: [0],
    Q5_1: [0, 2],
    Q8_0: [0],
    Q8_1: [0, 2],
    Q2_K: [80, 82],
    Q3_K: [108],
    Q4_K: [0, 2],
    Q5_K: [0, 2],
    Q6_K: [208],
    IQ1_S: [0],
    IQ2_XXS: [0],
    IQ2_XS: [0],
    IQ2_S: [0],
    IQ3_XXS: [0],
    IQ3_S: [0],
    IQ4_NL: [0],
    IQ4_XS: [0],
    TQ1_0: [52],
    TQ2_0: [64],
    Q1_0: [0],
    Q2_0: [0],
  }

  it('have the size that the type table gives them', () => {
    for (const name of [...Object.keys(halves), 'MXFP4', 'F16', 'F32', 'BF16', 'F64'])
      expect(valueLayout(name)?.blockBytes, name).toBe(ggmlTypeByName.get(name)?.blockBytes)
  })

  it('are judged by their scales and by nothing else in them', async () => {
    for (const [type, offsets] of Object.entries(halves)) {
      const blockBytes = ggmlTypeByName.get(type)?.blockBytes ?? 0
      const full = Buffer.alloc(blockBytes, 0xff)
      for (const at of offsets) full.writeUInt16LE(0x3c00, at)
      const blocks = [full, full, full].map((block) => Buffer.from(block))
      expect(await codes(model([{ name: 't', type, data: Buffer.concat(blocks) }]).sample()), type).toEqual([
        'passed values-sampled',
      ])
      for (const at of offsets) {
        const bad = Buffer.concat(blocks)
        bad.writeUInt16LE(0x7e00, blockBytes + at)
        bad.writeUInt16LE(0x7c00, 2 * blockBytes + at)
        const checks = await model([{ name: 't', type, data: bad }]).sample()
        expect(
          checks.map(({ code }) => code),
          type,
        ).toEqual(['not-a-number', 'infinite-value'])
        expect(checks[0]?.message).toContain('1 block scale that is not a number')
        expect(checks[0]?.evidence?.offset).toBe(blockBytes + at)
      }
    }
    const mxfp4 = Buffer.alloc(34, 0x40)
    mxfp4[17] = 0xff
    expect(await codes(model([{ name: 't', type: 'MXFP4', data: mxfp4 }]).sample())).toEqual(['warning not-a-number'])
  })
})

describe('zeros', () => {
  const matrix = (name: string, isZero: boolean) => ({ name, type: 'F32', data: isZero ? zeros(4096) : ones(4096) })
  const bias = { type: 'F32', data: zeros(64), shape: [16] }

  it('of the whole sample mean that the data was never written', async () => {
    const checks = await model([matrix('a', true), matrix('b', true), { name: 'c', ...bias }]).sample()
    expect(checks).toMatchObject([{ outcome: 'warning', code: 'all-zero-data', evidence: { tensor: 'a', offset: 0 } }])
  })

  it('of a bias, or of one matrix among many, are a note', async () => {
    expect(await codes(model([matrix('a', false), { name: 'bias', ...bias }]).sample())).toEqual([
      'note zero-tensors',
      'passed values-sampled',
    ])
    const many = Array.from({ length: 20 }, (_, n) => matrix(`m${n}`, n === 7))
    expect(await codes(model(many).sample())).toEqual(['note zero-tensors', 'passed values-sampled'])
    expect(await codes(model([{ name: 'only', ...bias }]).sample())).toEqual([
      'note zero-tensors',
      'passed values-sampled',
    ])
  })

  it('of less than 4 KiB in all are a note, and nobody says that they were written', async () => {
    const small = (name: string) => ({ name, type: 'F32', data: zeros(640) })
    const checks = await model([small('a'), small('b'), { name: 'c', ...bias }]).sample()
    expect(checks.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
      'note zero-tensors',
      'passed values-sampled',
    ])
    expect(checks[1]?.message).not.toContain('written')
  })

  it('of many matrices are a warning, and those at the end an unfinished download', async () => {
    const scattered = await model(Array.from({ length: 20 }, (_, n) => matrix(`m${n}`, n % 3 === 0))).sample()
    expect(scattered).toMatchObject([{ outcome: 'warning', code: 'zero-matrices' }])
    expect(scattered[0]?.message).toContain('part of the data was never written')
    const tail = await model(Array.from({ length: 20 }, (_, n) => matrix(`m${n}`, n >= 15))).sample()
    expect(tail[0]?.message).toContain('everything behind "m15": the download did not finish')
  })

  it('are nothing special in integers', async () => {
    expect(await codes(model([matrix('a', false), { ...matrix('position_ids', true), type: 'I64' }]).sample())).toEqual(
      ['passed values-sampled'],
    )
  })
})

describe('the sample', () => {
  const counting = (sizeBytes: number) => {
    const reads: [number, number][] = []
    const source: ByteSource = {
      sizeBytes,
      read: async (offset, length) => {
        reads.push([offset, length])
        return ones(length)
      },
    }
    return { reads, source }
  }
  const large = (count: number, bytes: number): TensorRow[] =>
    Array.from({ length: count }, (_, n) => row({ name: `blk.${n}.weight`, type: 'Q6_K', bytes, offset: n * bytes }))

  it('stays within 64 tensors, 4 MiB and two reads each, of models of any size', async () => {
    const bytes = 210 * 1_000_003
    for (const count of [1, 64, 65, 100_000]) {
      const { reads, source } = counting(count * bytes)
      expect(await codes(sampleValues(async () => source, large(count, bytes)))).toEqual(['passed values-sampled'])
      expect(reads).toHaveLength(2 * Math.min(64, count))
      expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBeLessThanOrEqual(4 << 20)
      for (const [offset, length] of reads) {
        expect((offset % bytes) % 210).toBe(0)
        expect(offset + length).toBeLessThanOrEqual(source.sizeBytes)
      }
      expect(reads.at(-1)).toEqual([count * bytes - 156 * 210, 156 * 210])
    }
  })

  it('is the same each time and not the same part of every layer', async () => {
    const tensors = Array.from({ length: 64 * 9 }, (_, n) =>
      row({ name: `blk.${Math.floor(n / 9)}.part_${n % 9}`, type: 'F16', bytes: 64, offset: n * 64 }),
    )
    const run = async () => {
      const { reads, source } = counting(64 * 9 * 64)
      await sampleValues(async () => source, tensors)
      return reads.map(([offset]) => offset / 64)
    }
    const first = await run()
    expect(await run()).toEqual(first)
    expect(new Set(first.map((index) => index % 9)).size).toBeGreaterThan(5)
  })

  it('says what it did not look into', async () => {
    const good = { name: 'a', type: 'F16', data: ones(64) }
    const unknown = ['IQ1_M', 'IQ1_M', 'NVFP4'].map((type, n) => ({ name: `u${n}`, type, data: ones(64) }))
    const checks = await model([good, ...unknown]).sample()
    expect(checks).toMatchObject([{ outcome: 'note', code: 'values-not-sampled' }, { outcome: 'passed' }])
    expect(checks[0]?.message).toContain('3 tensors were not looked into')
    expect(checks[0]?.message).toContain('2 of IQ1_M, 1 of NVFP4')
    const inside = row({ name: 'b', type: 'F32', bytes: 64, offset: null })
    expect(await codes(sampleValues(async () => null, [inside]))).toEqual(['note values-out-of-reach'])
  })

  it('of nothing, of missing files and of tensors outside their file finds nothing', async () => {
    const { source } = counting(100)
    expect(await sampleValues(async () => source, [])).toEqual([])
    const far = [
      row({ name: 'behind', type: 'F32', bytes: 64, offset: 90 }),
      row({ name: 'before', type: 'F32', bytes: 64, offset: -8 }),
      row({ name: 'huge', type: 'F32', bytes: Number.MAX_SAFE_INTEGER, offset: Number.MAX_SAFE_INTEGER - 1 }),
      row({ name: 'empty', type: 'F32', bytes: 0, offset: 0 }),
      row({ name: 'less than a block', type: 'Q6_K', bytes: 100, offset: 0 }),
    ]
    expect(await sampleValues(async () => source, far)).toEqual([])
    expect(await sampleValues(async () => null, far)).toEqual([])
  })

  it('of a hostile model shows few findings and short texts', async () => {
    const bad = Array.from({ length: 64 }, (_, n) => ({
      name: `${n}${'x'.repeat(5000)}`,
      type: 'F32',
      data: Buffer.from([0, 0, 0xc0, 0x7f]),
    }))
    const checks = await model(bad).sample()
    expect(checks).toHaveLength(5)
    for (const { message } of checks) expect(message.length).toBeLessThan(250)
  })

  it('keeps to the order of the files and stops when it is told to', async () => {
    const asked: (string | null)[] = []
    const { source } = counting(1000)
    const tensors = ['b', 'a', 'b', 'a'].map((file, n) =>
      row({ name: `${n}`, type: 'F32', bytes: 64, offset: 64 * (4 - n), file }),
    )
    const sources = async ({ file }: TensorRow) => {
      asked.push(file)
      return source
    }
    await sampleValues(sources, tensors)
    expect(asked).toEqual(['a', 'a', 'b', 'b'])
    await expect(sampleValues(sources, tensors, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })
})

describe('a GGUF model', () => {
  const sampleOf = async (weights: boolean) => {
    const path = join(tempDir(), 'model.gguf')
    await writeSampleModel(path, { weights })
    const source = await openFileSource(path)
    try {
      const { tensors, dataOffset } = await readGguf(source)
      const rows = tensors.map(({ name, type, sizeBytes, offset, dimensions, elements }) =>
        row({
          name,
          type: type.name,
          bytes: sizeBytes,
          offset: dataOffset + offset,
          shape: [...dimensions].reverse(),
          elements,
        }),
      )
      return await sampleValues(async () => source, rows)
    } finally {
      await source.close()
    }
  }

  it('with random weights passes', async () => {
    expect(await codes(sampleOf(true))).toEqual(['passed values-sampled'])
  })

  it('whose data is a hole was never written', async () => {
    expect((await codes(sampleOf(false)))[0]).toBe('warning all-zero-data')
  })
})
