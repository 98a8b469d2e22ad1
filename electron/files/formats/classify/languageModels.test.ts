import { describe, expect, it } from 'vitest'
import { classify, type Keys, named, told } from './testKeys.ts'

const layer = (...more: string[]): Keys =>
  named(
    'model.embed_tokens.weight',
    ...[
      'self_attn.q_proj.weight',
      'self_attn.o_proj.weight',
      'input_layernorm.weight',
      'post_attention_layernorm.weight',
      ...more,
    ].map((name) => `model.layers.0.${name}`),
  )
const norms = ['pre_feedforward_layernorm.weight', 'post_feedforward_layernorm.weight']

describe('language models', () => {
  it.each<[string, string, Keys]>([
    ['llama', 'Llama layout', layer('mlp.gate_proj.weight')],
    ['qwen2', 'Qwen2 layout', layer('self_attn.k_proj.bias')],
    ['qwen3', 'Qwen3 layout', layer('self_attn.q_norm.weight')],
    ['qwen3-moe', 'Qwen3 MoE layout', layer('self_attn.q_norm.weight', 'mlp.experts.0.up_proj.weight')],
    ['qwen2-moe', 'Qwen2 MoE', layer('mlp.shared_expert.up_proj.weight', 'mlp.experts.0.up_proj.weight')],
    ['qwen3-next', 'Qwen3-Next layout (linear attention)', layer('linear_attn.in_proj_qkvz.weight')],
    ['moe', 'mixture of experts', layer('mlp.experts.gate_up_proj')],
    ['gpt-oss', 'gpt-oss', layer('self_attn.sinks', 'mlp.experts.gate_up_proj_blocks')],
    ['mixtral', 'Mixtral', layer('block_sparse_moe.experts.0.w1.weight')],
    ['llama4', 'Llama 4', layer('feed_forward.experts.gate_up_proj')],
    [
      'deepseek',
      'DeepSeek layout (latent attention)',
      layer('self_attn.kv_a_proj_with_mqa.weight', 'mlp.experts.0.up_proj.weight'),
    ],
    ['gemma2', 'Gemma 2', layer(...norms)],
    ['gemma3', 'Gemma 3', layer(...norms, 'self_attn.q_norm.weight')],
    ['olmo2', 'OLMo 2', layer('post_feedforward_layernorm.weight', 'self_attn.q_norm.weight')],
    ['jamba', 'Jamba', named('model.layers.0.mamba.in_proj.weight', 'model.layers.0.feed_forward.up_proj.weight')],
    ['phi3', 'Phi-3', layer('self_attn.qkv_proj.weight', 'mlp.gate_up_proj.weight')],
    ['phi2', 'Phi-2', named('model.layers.0.self_attn.dense.weight', 'model.layers.0.mlp.fc1.weight')],
    ['starcoder2', 'StarCoder2', layer('mlp.c_fc.weight')],
    [
      'cohere',
      'Cohere Command R layout',
      named('model.layers.0.self_attn.o_proj.weight', 'model.layers.0.input_layernorm.weight'),
    ],
    [
      'llama',
      'Llama layout of its makers (also Mistral)',
      named('layers.0.attention.wq.weight', 'tok_embeddings.weight'),
    ],
    ['internlm2', 'InternLM2', named('model.layers.0.attention.wqkv.weight')],
    [
      'chatglm',
      'ChatGLM',
      named(
        'transformer.encoder.layers.0.self_attention.query_key_value.weight',
        'transformer.rotary_pos_emb.inv_freq',
      ),
    ],
    ['bloom', 'BLOOM', named('word_embeddings_layernorm.weight', 'h.0.self_attention.query_key_value.weight')],
    ['falcon', 'Falcon', named('transformer.h.0.self_attention.query_key_value.weight')],
    ['gpt-neox', 'GPT-NeoX', named('gpt_neox.layers.0.attention.query_key_value.weight')],
    ['gptj', 'GPT-J', named('transformer.h.0.attn.q_proj.weight', 'transformer.h.0.mlp.fc_in.weight')],
    ['gpt2', 'GPT-2 layout', named('wte.weight', 'h.0.attn.c_attn.weight')],
    ['mpt', 'MPT', named('transformer.blocks.0.attn.Wqkv.weight', 'transformer.blocks.0.norm_1.weight')],
    ['dbrx', 'DBRX', named('transformer.blocks.0.norm_attn_norm.attn.Wqkv.weight')],
    ['opt', 'OPT', named('model.decoder.layers.0.self_attn.out_proj.weight', 'model.decoder.embed_positions.weight')],
    ['mamba', 'Mamba', named('backbone.layers.0.mixer.in_proj.weight')],
    ['mamba2', 'Mamba 2', named('backbone.layers.0.mixer.in_proj.weight', 'backbone.layers.0.mixer.dt_bias')],
    ['rwkv', 'RWKV', named('rwkv.blocks.0.att.key.weight', 'rwkv.blocks.0.ffn.key.weight')],
    [
      't5',
      'T5',
      named(
        'encoder.block.0.layer.0.SelfAttention.q.weight',
        'encoder.block.0.layer.0.SelfAttention.k.weight',
        'decoder.block.0.layer.0.SelfAttention.q.weight',
      ),
    ],
    [
      'bart',
      'BART layout',
      named('model.encoder.layers.0.self_attn.k_proj.weight', 'model.decoder.layers.0.encoder_attn.k_proj.weight'),
    ],
  ])('%s: %s', async (architecture, label, keys) => {
    expect(await classify(keys)).toMatchObject({
      role: 'llm',
      architecture,
      label: `${label} language model`,
      base: null,
      rank: null,
    })
  })

  it('packed weights change the end of a name, not the model', async () => {
    expect(
      (
        await classify(
          named(
            'model.layers.0.self_attn.o_proj.qweight',
            'model.layers.0.self_attn.o_proj.scales',
            'model.layers.0.post_attention_layernorm.weight',
          ),
        )
      ).architecture,
    ).toBe('llama')
  })

  it.each([
    'vision_tower.vision_model.encoder.layers.0.layer_norm1.weight',
    'visual.blocks.0.attn.qkv.weight',
    'multi_modal_projector.linear_1.weight',
    'audio_tower.conv1.weight',
  ])('one that sees or hears: %s', async (part) => {
    expect(await told({ ...layer(), ...named(part) })).toBe('llm: Llama layout language model with vision or audio')
  })

  it('what stands on top tells a judge from a writer', async () => {
    expect((await classify({ ...layer(), 'score.weight': [1, 8] })).role).toBe('reranker')
    expect((await classify({ ...layer(), 'score.weight': [5, 8] })).role).toBe('classifier')
  })

  it('a draft model', async () => {
    expect(await told(named('midlayer.self_attn.q_proj.weight', 'fc.weight', 'd2t'))).toBe('draft: EAGLE draft model')
  })
})

describe('encoders of text', () => {
  const bert = named('embeddings.word_embeddings.weight', 'encoder.layer.0.attention.self.query.weight')
  it.each<[string, Keys]>([
    ['embedding: BERT layout encoder', bert],
    [
      'embedding: BERT layout encoder',
      named('bert.embeddings.word_embeddings.weight', 'bert.encoder.layer.0.attention.self.query.weight'),
    ],
    ['reranker: BERT layout reranker', { ...bert, 'classifier.weight': [1, 768] }],
    ['reranker: BERT layout reranker', { ...bert, 'classifier.out_proj.weight': [1, 768] }],
    ['classifier: BERT layout classifier', { ...bert, 'classifier.weight': [3, 768] }],
    ['embedding: DistilBERT encoder', named('distilbert.transformer.layer.0.attention.q_lin.weight')],
    ['embedding: ModernBERT encoder', named('embeddings.tok_embeddings.weight', 'layers.0.attn.Wqkv.weight')],
    ['embedding: Nomic BERT encoder', named('embeddings.word_embeddings.weight', 'encoder.layers.0.attn.Wqkv.weight')],
    [
      'classifier: vision transformer with classes',
      { ...named('vit.embeddings.patch_embeddings.projection.weight'), 'classifier.weight': [1000, 768] },
    ],
    ['projector: multimodal projector', named('mm_projector.0.weight', 'mm_projector.2.weight')],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(label)
  })
})

describe('speech', () => {
  const whisper = (width: number): Keys => ({
    'model.encoder.conv1.weight': [width, 80, 3],
    'model.decoder.embed_positions.weight': [448, width],
    'model.decoder.layers.0.self_attn.out_proj.weight': [width, width],
  })
  it.each<[string, Keys]>([
    ['Whisper tiny', whisper(384)],
    ['Whisper base', whisper(512)],
    ['Whisper small', whisper(768)],
    ['Whisper medium', whisper(1024)],
    ['Whisper large', whisper(1280)],
    ['Whisper', whisper(100)],
    ['Whisper base', { 'encoder.conv1.weight': [512, 80, 3], 'decoder.positional_embedding': [448, 512] }],
    ['wav2vec 2.0 layout', named('wav2vec2.feature_extractor.conv_layers.0.conv.weight')],
  ])('%s', async (label, keys) => {
    expect(await told(keys)).toBe(`speech: ${label}`)
  })
})
