import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { safetensorsFormat } from './safetensorsFormat.ts'
import { fileOf, headerOf, modelOf, type Shapes } from './testFile.ts'

const count = async (shapes: Shapes, metadata: Readonly<Record<string, string>> = {}) => {
  const { parameterCount, quantization, bitsPerWeight, activeParameterCount } = await safetensorsFormat.summarize(
    modelOf(shapes, metadata),
  )
  return {
    parameterCount,
    quantization,
    bits: bitsPerWeight === null ? null : Number(bitsPerWeight.toFixed(2)),
    activeParameterCount,
  }
}

describe('the true number of parameters, by how they are packed', () => {
  // one layer of 4096 × 11008 weights in each
  const weights = 4096 * 11_008

  it.each([
    ['plain', { 'm.weight': ['BF16', 11_008, 4096] }, 'BF16'],
    [
      'GPTQ, 4 bits',
      {
        'm.qweight': ['I32', 512, 11_008],
        'm.qzeros': ['I32', 32, 1376],
        'm.scales': ['F16', 32, 11_008],
        'm.g_idx': ['I32', 4096],
      },
      'GPTQ 4-bit',
    ],
    [
      'GPTQ, 8 bits',
      {
        'm.qweight': ['I32', 1024, 11_008],
        'm.qzeros': ['I32', 32, 2752],
        'm.scales': ['F16', 32, 11_008],
        'm.g_idx': ['I32', 4096],
      },
      'GPTQ 8-bit',
    ],
    [
      'GPTQ, 3 bits',
      {
        'm.qweight': ['I32', 384, 11_008],
        'm.qzeros': ['I32', 32, 1032],
        'm.scales': ['F16', 32, 11_008],
        'm.g_idx': ['I32', 4096],
      },
      'GPTQ 3-bit',
    ],
    [
      'GPTQ without an order',
      { 'm.qweight': ['I32', 512, 11_008], 'm.qzeros': ['I32', 32, 1376], 'm.scales': ['F16', 32, 11_008] },
      'GPTQ 4-bit',
    ],
    [
      'AWQ',
      { 'm.qweight': ['I32', 4096, 1376], 'm.qzeros': ['I32', 32, 1376], 'm.scales': ['F16', 32, 11_008] },
      'AWQ 4-bit',
    ],
    [
      'bitsandbytes NF4',
      {
        'm.weight': ['U8', weights / 2, 1],
        'm.weight.absmax': ['U8', weights / 64],
        'm.weight.quant_map': ['F32', 16],
        'm.weight.nested_absmax': ['F32', 2752],
        'm.weight.nested_quant_map': ['F32', 256],
        'm.weight.quant_state.bitsandbytes__nf4': ['U8', 82],
      },
      'bitsandbytes NF4',
    ],
    [
      'bitsandbytes FP4',
      {
        'm.weight': ['U8', weights / 2, 1],
        'm.weight.absmax': ['F32', weights / 64],
        'm.weight.quant_map': ['F32', 16],
        'm.weight.quant_state.bitsandbytes__fp4': ['U8', 82],
      },
      'bitsandbytes FP4',
    ],
    [
      'bitsandbytes, 8 bits',
      { 'm.weight': ['I8', 11_008, 4096], 'm.SCB': ['F32', 11_008], 'm.weight_format': ['U8'] },
      'bitsandbytes 8-bit',
    ],
    ['FP8 of DeepSeek', { 'm.weight': ['F8_E4M3', 11_008, 4096], 'm.weight_scale_inv': ['F32', 86, 32] }, 'FP8 (E4M3)'],
    [
      'FP8 of ComfyUI',
      { 'm.weight': ['F8_E5M2', 11_008, 4096], 'm.scale_weight': ['F32', 1], 'm.scale_input': ['F32', 1] },
      'FP8 (E5M2)',
    ],
    [
      'NVFP4 of ModelOpt',
      {
        'm.weight': ['U8', 11_008, 2048],
        'm.weight_scale': ['F8_E4M3', 11_008, 256],
        'm.weight_scale_2': ['F32'],
        'm.input_scale': ['F32'],
      },
      'NVFP4',
    ],
    [
      'NVFP4 of compressed-tensors',
      {
        'm.weight_packed': ['U8', 11_008, 2048],
        'm.weight_scale': ['F8_E4M3', 11_008, 256],
        'm.weight_global_scale': ['F32', 1],
      },
      'compressed-tensors NVFP4',
    ],
    [
      'MXFP4',
      {
        'mlp.experts.gate_up_proj_blocks': ['U8', 1, 11_008, 128, 16],
        'mlp.experts.gate_up_proj_scales': ['U8', 1, 11_008, 128],
      },
      'MXFP4',
    ],
    [
      'Nunchaku',
      {
        'm.qweight': ['I8', 11_008, 2048],
        'm.wscales': ['BF16', 64, 11_008],
        'm.smooth': ['BF16', 4096],
        'm.smooth_orig': ['BF16', 4096],
        'm.proj_down': ['BF16', 4096, 32],
        'm.proj_up': ['BF16', 11_008, 32],
      },
      'SVDQuant (Nunchaku) 4-bit',
    ],
    ['MLX microscaling, 4 bits', { 'm.weight': ['U32', 11_008, 512], 'm.scales': ['U8', 11_008, 128] }, 'MLX 4-bit'],
    ['MLX microscaling, 8 bits', { 'm.weight': ['U32', 11_008, 1024], 'm.scales': ['U8', 11_008, 128] }, 'MLX 8-bit'],
    [
      'EXL2',
      {
        'm.q_weight': ['I32', 576, 11_008],
        'm.q_scale': ['I32', 32, 1376],
        'm.q_scale_max': ['F16', 32],
        'm.q_groups': ['I16', 64],
        'm.q_invperm': ['I32', 4096],
      },
      'EXL2 4.5-bit',
    ],
    ['EXL3', { 'm.trellis': ['I16', 256, 688, 48], 'm.suh': ['F16', 4096], 'm.svh': ['F16', 11_008] }, 'EXL3 3-bit'],
    [
      'AQLM',
      {
        'm.codes': ['I16', 11_008, 512, 1],
        'm.codebooks': ['F16', 1, 65_536, 1, 8],
        'm.scales': ['F16', 11_008, 1, 1, 1],
      },
      'AQLM 2-bit',
    ],
  ] satisfies [string, Shapes, string][])('%s', async (_, shapes, quantization) => {
    expect(await count(shapes)).toMatchObject({ parameterCount: weights, quantization })
  })

  it.each([
    ['HQQ', { 'm.W_q': ['U8', 64, 100], 'm.scale': ['F16', 10] }],
    ['QuIP#', { 'm.Qidxs': ['I64', 64, 100], 'm.SU': ['F16', 64], 'm.SV': ['F16', 64] }],
    ['torchao', { 'm.weight_qdata': ['U8', 64, 100], 'm.weight_scale': ['F16', 10] }],
    ['MLX 4-bit', { 'm.weight': ['U32', 64, 64], 'm.scales': ['F16', 64, 8], 'm.biases': ['F16', 64, 8] }],
    ['compressed-tensors', { 'm.weight_packed': ['I32', 64, 64], 'm.weight_scale': ['F16', 64, 1] }],
    ['U8', { 'm.weight': ['U8', 64, 64] }],
  ] satisfies [string, Shapes][])('is unknown where shapes do not tell: %s', async (_, shapes) => {
    expect(await count(shapes)).toMatchObject({ parameterCount: null, bits: null })
  })

  it.each([
    [4, 64],
    [8, 32],
    [2, 128],
    [6, 64],
  ])('MLX with %d bits by %d: the norm tells them apart', async (bits, group) => {
    const words = (inputs: number) => (inputs * bits) / 32
    const shapes: Shapes = {
      'model.norm.weight': ['BF16', 1024],
      'model.layers.0.input_layernorm.weight': ['BF16', 1024],
      'model.layers.0.self_attn.q_proj.weight': ['U32', 2048, words(1024)],
      'model.layers.0.self_attn.q_proj.scales': ['BF16', 2048, 1024 / group],
      'model.layers.0.self_attn.q_proj.biases': ['BF16', 2048, 1024 / group],
      'model.layers.0.mlp.down_proj.weight': ['U32', 1024, words(4096)],
      'model.layers.0.mlp.down_proj.scales': ['BF16', 1024, 4096 / group],
      'model.layers.0.mlp.down_proj.biases': ['BF16', 1024, 4096 / group],
    }
    expect(await count(shapes)).toMatchObject({
      parameterCount: 2048 + 2048 * 1024 + 1024 * 4096,
      quantization: `MLX ${bits}-bit`,
    })
  })

  it('reads the shape that compressed-tensors keeps in the data', async () => {
    const { header, dataBytes } = headerOf({
      'm.weight_shape': ['I64', 2],
      'm.weight_packed': ['I32', 64, 128],
      'm.weight_scale': ['BF16', 64, 8],
    })
    const bytes = fileOf(header, dataBytes)
    bytes.writeBigInt64LE(64n, 8 + header.length)
    bytes.writeBigInt64LE(1024n, 8 + header.length + 8)
    expect(await safetensorsFormat.summarize(bytesSource(bytes))).toMatchObject({
      parameterCount: 64 * 1024,
      quantization: 'compressed-tensors 4-bit',
    })
    bytes.writeBigInt64LE(-1n, 8 + header.length + 8)
    expect(await safetensorsFormat.summarize(bytesSource(bytes))).toMatchObject({ parameterCount: null })
  })

  it('counts no positions, and says what most weights are', async () => {
    expect(
      await count({
        'a.weight': ['F16', 100, 10],
        'b.weight': ['F32', 9, 10],
        'b.bias': ['F32', 5000],
        position_ids: ['I64', 1, 77],
      }),
    ).toEqual({
      parameterCount: 6090,
      quantization: 'F16',
      bits: 30.18,
      activeParameterCount: 6090,
    })
    expect(await count({})).toMatchObject({ parameterCount: null, quantization: null, bits: null })
  })

  it('does not claim to know how much of a mixture of experts one token uses', async () => {
    const shapes: Shapes = {
      'model.layers.0.mlp.experts.0.up_proj.weight': ['BF16', 8, 8],
      'model.layers.0.mlp.experts.127.up_proj.weight': ['BF16', 8, 8],
    }
    expect(await count(shapes)).toMatchObject({ parameterCount: 128, activeParameterCount: null })
    const { facts } = await safetensorsFormat.inspect(modelOf(shapes))
    expect(facts.flatMap((group) => group.facts)).toContainEqual({
      label: 'Experts',
      value: '128',
      source: 'tensor names',
    })
  })
})
