import type { ByteSource } from '../byteSource.ts'
import { diagnose } from '../diagnose.ts'
import { headBytes, type ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { TensorRow } from '../modelFile.ts'
import { createForwardReader, type ForwardReader } from './forwardReader.ts'
import { oldTypes } from './oldTypes.ts'

/** whisper: still written and read by whisper.cpp. The others ended with GGUF in August 2023. */
export type GgmlKind = 'whisper' | 'vad' | 'llama' | 'lora'

export interface GgmlFile {
  readonly kind: GgmlKind
  readonly container: 'ggml' | 'ggmf' | 'ggjt' | 'ggla'
  /** null: the container has none */
  readonly version: number | null
  /** in the order of the file */
  readonly numbers: ReadonlyMap<string, number>
  readonly vocabulary: number | null
  readonly tensors: readonly TensorRow[]
  readonly dataBytes: number
  /** the tensors could not be walked to the end: why */
  readonly stoppedAt: string | null
  readonly sizeBytes: number
}

const whisperNames = [
  'vocab',
  'audio_ctx',
  'audio_state',
  'audio_head',
  'audio_layer',
  'text_ctx',
  'text_state',
  'text_head',
  'text_layer',
  'mels',
  'ftype',
]
const llamaNames = ['vocab', 'embd', 'mult', 'head', 'layer', 'rot', 'ftype']

const containers: Readonly<Record<string, GgmlFile['container']>> = {
  lmgg: 'ggml',
  fmgg: 'ggmf',
  tjgg: 'ggjt',
  algg: 'ggla',
}
const newestVersion: Readonly<Record<GgmlFile['container'], number>> = { ggml: 0, ggmf: 1, ggjt: 3, ggla: 1 }
const limits = { tokens: 1_000_000, tensors: 20_000, nameBytes: 1024, mels: 1 << 20 }

/**
 * The headers, the vocabulary and the table of tensors. Sources: llama.cpp before August 2023, whisper.cpp's converter.
 * @throws FormatError when the header itself cannot be read
 */
export const readGgml = async (source: ByteSource, options: ReadOptions = {}): Promise<GgmlFile> => {
  const head = await source.read(0, Math.min(headBytes, source.sizeBytes))
  const container = containers[Buffer.from(head.buffer, head.byteOffset, Math.min(4, head.length)).toString('latin1')]
  if (container === undefined || source.sizeBytes < 16) throw diagnose(head, source.sizeBytes, 'GGML')
  const reader = createForwardReader(source, options)
  reader.skip(4)
  const version = container === 'ggml' ? null : await reader.u32()
  if (version !== null && (version < 1 || version > newestVersion[container]))
    throw new FormatError('BAD_VERSION', `Version ${version} of the ${container} format is not known.`, { offset: 4 })
  const kind = container === 'ggla' ? 'lora' : container === 'ggml' ? kindOf(head) : 'llama'
  const numbers = await readNumbers(reader, kind)
  const shape = { kind, container, version, numbers, sizeBytes: source.sizeBytes }
  if (kind === 'vad')
    return { ...shape, vocabulary: null, tensors: [], dataBytes: 0, stoppedAt: 'the layout of this kind is not known' }
  const vocabulary = kind === 'lora' ? null : await readVocabulary(reader, kind, numbers, container)
  return { ...shape, vocabulary, ...(await readTensors(reader, shape)) }
}

/** A voice detector tells its kind as a text; whisper has its window, 1,500 frames, where others have the embedding. */
const kindOf = (head: Uint8Array): GgmlKind => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const length = bytes.readUInt32LE(4)
  if (length > 0 && length < 64 && /^[a-z0-9._-]+$/i.test(bytes.toString('latin1', 8, 8 + length))) return 'vad'
  if (bytes.length < 48) return 'llama'
  const [mels, textContext] = [bytes.readUInt32LE(40), bytes.readUInt32LE(24)]
  return (mels === 80 || mels === 128) && textContext > 0 && textContext <= 4096 ? 'whisper' : 'llama'
}

const readNumbers = async (reader: ForwardReader, kind: GgmlKind): Promise<ReadonlyMap<string, number>> => {
  const names =
    kind === 'whisper' ? whisperNames : kind === 'llama' ? llamaNames : kind === 'lora' ? ['r', 'alpha'] : []
  const numbers = new Map<string, number>()
  for (const name of names) numbers.set(name, await reader.u32())
  return numbers
}

/** Texts with their lengths; llama adds a score to each from ggmf on, whisper puts the filters of its hearing before. */
const readVocabulary = async (
  reader: ForwardReader,
  kind: GgmlKind,
  numbers: ReadonlyMap<string, number>,
  container: GgmlFile['container'],
): Promise<number> => {
  if (kind === 'whisper') {
    const [mels, width] = [await reader.u32(), await reader.u32()]
    if (mels * width > limits.mels)
      throw new FormatError('OUT_OF_FILE', 'The filters are larger than any honest model has.', {
        offset: reader.position,
      })
    reader.skip(4 * mels * width)
  }
  const tokens = kind === 'whisper' ? await reader.u32() : (numbers.get('vocab') ?? 0)
  const score = kind === 'llama' && container !== 'ggml' ? 4 : 0
  if (tokens > limits.tokens || tokens * (4 + score) > reader.left)
    throw new FormatError('OUT_OF_FILE', `The file claims ${tokens} tokens, which do not fit into it.`, {
      offset: reader.position,
    })
  for (let index = 0; index < tokens; index++) {
    const length = await reader.u32()
    if (length > limits.nameBytes * 4)
      throw new FormatError('STRING_TOO_LONG', 'A token is longer than any honest one.', { offset: reader.position })
    await reader.bytes(length + score)
  }
  return tokens
}

interface Walked {
  readonly tensors: readonly TensorRow[]
  readonly dataBytes: number
  readonly stoppedAt: string | null
}

const readTensors = async (
  reader: ForwardReader,
  shape: Pick<GgmlFile, 'container' | 'version' | 'numbers' | 'kind'>,
): Promise<Walked> => {
  const tensors: TensorRow[] = []
  let dataBytes = 0
  const quantization = Math.floor((shape.numbers.get('ftype') ?? 0) / 1000)
  const types = oldTypes(
    (shape.container === 'ggjt' && shape.version === 3) || (shape.kind === 'whisper' && quantization >= 2),
  )
  const isAligned = shape.container === 'ggjt' || shape.container === 'ggla'
  while (reader.left > 0) {
    if (tensors.length >= limits.tensors)
      throw new FormatError('TOO_MANY_TENSORS', `The file has more than ${limits.tensors} tensors.`, {
        offset: reader.position,
      })
    const row = await readTensor(reader, types, isAligned)
    if (typeof row === 'string') return { tensors, dataBytes, stoppedAt: row }
    tensors.push(row)
    dataBytes += row.bytes
  }
  return { tensors, dataBytes, stoppedAt: null }
}

/** A text says why the walk cannot go on: the size of a type that is not known is not known either. */
const readTensor = async (
  reader: ForwardReader,
  types: ReturnType<typeof oldTypes>,
  isAligned: boolean,
): Promise<TensorRow | string> => {
  const at = reader.position
  const [dimensions, nameBytes, typeId] = [await reader.u32(), await reader.u32(), await reader.u32()]
  if (dimensions > 4)
    throw new FormatError('TOO_MANY_DIMENSIONS', `A tensor has ${dimensions} dimensions.`, { offset: at })
  if (nameBytes === 0 || nameBytes > limits.nameBytes)
    throw new FormatError('NAME_TOO_LONG', `The name of a tensor has ${nameBytes} bytes.`, { offset: at })
  const shape: number[] = []
  for (let index = 0; index < dimensions; index++) shape.unshift(await reader.u32())
  const name = (await reader.bytes(nameBytes)).toString('utf8')
  const type = types.get(typeId)
  if (type === undefined) return `the type ${typeId} of the tensor "${name.slice(0, 80)}" is not known`
  const elements = shape.reduce((product, length) => product * length, 1)
  const row = shape.at(-1) ?? 1
  if (!Number.isSafeInteger(elements) || row % type.blockSize !== 0)
    throw new FormatError('BAD_DIMENSION', `The tensor "${name.slice(0, 80)}" has a shape that cannot be.`, {
      offset: at,
    })
  if (isAligned) reader.skip((32 - (reader.position % 32)) % 32)
  const bytes = (elements / type.blockSize) * type.blockBytes
  const offset = reader.position
  reader.skip(bytes)
  return { name, type: type.name, shape, elements, bytes, offset, file: null }
}
