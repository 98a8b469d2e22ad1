import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../byteSource.ts'
import { openFolderSource } from '../folderSource.ts'
import { inspectSafetensorsSet } from './inspectSafetensorsSet.ts'
import { safetensorsFormat } from './safetensorsFormat.ts'

const folder = fileURLToPath(new URL('../../../../test/fixtures/safetensors/', import.meta.url)).replace(/[/\\]$/, '')
const expected: Record<string, Record<string, [string, number[], number]>> = JSON.parse(
  readFileSync(`${folder}/expected.json`, 'utf8'),
)
const inspect = async (name: string, withFolder = false) => {
  const source = await openFileSource(`${folder}/${name}`)
  try {
    expect(safetensorsFormat.recognizes(await source.read(0, Math.min(4096, source.sizeBytes)), source.sizeBytes)).toBe(
      true,
    )
    return await safetensorsFormat.inspect(source, {
      fileName: name,
      folder: withFolder ? openFolderSource(folder, 'safetensors') : null,
    })
  } finally {
    await source.close()
  }
}

describe('files by the format’s own Python writer', () => {
  it.each(Object.keys(expected))('%s: the tensors the library finds', async (name) => {
    const { tensors, summary } = await inspect(name)
    expect(Object.fromEntries(tensors.map((row) => [row.name, [row.type, row.shape, row.bytes]]))).toEqual(
      expected[name],
    )
    expect(summary.checks.filter((check) => check.outcome === 'broken')).toEqual([])
  })

  it('every type the library writes', async () => {
    const { summary } = await inspect('types.safetensors')
    expect(summary.tensorTypes).toHaveLength(20)
    expect(summary.checks.map((check) => check.code)).toContain('recent-type')
  })

  it('a LoRA of kohya’s trainer', async () => {
    const { summary, facts, metadata } = await inspect('lora.safetensors')
    expect(summary).toMatchObject({
      format: 'safetensors',
      name: 'Fixture LoRA',
      label: 'SDXL LoRA, rank 4',
      role: 'adapter',
      architecture: 'sdxl',
      loadable: false,
      quantization: 'F16',
      license: 'mit',
      author: 'Berth',
      baseModels: ['SDXL'],
      split: null,
    })
    const all = facts.flatMap((group) => group.facts)
    expect(all).toContainEqual({
      label: 'What it is',
      value: 'SDXL LoRA, rank 4',
      source: 'lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight',
    })
    expect(all).toContainEqual({
      label: 'Most frequent tags',
      value: 'fixture style (10), ship (7), sea (4)',
      source: 'ss_tag_frequency',
    })
    expect(all).toContainEqual({ label: 'Started', value: '2023-11-14T22:13:20Z', source: 'ss_training_started_at' })
    expect(metadata.find((row) => row.key === 'ss_network_dim')).toEqual({
      key: 'ss_network_dim',
      type: 'text',
      value: '4',
    })
    const note = summary.checks.find((check) => check.code === 'personal-paths')
    expect(note).toMatchObject({ outcome: 'note', rung: 'safety' })
    expect(note?.message).toContain('ss_sd_model_name')
    expect(summary.checks.map((check) => check.code)).not.toContain('metadata-disagrees')
  })

  it('one part of a model, and whether the others are there', async () => {
    const { summary } = await inspect('model-00002-of-00003.safetensors', true)
    expect(summary.split).toEqual({ no: 1, count: 3, tensorCount: null })
    expect(summary.reason).toBe('This is part 2 of a model in 3 files.')
    expect(summary.checks.map((check) => check.code)).toContain('shards-present')
  })

  it.each(['model.safetensors.index.json', 'model-00001-of-00003.safetensors'])(
    'a model in three files, by %s',
    async (name) => {
      const { summary, tensors } = await inspectSafetensorsSet(openFolderSource(folder, 'safetensors'), name)
      expect(summary).toMatchObject({
        role: 'llm',
        architecture: 'llama',
        tensorCount: 29,
        parameterCount: 29_920,
        split: { count: 3, tensorCount: 29 },
      })
      expect(new Set(tensors.map((row) => row.file)).size).toBe(3)
      expect(summary.checks.filter((check) => check.outcome !== 'passed')).toEqual([])
      expect(summary.checks.map((check) => check.code)).toEqual(
        expect.arrayContaining(['shards-present', 'data-covered', 'kind-known', 'no-code']),
      )
    },
  )
})
