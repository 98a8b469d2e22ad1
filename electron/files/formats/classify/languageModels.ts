import type { Rule } from './rules.ts'

const layer = '*layers.#.self_attn.o_proj.*'

/** Language models by the names of transformers and of the makers. The special first; `config.json` says more. */
export const languageModels: readonly Rule[] = [
  ['eagle', 'EAGLE draft model', 'midlayer.self_attn.q_proj.weight || ^d2t', '^fc.weight || ^d2t'],
  ['gpt-oss', 'gpt-oss', layer, '*layers.#.self_attn.sinks'],
  ['deepseek', 'DeepSeek layout (latent attention)', '*layers.#.self_attn.kv_a_proj_with_mqa.*'],
  ['mixtral', 'Mixtral', '*layers.#.block_sparse_moe.experts.#.w1.*'],
  ['phimoe', 'Phi MoE', '*layers.#.block_sparse_moe.experts.*', layer],
  ['llama4', 'Llama 4', '*layers.#.feed_forward.experts.gate_up_proj* || *layers.#.feed_forward.shared_expert.*'],
  ['qwen3-next', 'Qwen3-Next layout (linear attention)', '*layers.#.linear_attn.*'],
  ['qwen3-moe', 'Qwen3 MoE layout', layer, '*layers.#.self_attn.q_norm.weight', '*layers.#.mlp.experts.*'],
  ['qwen2-moe', 'Qwen2 MoE', layer, '*layers.#.mlp.shared_expert.*', '*layers.#.mlp.experts.*'],
  ['moe', 'mixture of experts', layer, '*layers.#.mlp.experts.*'],
  ['jamba', 'Jamba', '*layers.#.mamba.in_proj.*', '*layers.#.feed_forward.*'],
  ['gemma3', 'Gemma 3', layer, '*layers.#.pre_feedforward_layernorm.weight', '*layers.#.self_attn.q_norm.weight'],
  ['gemma2', 'Gemma 2', layer, '*layers.#.pre_feedforward_layernorm.weight'],
  ['olmo2', 'OLMo 2', layer, '*layers.#.post_feedforward_layernorm.weight'],
  ['qwen3', 'Qwen3 layout', layer, '*layers.#.self_attn.q_norm.weight'],
  ['qwen2', 'Qwen2 layout', layer, '*layers.#.self_attn.k_proj.bias'],
  ['phi3', 'Phi-3', '*layers.#.self_attn.qkv_proj.*', '*layers.#.mlp.gate_up_proj.*'],
  ['starcoder2', 'StarCoder2', layer, '*layers.#.mlp.c_fc.*'],
  [
    'cohere',
    'Cohere Command R layout',
    layer,
    '!*layers.#.post_attention_layernorm.weight',
    '*layers.#.input_layernorm.weight',
  ],
  ['llama', 'Llama layout', layer],
  ['phi2', 'Phi-2', '*layers.#.self_attn.dense.*', '*layers.#.mlp.fc1.*'],
  [
    'llama',
    'Llama layout of its makers (also Mistral)',
    '*layers.#.attention.wq.*',
    '*layers.#.feed_forward.* || *tok_embeddings.weight',
  ],
  ['internlm2', 'InternLM2', '*layers.#.attention.wqkv.*'],
  ['chatglm', 'ChatGLM', '*encoder.layers.#.self_attention.query_key_value.*'],
  ['bloom', 'BLOOM', '*word_embeddings_layernorm.weight', '*h.#.self_attention.query_key_value.*'],
  ['falcon', 'Falcon', '*h.#.self_attention.query_key_value.*'],
  ['gpt-neox', 'GPT-NeoX', '*layers.#.attention.query_key_value.*'],
  ['gptj', 'GPT-J', '*h.#.attn.q_proj.weight', '*h.#.mlp.fc_in.*'],
  ['gpt2', 'GPT-2 layout', '*h.#.attn.c_attn.*'],
  ['mpt', 'MPT', '*blocks.#.attn.Wqkv.*', '*blocks.#.norm_1.weight || *blocks.#.ffn.up_proj.*'],
  ['dbrx', 'DBRX', '*blocks.#.norm_attn_norm.*'],
  [
    'opt',
    'OPT',
    '*decoder.layers.#.self_attn.out_proj.weight',
    '*decoder.embed_positions.weight',
    '!*encoder.layers.#.*',
  ],
  ['mamba2', 'Mamba 2', '*layers.#.mixer.dt_bias'],
  ['mamba', 'Mamba', '*layers.#.mixer.in_proj.* || *layers.#.mixer.A_log'],
  ['rwkv', 'RWKV', '*blocks.#.att.key.weight', '*blocks.#.ffn.key.weight'],
  ['t5', 'T5', '*encoder.block.#.layer.0.SelfAttention.q.*', '*decoder.block.#.*'],
  [
    'bart',
    'BART layout',
    '*encoder.layers.#.self_attn.k_proj.weight',
    '*decoder.layers.#.encoder_attn.k_proj.weight',
    '!*encoder.conv1.weight',
  ],
]

/** These stand beside a language model's layers when it also sees or hears. */
export const visionParts =
  '*vision_tower.* || visual.* || *vision_model.* || *multi_modal_projector.* || *mm_projector.* || *audio_tower.*'

export const speechModels: readonly Rule[] = [
  [
    'whisper',
    'Whisper tiny',
    '*encoder.conv1.weight[0]=384',
    '*decoder.embed_positions.weight || *decoder.positional_embedding',
  ],
  [
    'whisper',
    'Whisper base',
    '*encoder.conv1.weight[0]=512',
    '*decoder.embed_positions.weight || *decoder.positional_embedding',
  ],
  [
    'whisper',
    'Whisper small',
    '*encoder.conv1.weight[0]=768',
    '*decoder.embed_positions.weight || *decoder.positional_embedding',
  ],
  [
    'whisper',
    'Whisper medium',
    '*encoder.conv1.weight[0]=1024',
    '*decoder.embed_positions.weight || *decoder.positional_embedding',
  ],
  [
    'whisper',
    'Whisper large',
    '*encoder.conv1.weight[0]=1280',
    '*decoder.embed_positions.weight || *decoder.positional_embedding',
  ],
  ['whisper', 'Whisper', '*encoder.conv1.weight', '*decoder.embed_positions.weight || *decoder.positional_embedding'],
  ['wav2vec2', 'wav2vec 2.0 layout', '*feature_extractor.conv_layers.#.conv.weight'],
]

/** Encoders of text: what they are for is told by what stands on top of them. */
export const bertModels: readonly Rule[] = [
  ['distilbert', 'DistilBERT', '*transformer.layer.#.attention.q_lin.weight'],
  ['modernbert', 'ModernBERT', '*embeddings.tok_embeddings.weight', '*layers.#.attn.Wqkv.weight'],
  ['nomic-bert', 'Nomic BERT', '*embeddings.word_embeddings.weight', '*layers.#.attn.Wqkv.weight'],
  ['bert', 'BERT layout', '*embeddings.word_embeddings.weight', '*encoder.layer.#.*'],
]

/** A vision transformer with names for its classes on top. */
export const pictureClassifiers: readonly Rule[] = [
  ['vit', 'vision transformer', '*embeddings.patch_embeddings.projection.weight', '^classifier.weight'],
]

export const projectors: readonly Rule[] = [
  ['', 'multimodal projector', '^multi_modal_projector.* || ^mm_projector.* || ^model.mm_projector.*'],
]
