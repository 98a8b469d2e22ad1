import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import type { ModelFileSummary } from '../modelFile.ts'
import { describeMetadata } from './describeMetadata.ts'
import { encodeGgufHeader, type GgufWriteEntry, type GgufWriteTensor } from './ggufWriter.ts'
import { readGguf, readGgufSummary } from './readGguf.ts'
import { summarizeGguf } from './summarizeGguf.ts'

const bytesOf = (metadata: readonly GgufWriteEntry[], tensors: readonly GgufWriteTensor[] = []) => {
  const header = encodeGgufHeader({ metadata, tensors })
  return bytesSource(Buffer.concat([header.bytes, Buffer.alloc(header.dataBytes)]))
}
const summarize = async (metadata: readonly GgufWriteEntry[], tensors?: readonly GgufWriteTensor[]) =>
  summarizeGguf(await readGguf(bytesOf(metadata, tensors)))

const text = (key: string, value: string): GgufWriteEntry => ({ key, type: 'string', value })
const u32 = (key: string, value: number): GgufWriteEntry => ({ key, type: 'uint32', value })
const f32 = (key: string, value: number): GgufWriteEntry => ({ key, type: 'float32', value })
const bool = (key: string, value: boolean): GgufWriteEntry => ({ key, type: 'bool', value })
const strings = (key: string, value: readonly string[]): GgufWriteEntry => ({
  key,
  type: 'array',
  elementType: 'string',
  value,
})
const tensor = (name: string, type = 'F32', ...dimensions: number[]): GgufWriteTensor => ({
  name,
  type,
  dimensions: dimensions.length > 0 ? dimensions : [8],
})

/** Without the keys given in `without`, with those in `also`. */
const model = (
  architecture: string,
  { without = [], also = [] }: { without?: string[]; also?: GgufWriteEntry[] } = {},
) => [
  ...[
    text('general.architecture', architecture),
    u32(`${architecture}.context_length`, 2048),
    u32(`${architecture}.embedding_length`, 64),
    u32(`${architecture}.block_count`, 2),
    u32(`${architecture}.attention.head_count`, 4),
  ].filter(({ key }) => !without.includes(key) && !also.some((other) => other.key === key)),
  ...also,
]
const body = [tensor('token_embd.weight', 'F32', 64, 4), tensor('blk.0.attn_q.weight', 'F32', 64, 64)]
const codes = (summary: ModelFileSummary) => summary.checks.map(({ outcome, code }) => `${outcome}:${code}`)

describe('what a file is for', () => {
  const roles: Record<string, [GgufWriteEntry[], GgufWriteTensor[], Partial<ModelFileSummary>]> = {
    'a language model': [model('llama'), body, { role: 'llm', loadable: true, capabilities: ['completion'] }],
    'one with a template': [
      model('llama', { also: [text('tokenizer.chat_template', 'tools: {{ messages }}')] }),
      body,
      { role: 'llm', capabilities: ['completion', 'chat'] },
    ],
    'one whose template reads tools': [
      model('llama', { also: [text('tokenizer.chat_template', '{%- if tools %}…{% endif %}')] }),
      body,
      { capabilities: ['completion', 'chat', 'tools'] },
    ],
    'an Ollama file with vision inside': [
      model('gemma3'),
      [...body, tensor('v.patch_embd.weight')],
      { capabilities: ['completion', 'vision'] },
    ],
    'an encoder': [model('nomic-bert'), body, { role: 'embedding', loadable: true, capabilities: ['embedding'] }],
    'a language model that makes embeddings': [
      model('qwen3', { also: [u32('qwen3.pooling_type', 3)] }),
      body,
      { role: 'embedding' },
    ],
    'a language model without pooling': [
      model('qwen3', { also: [u32('qwen3.pooling_type', 0)] }),
      body,
      { role: 'llm' },
    ],
    'a reranker by its pooling': [
      model('bert', { also: [u32('bert.pooling_type', 4)] }),
      body,
      { role: 'reranker', capabilities: ['rerank'] },
    ],
    'a reranker by its head': [model('bert'), [...body, tensor('cls.output.weight')], { role: 'reranker' }],
    'a projector by its architecture': [
      [
        text('general.architecture', 'clip'),
        bool('clip.has_audio_encoder', true),
        text('clip.projector_type', 'qwen2a'),
      ],
      [tensor('a.x')],
      { role: 'projector', loadable: false, capabilities: ['audio'] },
    ],
    'a projector of old': [
      [text('general.architecture', 'llava'), text('general.type', 'clip-vision')],
      [tensor('v.x')],
      { role: 'projector' },
    ],
    'an adapter by its tensors': [
      [text('general.architecture', 'llama')],
      [tensor('blk.0.attn_q.weight.lora_a'), tensor('blk.0.attn_q.weight.lora_b')],
      { role: 'adapter', loadable: false },
    ],
    'a control vector': [
      [text('general.architecture', 'controlvector')],
      [tensor('direction.1')],
      { role: 'control-vector', checks: [] },
    ],
    'an importance matrix': [
      [text('general.type', 'imatrix'), u32('imatrix.chunk_count', 1)],
      [tensor('blk.0.attn_q.weight.in_sum2')],
      { role: 'imatrix', loadable: false },
    ],
    'a tokenizer alone': [
      model('llama', { also: [text('tokenizer.ggml.model', 'llama')] }),
      [],
      { role: 'vocabulary', parameterCount: null },
    ],
    'a first part without tensors': [
      model('llama', {
        also: [
          { key: 'split.no', type: 'uint16', value: 0 },
          { key: 'split.count', type: 'uint16', value: 3 },
        ],
      }),
      [],
      { role: 'llm', split: { no: 0, count: 3, tensorCount: null } },
    ],
    'a merged file that kept its split keys': [
      model('llama', {
        also: [
          { key: 'split.no', type: 'uint16', value: 0 },
          { key: 'split.count', type: 'uint16', value: 0 },
        ],
      }),
      body,
      { split: null, loadable: true },
    ],
    'an image model': [
      [text('general.architecture', 'flux')],
      [tensor('double_blocks.0.x')],
      { role: 'diffusion', loadable: false },
    ],
    'an image model without an architecture': [
      [],
      [tensor('model.diffusion_model.input_blocks.0')],
      { role: 'diffusion' },
    ],
    'an image model that its tensors name': [
      [],
      [
        tensor('input_blocks.0.0.weight', 'F16', 3, 3, 4, 320),
        tensor('input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight', 'F16', 768, 320),
      ],
      { role: 'diffusion', architecture: 'sd1', label: 'Stable Diffusion 1' },
    ],
    'a language model that works by diffusion': [model('llada'), body, { role: 'diffusion', label: null }],
    'a draft model': [model('eagle3'), body, { role: 'draft', loadable: false }],
    'a voice': [model('wavtokenizer-dec'), body, { role: 'unknown', loadable: false }],
    'nothing that can be told': [
      [text('some.key', 'x')],
      [tensor('x')],
      { role: 'unknown', loadable: false, architecture: null },
    ],
  }
  for (const [name, [metadata, tensors, expected]] of Object.entries(roles))
    it(name, async () => {
      const summary = await summarize(metadata, tensors)
      expect(summary).toMatchObject(expected)
      expect(summary.loadable).toBe(summary.reason === null)
      expect(structuredClone(summary)).toEqual(summary)
    })
})

describe('how it is quantised', () => {
  const cases: Record<string, [number | null, GgufWriteTensor[], string]> = {
    'the file’s label when its tensors agree': [
      15,
      [tensor('blk.0.a.weight', 'Q4_K', 256, 2), tensor('blk.0.b.weight', 'Q6_K', 256, 2)],
      'Q4_K_M',
    ],
    'the label although rows too short for it fell back': [
      15,
      [tensor('blk.0.a.weight', 'Q5_0', 896, 9), tensor('blk.0.down.weight', 'Q4_K', 256, 2)],
      'Q4_K_M',
    ],
    'the tensors when the label is wrong': [38, [tensor('blk.0.a.weight', 'Q8_0', 32, 2)], 'Q8_0'],
    'the tensors when there is no label': [
      null,
      [tensor('blk.0.a.weight', 'IQ4_XS', 256, 4), tensor('blk.0.n', 'F32', 64)],
      'IQ4_XS',
    ],
    'the tensors when nobody knows the label': [99, [tensor('blk.0.a.weight', 'BF16', 4, 4)], 'BF16'],
    'a label marked as guessed': [1024 + 7, [tensor('blk.0.a.weight', 'Q8_0', 32, 2)], 'Q8_0'],
    'the layers, not a large embedding': [
      null,
      [tensor('token_embd.weight', 'Q8_0', 32, 99), tensor('blk.0.a.weight', 'Q4_0', 32, 2)],
      'Q4_0',
    ],
    'the labels of ik_llama.cpp': [140, [tensor('blk.0.a.weight', 'IQ4_K', 256, 2)], 'IQ4_K'],
  }
  for (const [name, [fileType, tensors, expected]] of Object.entries(cases))
    it(name, async () => {
      const label = fileType === null ? [] : [u32('general.file_type', fileType)]
      expect((await summarize(model('llama', { also: label }), tensors)).quantization).toBe(expected)
    })

  it('real bits per weight, and the share of each type', async () => {
    const summary = await summarize(model('llama'), [
      tensor('blk.0.a.weight', 'Q4_0', 32, 3),
      tensor('blk.0.n', 'F32', 32),
    ])
    expect(summary.bitsPerWeight).toBe((8 * (54 + 128)) / 128)
    expect(summary.tensorTypes).toEqual([
      { type: 'F32', tensors: 1, bytes: 128 },
      { type: 'Q4_0', tensors: 1, bytes: 54 },
    ])
  })
})

describe('what an estimate needs', () => {
  it('bytes by place, and experts apart', async () => {
    const { geometry, parameterCount, activeParameterCount } = await summarize(
      model('qwen3moe', { also: [u32('qwen3moe.expert_count', 4), u32('qwen3moe.expert_used_count', 1)] }),
      [
        tensor('token_embd.weight', 'F32', 64, 4),
        tensor('blk.0.attn_q.weight', 'F32', 64, 64),
        tensor('blk.0.ffn_up_exps.weight', 'F32', 64, 8, 4),
        tensor('blk.0.ffn_up_shexp.weight', 'F32', 64, 8),
        tensor('blk.1.ffn_down.2.weight', 'F32', 64, 8),
        tensor('output_norm.weight', 'F32', 64),
      ],
    )
    expect(geometry?.weights).toEqual({
      total: 4 * (256 + 4096 + 2048 + 512 + 512 + 64),
      inputEmbeddings: 1024,
      tokenEmbedding: 1024,
      layers: [4 * (4096 + 2048 + 512), 2048],
      other: 256,
      layerExperts: [8192, 2048],
      tiedEmbeddings: true,
    })
    expect(parameterCount).toBe(7488)
    expect(activeParameterCount).toBe(7488 - (2048 + 512) + (2048 + 512) / 4)
  })

  it('values per layer, in the summary that skips long arrays too', async () => {
    const metadata = model('gemma4', {
      also: [
        { key: 'gemma4.attention.head_count_kv', type: 'array', elementType: 'int32', value: [0, 8] },
        { key: 'gemma4.attention.sliding_window_pattern', type: 'array', elementType: 'bool', value: [true, false] },
        u32('gemma4.attention.sliding_window', 512),
      ],
    })
    const { geometry } = summarizeGguf(await readGgufSummary(bytesOf(metadata, body)))
    expect(geometry).toMatchObject({
      headCountKv: [0, 8],
      slidingWindowPattern: [1, 0],
      slidingWindow: 512,
      keyLength: null,
    })
    expect(geometry?.vocabSize).toBe(4)
  })

  it('integers of any width, though llama.cpp wants one', async () => {
    const summary = await summarize(
      model('llama', { also: [{ key: 'llama.context_length', type: 'uint64', value: 4096 }] }),
      body,
    )
    expect(summary.contextLength).toBe(4096)
    expect(codes(summary)).toEqual(['broken:wrong-type'])
  })
})

describe('what llama.cpp refuses or crashes on', () => {
  const i32 = (key: string, elements: number[]): GgufWriteEntry => ({
    key,
    type: 'array',
    elementType: 'int32',
    value: elements,
  })
  const blocking: Record<string, [GgufWriteEntry[], string]> = {
    'a missing embedding length': [model('llama', { without: ['llama.embedding_length'] }), 'missing-key'],
    'a context length as text': [model('llama', { also: [text('llama.context_length', '2048')] }), 'wrong-type'],
    'a file type as text': [model('llama', { also: [text('general.file_type', 'Q4')] }), 'wrong-type'],
    'a name that is a number': [model('llama', { also: [u32('general.name', 1)] }), 'wrong-type'],
    'key/value heads as bytes': [
      model('llama', {
        also: [{ key: 'llama.attention.head_count_kv', type: 'array', elementType: 'uint8', value: [1, 1] }],
      }),
      'wrong-type',
    ],
    'heads for another number of layers': [
      model('llama', { also: [i32('llama.attention.head_count_kv', [1, 1, 1])] }),
      'bad-array-length',
    ],
    'no layers': [model('llama', { also: [u32('llama.block_count', 0)] }), 'bad-block-count'],
    '513 layers': [model('llama', { also: [u32('llama.block_count', 513)] }), 'bad-block-count'],
    'more experts used than there are': [model('llama', { also: [u32('llama.expert_used_count', 2)] }), 'bad-experts'],
    'experts of which none is used': [model('llama', { also: [u32('llama.expert_count', 2)] }), 'bad-experts'],
    '1,025 experts': [
      model('llama', { also: [u32('llama.expert_count', 1025), u32('llama.expert_used_count', 1)] }),
      'bad-experts',
    ],
    'a rope scaling that nobody knows': [
      model('llama', { also: [text('llama.rope.scaling.type', 'magic')] }),
      'bad-rope-scaling',
    ],
    'a rope dimension that is not the head size': [
      model('llama', { also: [u32('llama.rope.dimension_count', 8)] }),
      'bad-rope-dimension',
    ],
    'split.no of the wrong type': [model('llama', { also: [u32('split.no', 0)] }), 'wrong-type'],
  }
  const tokenizer = (also: GgufWriteEntry[], kind = 'llama') =>
    model('llama', { also: [text('tokenizer.ggml.model', kind), ...also] })
  const tokens = strings('tokenizer.ggml.tokens', ['a', 'b', 'c', 'd'])
  Object.assign(blocking, {
    'two tokens of the same text': [
      tokenizer([strings('tokenizer.ggml.tokens', ['a', 'b', 'a', 'c'])]),
      'duplicate-token',
    ],
    'two tokens that differ after a NUL': [
      tokenizer([strings('tokenizer.ggml.tokens', ['a\0x', 'b', 'a\0y', 'c'])]),
      'duplicate-token',
    ],
    'tokens as numbers': [tokenizer([i32('tokenizer.ggml.tokens', [1, 2, 3, 4])]), 'wrong-type'],
    'fewer scores than tokens': [
      tokenizer([tokens, { key: 'tokenizer.ggml.scores', type: 'array', elementType: 'float32', value: [1] }]),
      'short-token-table',
    ],
    'token types as unsigned': [
      tokenizer([
        tokens,
        { key: 'tokenizer.ggml.token_type', type: 'array', elementType: 'uint32', value: [1, 1, 1, 1] },
      ]),
      'wrong-type',
    ],
    'byte pairs without merges': [tokenizer([tokens, text('tokenizer.ggml.pre', 'gpt-2')], 'gpt2'), 'missing-key'],
  } satisfies typeof blocking)
  for (const [name, [metadata, code]] of Object.entries(blocking))
    it(`${name}: ${code}`, async () => {
      const summary = await summarize(metadata, body)
      expect(codes(summary)).toContain(`broken:${code}`)
      expect(summary).toMatchObject({ loadable: false, reason: expect.any(String) })
    })

  const harmless: Record<string, [GgufWriteEntry[], GgufWriteTensor[], string[]]> = {
    'two empty tokens': [tokenizer([strings('tokenizer.ggml.tokens', ['', 'a', '', 'b'])]), body, []],
    'an unknown architecture': [model('newest'), body, ['warning:unknown-architecture']],
    'an unknown tokenizer': [tokenizer([], 'newest'), body, ['warning:unknown-tokenizer']],
    'byte pairs without a pre-tokenizer': [
      tokenizer([tokens, strings('tokenizer.ggml.merges', [])], 'gpt2'),
      body,
      ['warning:missing-pre-tokenizer'],
    ],
    'more tokens than embeddings': [
      tokenizer([strings('tokenizer.ggml.tokens', ['a', 'b', 'c', 'd', 'e'])]),
      body,
      ['warning:token-count'],
    ],
    'a norm in F16': [model('llama'), [...body, tensor('blk.0.attn_norm.weight', 'F16')], ['warning:norm-type']],
    'a file type that its weights deny': [
      model('llama', { also: [u32('general.file_type', 15)] }),
      body,
      ['note:wrong-file-type'],
    ],
    'a context length of 0': [model('llama', { also: [u32('llama.context_length', 0)] }), body, []],
    'a special token beyond the vocabulary': [tokenizer([tokens, u32('tokenizer.ggml.bos_token_id', 1e9)]), body, []],
    'a right rope dimension': [model('llama', { also: [u32('llama.rope.dimension_count', 16)] }), body, []],
  }
  for (const [name, [metadata, tensors, expected]] of Object.entries(harmless))
    it(`not on ${name}`, async () => {
      const summary = await summarize(metadata, tensors)
      expect(codes(summary)).toEqual(expected)
      expect(summary.loadable).toBe(true)
    })
})

describe('mistakes in companions', () => {
  it('an adapter with half a pair, other tensors, or a mistyped alpha', async () => {
    const summary = await summarize(
      [text('general.type', 'adapter'), text('adapter.type', 'lora'), u32('adapter.lora.alpha', 16)],
      [tensor('a.lora_a'), tensor('blk.0.attn_q.weight'), tensor('blk.0.attn_norm.weight')],
    )
    expect(codes(summary)).toEqual(['warning:wrong-type', 'warning:half-pair', 'warning:unexpected-tensor'])
  })

  it('a projector with missing, mistyped or impossible sizes', async () => {
    const summary = await summarize(
      [
        text('general.architecture', 'clip'),
        bool('clip.has_vision_encoder', true),
        u32('clip.vision.patch_size', 0),
        f32('clip.vision.image_size', 224),
      ],
      [tensor('v.x')],
    )
    expect(codes(summary).slice(0, 3)).toEqual(['warning:missing-key', 'warning:wrong-type', 'warning:missing-key'])
    expect(codes(summary)).toContain('warning:out-of-range')
  })

  it('a control vector with a direction that no layer has', async () => {
    const summary = await summarize([text('general.architecture', 'controlvector')], [tensor('direction.99999999')])
    expect(codes(summary)).toEqual(['warning:bad-direction'])
  })
})

describe('all metadata for people', () => {
  it('long values are cut and say what was left out', async () => {
    const file = await readGguf(
      bytesOf([
        text('long', '🚢'.repeat(2000)),
        strings(
          'tokens',
          Array.from({ length: 150_000 }, (_, index) => `t${index}`),
        ),
        { key: 'flags', type: 'array', elementType: 'bool', value: [true, false] },
        strings('none', []),
        f32('epsilon', 1e-6),
        { key: 'large', type: 'uint64', value: 2n ** 63n },
        { key: 'one', type: 'array', elementType: 'uint64', value: [2n ** 63n] },
      ]),
    )
    const rows = describeMetadata(file)
    expect(rows.map(({ key, type }) => `${key} ${type}`)).toEqual([
      'long string',
      'tokens string[]',
      'flags bool[]',
      'none string[]',
      'epsilon float32',
      'large uint64',
      'one uint64[]',
    ])
    const [long, ...rest] = rows.map(({ value }) => value)
    expect(long).toBe(`${'🚢'.repeat(1000)}… (4,000 characters)`)
    expect(rest).toEqual([
      '150,000 strings: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, …',
      '2 truth values: true, false',
      '0 strings',
      '0.000001',
      '9223372036854775808',
      '1 number: 9223372036854775808',
    ])
  })

  it('an array that was skipped still tells its length', async () => {
    const words = Array.from({ length: 5000 }, (_, index) => `t${index}`)
    const file = await readGgufSummary(bytesOf([strings('tokens', words)]))
    expect(describeMetadata(file)).toEqual([{ key: 'tokens', type: 'string[]', value: '5,000 strings' }])
  })
})
