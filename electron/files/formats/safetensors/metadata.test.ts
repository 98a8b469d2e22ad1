import { describe, expect, it } from 'vitest'
import { safetensorsFormat } from './safetensorsFormat.ts'
import { modelOf, type Shapes } from './testFile.ts'

const layer: Shapes = {
  'model.layers.0.self_attn.o_proj.weight': ['F16', 8, 8],
  'model.layers.0.post_attention_layernorm.weight': ['F16', 8],
}
const inspect = (metadata: Readonly<Record<string, string>>, shapes: Shapes = { a: ['U8', 1] }) =>
  safetensorsFormat.inspect(modelOf(shapes, metadata))
const factsOf = async (metadata: Readonly<Record<string, string>>) =>
  (await inspect(metadata)).facts
    .flatMap((group) => group.facts)
    .filter((fact) => fact.source !== 'tensor table' && fact.source !== 'file header')
const codesOf = async (metadata: Readonly<Record<string, string>>, shapes?: Shapes) =>
  (await inspect(metadata, shapes)).summary.checks.map((check) => `${check.outcome} ${check.code}`)

describe('metadata as facts, each with its key', () => {
  it('modelspec and hashes', async () => {
    expect(
      await factsOf({
        'modelspec.title': 'T',
        'modelspec.trigger_phrase': 'a ship',
        'modelspec.prediction_type': 'v',
        sshs_model_hash: 'ab',
        'modelspec.author': 'None',
      }),
    ).toEqual([
      { label: 'Title', value: 'T', source: 'modelspec.title' },
      { label: 'Trigger phrase', value: 'a ship', source: 'modelspec.trigger_phrase' },
      { label: 'Prediction type', value: 'v', source: 'modelspec.prediction_type' },
      { label: 'SHA-256 of the data', value: 'ab', source: 'sshs_model_hash' },
    ])
  })
  it('JSON inside text', async () => {
    expect(
      await factsOf({
        lora_adapter_metadata: '{"r":16,"lora_alpha":8.5,"x":[1]}',
        quantization_config: '{"quant_method":"gptq","bits":4}',
      }),
    ).toEqual([
      { label: 'Rank', value: '16', source: 'lora_adapter_metadata: r' },
      { label: 'Alpha', value: '8.5', source: 'lora_adapter_metadata: lora_alpha' },
      { label: 'Method', value: 'gptq', source: 'quantization_config: quant_method' },
      { label: 'Bits', value: '4', source: 'quantization_config: bits' },
    ])
    expect(
      await factsOf({
        lora_adapter_metadata: '{"r":',
        quantization_config: '[1]',
        ss_tag_frequency: '{"a":5,"b":{"c":"d"}}',
      }),
    ).toEqual([])
  })
  it('documents are only said to be there', async () => {
    expect(await factsOf({ workflow: '{"nodes":[]}', config: '{}' })).toEqual([
      { label: 'ComfyUI workflow', value: '12 characters', source: 'workflow' },
      { label: 'Configuration', value: '2 characters', source: 'config' },
    ])
  })
  it('a time that is none is no fact', async () => {
    for (const text of ['', 'soon', '1e400', '-1', '5'])
      expect(await factsOf({ ss_training_started_at: text })).toEqual([])
  })
})

describe('metadata for people', () => {
  it('long texts are cut, never inside a character', async () => {
    const { metadata } = await inspect({ note: `${'x'.repeat(1999)}😀${'y'.repeat(500)}` })
    expect(metadata[0]?.value).toBe(`${'x'.repeat(1999)}… (2,501 characters)`)
  })
  it('pictures are named and not shown', async () => {
    const { metadata } = await inspect({ 'modelspec.thumbnail': `data:image/jpeg;base64,${'A'.repeat(1000)}` })
    expect(metadata[0]).toEqual({
      key: 'modelspec.thumbnail',
      type: 'embedded data',
      value: 'embedded data (image/jpeg), 1,023 characters, not shown',
    })
  })
})

describe('what metadata means for who uses the file', () => {
  it('transformers wants a framework', async () => {
    expect(await codesOf({}, layer)).toContain('warning no-framework')
    expect(await codesOf({ format: 'np' }, layer)).toContain('warning no-framework')
    for (const format of ['pt', 'tf', 'flax', 'mlx'])
      expect(await codesOf({ format }, layer)).not.toContain('warning no-framework')
    expect(await codesOf({}, { 'a.lora_down.weight': ['F16', 4, 8], 'a.lora_up.weight': ['F16', 8, 4] })).not.toContain(
      'warning no-framework',
    )
  })
  it('paths of a person’s computer', async () => {
    for (const path of ['/home/me/x', '/Users/me/x', 'C:\\Users\\me', '{"dir":"D:\\\\train"}', '/root/x'])
      expect(await codesOf({ ss_dataset_dirs: path }), path).toContain('note personal-paths')
    for (const text of ['sd_xl_base_1.0', 'https://example.com/a', '10:30'])
      expect(await codesOf({ ss_sd_model_name: text }), text).not.toContain('note personal-paths')
  })
  it('embedded data that is no picture', async () => {
    for (const kind of ['text/html', 'image/svg+xml', 'application/javascript'])
      expect(await codesOf({ 'modelspec.thumbnail': `data:${kind};base64,AAAA` })).toContain('warning embedded-data')
    expect(await codesOf({ 'modelspec.thumbnail': 'data:image/png;base64,AAAA' })).not.toContain(
      'warning embedded-data',
    )
  })
  it('never calls a file safe', async () => {
    const { summary, facts } = await inspect({ format: 'pt' }, layer)
    expect(JSON.stringify([summary, facts]).replaceAll('safetensors', '')).not.toMatch(/\bsafe\b/i)
  })
})
