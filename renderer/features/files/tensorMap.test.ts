import { describe, expect, it } from 'vitest'
import { mapTensors, placeOfTensor, sumParts } from './tensorMap.ts'

const told = (name: string) => {
  const { layer, part } = placeOfTensor(name)
  return layer === null ? part : `${layer.stack} ${layer.index} ${part}`
}

describe('where a tensor belongs', () => {
  it('reads the names of GGUF', () => {
    expect(told('token_embd.weight')).toBe('embedding')
    expect(told('output.weight')).toBe('output')
    expect(told('output_norm.weight')).toBe('norm')
    expect(told('blk.12.attn_q.weight')).toBe('blk 12 attention')
    expect(told('blk.12.attn_q_norm.weight')).toBe('blk 12 norm')
    expect(told('blk.0.ffn_down.weight')).toBe('blk 0 feed-forward')
    expect(told('blk.0.ffn_gate_exps.weight')).toBe('blk 0 experts')
    expect(told('blk.0.ffn_gate_inp.weight')).toBe('blk 0 experts')
    expect(told('v.blk.3.attn_out.weight')).toBe('v.blk 3 attention')
    expect(told('rope_freqs.weight')).toBe('other')
  })

  it('reads the names of Hugging Face', () => {
    expect(told('model.embed_tokens.weight')).toBe('embedding')
    expect(told('lm_head.weight')).toBe('output')
    expect(told('model.norm.weight')).toBe('norm')
    expect(told('model.layers.7.self_attn.q_proj.weight')).toBe('model.layers 7 attention')
    expect(told('model.layers.7.mlp.up_proj.weight')).toBe('model.layers 7 feed-forward')
    expect(told('model.layers.7.block_sparse_moe.experts.5.w1.weight')).toBe('model.layers 7 experts')
    expect(told('model.layers.7.input_layernorm.weight')).toBe('model.layers 7 norm')
    expect(told('transformer.h.0.ln_1.bias')).toBe('transformer.h 0 norm')
    expect(told('transformer.h.0.mlp.c_fc.weight')).toBe('transformer.h 0 feed-forward')
    expect(told('encoder.layer.0.attention.output.dense.weight')).toBe('encoder.layer 0 attention')
    expect(told('encoder.layer.0.output.dense.weight')).toBe('encoder.layer 0 feed-forward')
    expect(told('embeddings.LayerNorm.weight')).toBe('norm')
    expect(told('double_blocks.3.img_attn.qkv.weight')).toBe('double_blocks 3 attention')
  })

  it('takes any name', () => {
    for (const name of ['', '.', '0', '...0...', '__proto__', '😀.1']) expect(placeOfTensor(name).part).toBe('other')
  })
})

describe('the map', () => {
  const groups = mapTensors([
    { name: 'token_embd.weight', bytes: 50 },
    { name: 'blk.1.attn_q.weight', bytes: 10 },
    { name: 'blk.0.attn_q.weight', bytes: 10 },
    { name: 'blk.0.attn_k.weight', bytes: 10 },
    { name: 'blk.0.ffn_up.weight', bytes: 30 },
    { name: 'v.blk.0.ffn_up.weight', bytes: 5 },
  ])

  it('goes by layer and part, what lies outside of the layers last', () => {
    expect(groups.map(({ name, bytes }) => `${name} ${bytes}`)).toEqual([
      'layer 0 50',
      'layer 1 10',
      'v.blk 0 5',
      'outside the layers 50',
    ])
    expect(groups[0]?.parts).toEqual([
      { part: 'attention', bytes: 20, tensors: 2 },
      { part: 'feed-forward', bytes: 30, tensors: 1 },
    ])
  })

  it('adds the parts up to everything there is', () => {
    expect(sumParts(groups)).toEqual([
      { part: 'attention', bytes: 30, tensors: 3 },
      { part: 'feed-forward', bytes: 35, tensors: 2 },
      { part: 'embedding', bytes: 50, tensors: 1 },
    ])
    expect(mapTensors([])).toEqual([])
  })
})
