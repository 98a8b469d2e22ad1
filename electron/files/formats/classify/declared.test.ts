import { describe, expect, it } from 'vitest'
import { classify, type Keys, named } from './testKeys.ts'

const flux: Keys = named('double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight', 'guidance_in.in_layer.weight')
const xl: Keys = {
  'lora_unet_a_attn2_to_k.lora_down.weight': [8, 2048],
  'lora_unet_a_attn2_to_k.lora_up.weight': [640, 8],
}
const unknown: Keys = { 'lora_unet_a.lora_down.weight': [8, 99], 'lora_unet_a.lora_up.weight': [99, 8] }
const codes = async (keys: Keys, metadata: Readonly<Record<string, string>>) =>
  (await classify(keys, metadata)).notes.map((note) => note.code)

describe('what the metadata says, beside what the tensors are', () => {
  it.each<[Keys, Record<string, string>]>([
    [flux, { 'modelspec.architecture': 'Flux.1-dev' }],
    [flux, { 'modelspec.architecture': 'flux-1-schnell' }],
    [xl, { 'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora' }],
    [xl, { ss_base_model_version: 'sdxl_base_v1-0' }],
    [xl, { ss_network_module: 'networks.lora' }],
    [xl, { 'modelspec.architecture': 'something new' }],
    [xl, {}],
  ])('agrees (%#)', async (keys, metadata) => {
    expect(await codes(keys, metadata)).not.toContain('metadata-disagrees')
  })

  it.each<[Keys, Record<string, string>]>([
    [flux, { 'modelspec.architecture': 'stable-diffusion-xl-v1-base' }],
    [flux, { 'modelspec.architecture': 'flux-1-dev/lora' }],
    [xl, { 'modelspec.architecture': 'flux-1-dev/lora' }],
    [xl, { ss_base_model_version: 'sd_v1' }],
    [xl, { ss_network_module: 'networks.lora_flux' }],
  ])('differs, and both are told (%#)', async (keys, metadata) => {
    const { notes, label } = await classify(keys, metadata)
    const note = notes.find(({ code }) => code === 'metadata-disagrees')
    expect(note).toMatchObject({ outcome: 'warning', rung: 'meaning' })
    expect(note?.message).toContain(Object.values(metadata)[0])
    expect(note?.message).toContain(label)
  })

  it('is believed where the tensors of an adapter tell nothing, and says where it was read', async () => {
    expect(await classify(unknown, { ss_base_model_version: 'flux1' })).toMatchObject({
      architecture: 'flux-1',
      base: 'flux-1',
      source: 'ss_base_model_version',
    })
    expect(await classify(unknown, {})).toMatchObject({ architecture: null, base: null })
  })

  it('is a stranger’s text: keys of every object and long values do no harm', async () => {
    expect(
      await codes(flux, {
        __proto__x: 'a',
        constructor: 'flux',
        'modelspec.architecture': `sdxl${'x'.repeat(100_000)}`,
      }),
    ).toContain('metadata-disagrees')
    const { notes } = await classify(flux, { 'modelspec.architecture': `sdxl${'x'.repeat(100_000)}` })
    expect(JSON.stringify(notes).length).toBeLessThan(2000)
  })
})
