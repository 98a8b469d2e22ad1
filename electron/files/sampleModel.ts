import type { FileHandle } from 'node:fs/promises'
import { encodeGgufHeader, type GgufWriteEntry, type GgufWriteTensor } from './formats/gguf/ggufWriter.ts'
import { firstTextToken, sampleVocabulary, tokenIds } from './sampleVocabulary.ts'
import { createRandom, fillBlocks, type SampleTensorType, sampleTypes } from './sampleWeights.ts'
import { writeNewFile } from './writeNewFile.ts'

/** Everything may be left out: then it is the small model a person can create. Lengths count elements. */
export interface SampleModelOptions {
  readonly name?: string
  readonly layers?: number
  /** of the embedding; a multiple of `heads` × 32 */
  readonly width?: number
  readonly heads?: number
  /** divides `heads` */
  readonly kvHeads?: number
  /** a multiple of 32 */
  readonly feedForward?: number
  readonly vocab?: number
  /** trained context in tokens */
  readonly contextLength?: number
  readonly type?: SampleTensorType
  /** chooses `layers` so that the file comes out near this size */
  readonly targetBytes?: number
  readonly seed?: number
  /** false: the data stays a hole in the file, which takes no disk; it loads, and all its weights are zero */
  readonly weights?: boolean
  readonly signal?: AbortSignal
  readonly report?: (fraction: number) => void
}

export interface SampleModel {
  readonly path: string
  readonly sizeBytes: number
  readonly parameterCount: number
  readonly layers: number
}

/** ChatML, as many models use it. */
const chatTemplate =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}" +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}'

/** As written by default: about 5 MB. */
const small = {
  name: 'Berth sample (random weights, talks nonsense)',
  layers: 4,
  width: 256,
  vocab: 4096,
  contextLength: 4096,
  type: 'Q4_0',
  seed: 1,
} as const

/** The last word decides most about the next one, what stood before it some: else the answer stays with one word. */
const embeddingDeviation = 0.5
const weightDeviation = 0.02
/** Large, so that the next word is a choice and not a tie between all of them. */
const outputDeviation = 0.2
/** Ends a turn after some dozens of words: its logit is spread this much wider than that of a word. */
const endOfTurnScale = 1.6

type Shape = Required<
  Pick<SampleModelOptions, 'layers' | 'width' | 'heads' | 'kvHeads' | 'feedForward' | 'vocab' | 'type'>
>

const tensorsOf = ({ layers, width, heads, kvHeads, feedForward, vocab, type }: Shape): GgufWriteTensor[] => {
  const matrix = (name: string, row: number, rows: number) => ({
    name: `${name}.weight`,
    dimensions: [row, rows],
    type,
  })
  const norm = (name: string) => ({ name: `${name}.weight`, dimensions: [width], type: 'F32' })
  const kvWidth = (width / heads) * kvHeads
  const layer = (n: number) => [
    norm(`blk.${n}.attn_norm`),
    matrix(`blk.${n}.attn_q`, width, width),
    matrix(`blk.${n}.attn_k`, width, kvWidth),
    matrix(`blk.${n}.attn_v`, width, kvWidth),
    matrix(`blk.${n}.attn_output`, width, width),
    norm(`blk.${n}.ffn_norm`),
    matrix(`blk.${n}.ffn_gate`, width, feedForward),
    matrix(`blk.${n}.ffn_up`, width, feedForward),
    matrix(`blk.${n}.ffn_down`, feedForward, width),
  ]
  return [
    { name: 'token_embd.weight', dimensions: [width, vocab], type: type === 'F32' ? type : 'Q8_0' },
    ...Array.from({ length: layers }, (_, n) => layer(n)).flat(),
    norm('output_norm'),
    { name: 'output.weight', dimensions: [width, vocab], type: type === 'F32' ? type : 'Q8_0' },
  ]
}

const text = (key: string, value: string): GgufWriteEntry => ({ key, type: 'string', value })
const count = (key: string, value: number): GgufWriteEntry => ({ key, type: 'uint32', value })

const metadataOf = (shape: Shape, name: string, contextLength: number): GgufWriteEntry[] => {
  const { tokens, types, scores } = sampleVocabulary(shape.vocab)
  return [
    text('general.architecture', 'llama'),
    text('general.type', 'model'),
    text('general.name', name),
    text(
      'general.description',
      'Random weights, written by Berth to try loading and unloading. What it says is nonsense.',
    ),
    text('general.license', 'cc0-1.0'),
    count('general.quantization_version', 2),
    count('general.file_type', sampleTypes[shape.type].fileType),
    count('llama.vocab_size', shape.vocab),
    count('llama.context_length', contextLength),
    count('llama.embedding_length', shape.width),
    count('llama.block_count', shape.layers),
    count('llama.feed_forward_length', shape.feedForward),
    count('llama.attention.head_count', shape.heads),
    count('llama.attention.head_count_kv', shape.kvHeads),
    { key: 'llama.attention.layer_norm_rms_epsilon', type: 'float32', value: 1e-5 },
    count('llama.rope.dimension_count', shape.width / shape.heads),
    { key: 'llama.rope.freq_base', type: 'float32', value: 10_000 },
    text('tokenizer.ggml.model', 'llama'),
    text('tokenizer.ggml.pre', 'default'),
    { key: 'tokenizer.ggml.tokens', type: 'array', elementType: 'string', value: tokens },
    { key: 'tokenizer.ggml.scores', type: 'array', elementType: 'float32', value: scores },
    { key: 'tokenizer.ggml.token_type', type: 'array', elementType: 'int32', value: types },
    count('tokenizer.ggml.unknown_token_id', tokenIds.unknown),
    count('tokenizer.ggml.bos_token_id', tokenIds.begin),
    count('tokenizer.ggml.eos_token_id', tokenIds.end),
    count('tokenizer.ggml.eot_token_id', tokenIds.endOfTurn),
    { key: 'tokenizer.ggml.add_bos_token', type: 'bool', value: true },
    text('tokenizer.chat_template', chatTemplate),
  ]
}

const shapeOf = (options: SampleModelOptions): Shape => {
  const { width = small.width, type = small.type, vocab = small.vocab } = options
  const heads = options.heads ?? Math.max(1, Math.floor(width / 64))
  const kvHeads = options.kvHeads ?? (heads % 2 === 0 ? heads / 2 : heads)
  const feedForward = options.feedForward ?? Math.ceil((width * 8) / 3 / 256) * 256
  const shape = { width, heads, kvHeads, feedForward, vocab, type }
  if (options.targetBytes === undefined) return { ...shape, layers: options.layers ?? small.layers }
  const dataBytes = (layers: number) =>
    encodeGgufHeader({ metadata: [], tensors: tensorsOf({ ...shape, layers }) }).dataBytes
  const perLayer = dataBytes(2) - dataBytes(1)
  return { ...shape, layers: Math.max(1, Math.round((options.targetBytes - dataBytes(1)) / perLayer) + 1) }
}

/** Filled and written in pieces of about a millisecond, so that the main thread goes on in between. */
const pieceBlocks = 4096

/**
 * Writes a model of the llama architecture with random weights: it really loads and answers, and what it answers is
 * nonsense. The same options give the same bytes.
 * @throws AppError DISK_FULL, PATH_UNUSABLE; RangeError or TypeError for a shape that cannot be
 */
export const writeSampleModel = async (path: string, options: SampleModelOptions = {}): Promise<SampleModel> => {
  const { name = small.name, contextLength = small.contextLength, seed = small.seed, weights = true, signal } = options
  const shape = shapeOf(options)
  const header = encodeGgufHeader({ metadata: metadataOf(shape, name, contextLength), tensors: tensorsOf(shape) })
  const sizeBytes = header.bytes.length + header.dataBytes
  await writeNewFile(path, weights ? sizeBytes : header.bytes.length, async (handle) => {
    await handle.write(header.bytes, 0, header.bytes.length, 0)
    await handle.truncate(sizeBytes)
    const random = createRandom(seed)
    for (const tensor of weights ? header.tensors : []) {
      signal?.throwIfAborted()
      await writeTensor(handle, header.bytes.length + tensor.offset, tensor, random, signal)
      options.report?.((tensor.offset + tensor.sizeBytes) / header.dataBytes)
    }
  })
  const parameterCount = header.tensors.reduce(
    (sum, { dimensions }) => sum + dimensions.reduce((product, length) => product * length, 1),
    0,
  )
  return { path, sizeBytes, parameterCount, layers: shape.layers }
}

/** Words are drawn at random; control and single bytes, which would not read as text, never are. */
const outputScale = (row: number): number =>
  row === tokenIds.endOfTurn ? endOfTurnScale : row < firstTextToken ? 0 : 1

const writeTensor = async (
  handle: FileHandle,
  position: number,
  { name, dimensions: [rowValues = 1], type: typeName, sizeBytes }: GgufWriteTensor & { readonly sizeBytes: number },
  random: () => number,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const type: SampleTensorType = typeName === 'Q4_0' || typeName === 'Q8_0' ? typeName : 'F32'
  const { blockBytes, blockValues } = sampleTypes[type]
  const isOutput = name === 'output.weight'
  const bytes = Buffer.allocUnsafeSlow(Math.min(sizeBytes, pieceBlocks * blockBytes))
  for (let done = 0; done < sizeBytes; done += bytes.length) {
    signal?.throwIfAborted()
    const piece = bytes.subarray(0, Math.min(bytes.length, sizeBytes - done))
    const firstBlock = done / blockBytes
    if (name.endsWith('norm.weight')) for (let at = 0; at < piece.length; at += 4) piece.writeFloatLE(1, at)
    else if (isOutput)
      fillBlocks(piece, type, outputDeviation, random, (block) =>
        outputScale(Math.floor(((firstBlock + block) * blockValues) / rowValues)),
      )
    else fillBlocks(piece, type, name.startsWith('token_embd') ? embeddingDeviation : weightDeviation, random)
    await handle.write(piece, 0, piece.length, position + done)
  }
}
