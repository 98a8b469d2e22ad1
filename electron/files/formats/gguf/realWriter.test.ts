import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../byteSource.ts'
import { ggufFormat } from './ggufFormat.ts'
import { readGguf } from './readGguf.ts'
import { groupShards, mergeShards } from './shards.ts'

const folder = fileURLToPath(new URL('../../../../test/fixtures/gguf/', import.meta.url))
const inspect = async (name: string) => {
  const source = await openFileSource(folder + name)
  try {
    const { summary, ...rest } = await ggufFormat.inspect(source)
    return { ...rest, summary: { ...summary, checks: summary.checks.filter(({ outcome }) => outcome !== 'passed') } }
  } finally {
    await source.close()
  }
}
const open = async (name: string) => {
  const source = await openFileSource(folder + name)
  try {
    return { fileName: name, file: await readGguf(source) }
  } finally {
    await source.close()
  }
}

describe('files by the format’s own Python writer', () => {
  it('a quantised model', async () => {
    const { summary, metadata } = await inspect('llama-q5_0.gguf')
    expect(summary).toMatchObject({
      format: 'GGUF',
      formatVersion: 'v3',
      name: 'Fixture Llama',
      role: 'llm',
      loadable: true,
      reason: null,
      capabilities: ['completion', 'chat', 'tools'],
      architecture: 'llama',
      parameterCount: 19_776,
      quantization: 'Q5_0',
      contextLength: 512,
      tensorCount: 20,
      tokenizer: 'llama',
      license: 'mit',
      author: 'Berth',
      baseModels: ['Example/Base'],
      split: null,
      checks: [],
    })
    expect(summary.geometry).toMatchObject({
      blockCount: 2,
      embeddingLength: 32,
      vocabSize: 37,
      headCount: 4,
      headCountKv: [2, 2],
      ropeDimensionCount: 8,
    })
    const { geometry } = summary
    if (geometry === null) throw new Error('no geometry')
    const { total, inputEmbeddings, layers, other } = geometry.weights
    expect(inputEmbeddings + layers.reduce((sum, bytes) => sum + bytes, 0) + other).toBe(total)
    expect(total).toBe(summary.dataBytes)
    expect(summary.bitsPerWeight).toBeCloseTo(5.71, 2)
    expect(metadata).toContainEqual({
      key: 'tokenizer.ggml.tokens',
      type: 'string[]',
      value: expect.stringMatching(/^37 strings: <unk>, <s>, <\/s>, <0x00>.*…$/),
    })
    expect(metadata).toContainEqual({
      key: 'llama.attention.layer_norm_rms_epsilon',
      type: 'float32',
      value: '0.00001',
    })
    expect(metadata).toContainEqual({ key: 'general.tags', type: 'string[]', value: '2 strings: test, tiny' })
  })

  it('a big-endian file is read and said not to load here', async () => {
    const { summary } = await inspect('big-endian.gguf')
    expect(summary).toMatchObject({ name: 'Fixture Llama', tokenizer: 'llama', loadable: false, tensorCount: 2 })
    expect(summary.reason).toContain('big-endian')
    expect(summary.geometry?.headCountKv).toEqual([2, 2])
  })

  it('files that serve a model, told apart', async () => {
    expect((await inspect('mmproj.gguf')).summary).toMatchObject({
      role: 'projector',
      loadable: false,
      capabilities: ['vision'],
      checks: [],
    })
    expect((await inspect('lora.gguf')).summary).toMatchObject({ role: 'adapter', loadable: false, checks: [] })
    expect((await inspect('vocabulary.gguf')).summary).toMatchObject({
      role: 'vocabulary',
      loadable: false,
      parameterCount: null,
      bitsPerWeight: null,
      quantization: null,
    })
    expect((await inspect('bert.gguf')).summary).toMatchObject({
      role: 'embedding',
      loadable: true,
      capabilities: ['embedding'],
      quantization: 'F16',
    })
  })

  it('a split model says the same as the whole one', async () => {
    const { sets, single } = groupShards(readdirSync(folder))
    expect(single).toContain('llama-q5_0.gguf')
    expect(sets).toHaveLength(1)
    const [set] = sets
    if (set === undefined) throw new Error('no set')
    expect(set).toMatchObject({ prefix: 'sharded', count: 3, missing: [], firstName: 'sharded-00001-of-00003.gguf' })
    const shards = await Promise.all(set.parts.map(open))
    const merged = mergeShards(set, shards)
    const { summary: whole } = await inspect('llama-q5_0.gguf')
    const { split, sizeBytes, ...rest } = merged
    expect(split).toEqual({ no: 0, count: 3, tensorCount: 20 })
    expect(sizeBytes).toBe(shards.reduce((sum, shard) => sum + shard.file.sizeBytes, 0))
    expect({ ...rest, split: null, sizeBytes: whole.sizeBytes }).toEqual(whole)
    const later = await inspect('sharded-00002-of-00003.gguf')
    expect(later.summary).toMatchObject({ loadable: false, split: { no: 1, count: 3, tensorCount: 20 } })
    expect(later.summary.reason).toContain('part 2')
  })
})
