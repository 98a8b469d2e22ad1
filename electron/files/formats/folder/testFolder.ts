import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openFolderSource } from '../folderSource.ts'
import { ggufFormat } from '../gguf/ggufFormat.ts'
import type { Inspection } from '../modelFile.ts'
import { safetensorsFormat } from '../safetensors/safetensorsFormat.ts'
import { inspectFolder } from './inspectFolder.ts'

/** Text and bytes as they are; anything else as JSON. */
export type Files = Readonly<Record<string, string | Uint8Array | object>>

export const makeFolder = async (files: Files): Promise<string> => {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'berth-folder-')))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    const isPlain = typeof content === 'string' || content instanceof Uint8Array
    await writeFile(join(path, name), isPlain ? content : JSON.stringify(content))
  }
  return path
}

export const inspectFiles = async (files: Files): Promise<Inspection> =>
  await inspectFolder(openFolderSource(await makeFolder(files), 'model'), [ggufFormat, safetensorsFormat])

export type TensorSpec = readonly [type: 'F32' | 'BF16' | 'I32' | 'U32' | 'U8', ...shape: number[]]

const sizes = { F32: 4, BF16: 2, I32: 4, U32: 4, U8: 1 }

/** A safetensors file whose data is zeros. */
export const safetensors = (tensors: Readonly<Record<string, TensorSpec>>, metadata?: object): Buffer => {
  const header: Record<string, object> = metadata === undefined ? {} : { __metadata__: metadata }
  let end = 0
  for (const [name, [dtype, ...shape]] of Object.entries(tensors)) {
    const begin = end
    end += shape.reduce((product, length) => product * length, sizes[dtype])
    header[name] = { dtype, shape, data_offsets: [begin, end] }
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(end)])
}

export const tinyConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  intermediate_size: 16,
  vocab_size: 10,
  max_position_embeddings: 64,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
}

const layer = (number: number, prefix = 'model.layers'): Record<string, TensorSpec> => ({
  [`${prefix}.${number}.self_attn.q_proj.weight`]: ['BF16', 8, 8],
  [`${prefix}.${number}.self_attn.k_proj.weight`]: ['BF16', 4, 8],
  [`${prefix}.${number}.self_attn.v_proj.weight`]: ['BF16', 4, 8],
  [`${prefix}.${number}.self_attn.o_proj.weight`]: ['BF16', 8, 8],
  [`${prefix}.${number}.mlp.gate_proj.weight`]: ['BF16', 16, 8],
  [`${prefix}.${number}.mlp.up_proj.weight`]: ['BF16', 16, 8],
  [`${prefix}.${number}.mlp.down_proj.weight`]: ['BF16', 8, 16],
  [`${prefix}.${number}.input_layernorm.weight`]: ['BF16', 8],
})

export const tinyTensors: Record<string, TensorSpec> = {
  'model.embed_tokens.weight': ['BF16', 10, 8],
  ...layer(0),
  ...layer(1),
  'model.norm.weight': ['BF16', 8],
}

const tinyTokenizer = {
  version: '1.0',
  added_tokens: [{ id: 9, content: '</s>' }],
  model: { type: 'BPE', vocab: { a: 0, b: 1, __proto__x: 8 }, merges: [] },
}

/** A whole and honest folder of transformers. */
export const tinyModel: Files = {
  'config.json': tinyConfig,
  'model.safetensors': safetensors(tinyTensors, { format: 'pt' }),
  'tokenizer.json': tinyTokenizer,
  'tokenizer_config.json': {
    tokenizer_class: 'LlamaTokenizer',
    chat_template:
      "{% for message in messages %}{{ message.role + ': ' + message.content }}{% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}",
  },
  'generation_config.json': { temperature: 0.6 },
  'README.md': '---\nlicense: apache-2.0\nbase_model:\n- org/base\nlanguage: [en, de]\n---\n# Tiny\n',
  LICENSE: 'text',
}
