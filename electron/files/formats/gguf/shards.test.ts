import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { rawFile, rawWriter } from './rawGguf.ts'
import { readGguf } from './readGguf.ts'
import { groupShards, mergeShards, parseShardName } from './shards.ts'

const w = rawWriter()
const name = (number: number, count = 2) =>
  `m-${String(number).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`

interface Part {
  no?: Buffer | null
  count?: Buffer
  promised?: number
  tensor?: string
}
const shard = async (number: number, { no, count, promised = 2, tensor = `t${number}` }: Part = {}) => ({
  fileName: name(number),
  file: await readGguf(
    bytesSource(
      rawFile({
        keys: [
          ...(number === 1 ? [w.string('general.architecture', 'llama')] : []),
          ...(no === null ? [] : [no ?? w.pair('split.no', 2, w.u16(number - 1))]),
          count ?? w.pair('split.count', 2, w.u16(2)),
          w.pair('split.tensors.count', 5, w.u32(promised)),
        ],
        tensors: [w.tensor(tensor, [8], 0, 0)],
        dataBytes: 32,
      }),
    ),
  ),
})
const setOf = (names: readonly string[]) => {
  const [set] = groupShards(names).sets
  if (set === undefined) throw new Error('no set')
  return set
}
const set = setOf([name(1), name(2)])

describe('names of shards', () => {
  it('are taken apart', () => {
    expect(parseShardName('Big Model.Q4_K_M-00002-of-00012.gguf')).toEqual({
      prefix: 'Big Model.Q4_K_M',
      number: 2,
      count: 12,
    })
    for (const other of [
      'm.gguf',
      'm-1-of-2.gguf',
      'm-00000-of-00002.gguf',
      'm-00003-of-00002.gguf',
      '-00001-of-00002.gguf',
    ])
      expect(parseShardName(other)).toBeNull()
  })

  it('make sets by prefix and count, with what is missing', () => {
    const { sets, single } = groupShards([
      name(2, 3),
      'alone.gguf',
      'other-00001-of-00002.gguf',
      name(1, 3),
      'whole-00001-of-00001.gguf',
      'm-00001-of-00002.gguf',
    ])
    expect(single).toEqual(['alone.gguf', 'whole-00001-of-00001.gguf'])
    expect(sets).toEqual([
      { firstName: name(1, 3), prefix: 'm', count: 3, parts: [name(1, 3), name(2, 3)], missing: [name(3, 3)] },
      {
        firstName: 'other-00001-of-00002.gguf',
        prefix: 'other',
        count: 2,
        parts: ['other-00001-of-00002.gguf'],
        missing: ['other-00002-of-00002.gguf'],
      },
      { firstName: name(1), prefix: 'm', count: 2, parts: [name(1)], missing: [name(2)] },
    ])
  })

  it('of a set with 99,999 parts name only some that are missing', () => {
    expect(setOf([name(7, 99_999)]).missing).toHaveLength(100)
  })
})

describe('a set of shards', () => {
  it('becomes one model, in any order of its files', async () => {
    const merged = mergeShards(set, [await shard(2), await shard(1)])
    expect(merged).toMatchObject({ architecture: 'llama', tensorCount: 2, dataBytes: 64, parameterCount: 16 })
  })

  it('is refused with the part that is missing', async () => {
    const incomplete = setOf([name(1)])
    const first = await shard(1)
    expect(() => mergeShards(incomplete, [first])).toThrow(
      expect.objectContaining({ code: 'BAD_SHARD_SET', details: { missingParts: 1, firstMissingPart: name(2) } }),
    )
    expect(() => mergeShards(set, [first])).toThrow(name(2))
  })

  it('is refused when a part does not say its place, or another one', async () => {
    const first = await shard(1)
    const cases: [Part, string][] = [
      [{ no: null }, 'does not say which part'],
      [{ no: w.pair('split.no', 2, w.u16(0)) }, 'calls itself part 1'],
      [{ tensor: 't1' }, 'Tensor "t1" is in'],
    ]
    for (const [part, words] of cases) {
      const second = await shard(2, part)
      expect(() => mergeShards(set, [first, second])).toThrow(words)
    }
  })

  it('is refused when tensors are missing or the first part counts otherwise', async () => {
    const second = await shard(2)
    const short = await shard(1, { promised: 3 })
    expect(() => mergeShards(set, [short, second])).toThrow('hold 2 tensors; 3 belong')
    const other = await shard(1, { count: w.pair('split.count', 2, w.u16(3)) })
    expect(() => mergeShards(set, [other, second])).toThrow('says that there are 3 parts')
  })

  it('is not loadable when a number has a type that makes llama.cpp abort', async () => {
    const second = await shard(2, { no: w.uint32('split.no', 1) })
    const merged = mergeShards(set, [await shard(1), second])
    expect(merged.loadable).toBe(false)
    expect(merged.reason).toContain('split.no is uint32')
    const first = await shard(1, { no: w.uint32('split.no', 0) })
    expect(mergeShards(set, [first, await shard(2)]).reason).toContain('"split.no" is uint32')
  })

  it('may have a wrong count in a later part, which nothing reads', async () => {
    const second = await shard(2, { count: w.pair('split.count', 2, w.u16(9)) })
    expect(mergeShards(set, [await shard(1), second]).checks.map((finding) => finding.code)).toContain('split-count')
  })
})
