import type { LlamaContext, Token } from 'node-llama-cpp'
import type { EngineMeasurement, EngineTest } from '../../providers/provider.ts'
import { EngineError } from './faults.ts'
import type { LoadedModel } from './loadModel.ts'

/**
 * What node-llama-cpp itself decodes with. Its public calls cannot measure an engine: those that generate sample each token
 * (a tenth of the time on a small model), and those that only evaluate leave the logits out.
 */
interface Native {
  initBatch(tokens: number): void
  /** `logits`: of which of these tokens they are computed */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logits: Uint32Array): unknown
  /** Resolves when the device has done it. */
  decodeBatch(): Promise<void>
  /** A position below 0 is the beginning or the end. False: this kind of memory cannot let go of a part. */
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean
}

/** A context of ours has one sequence. */
const sequenceId = 0

/** Tokens at the beginning of the memory that the next measurement of the same depth can use; null: something else is there. */
const prefilled = new WeakMap<LoadedModel, number | null>()

/**
 * One measurement as llama-bench takes it (tools/llama-bench, `test_prompt` and `test_gen`): random tokens, nothing before
 * them but `depth` others, whose reading is not in it. A prompt is decoded in batches with the logits of each one's last
 * token, generation one token at a time with its logits; nothing is sampled. Ends between two decodes when aborted.
 */
export async function measure(
  loaded: LoadedModel,
  { type, tokens, depth }: EngineTest,
  signal: AbortSignal,
): Promise<EngineMeasurement> {
  const native = nativeOf(loaded.context)
  const random = randomTokens(loaded)
  const decode = async (from: number, count: number, step: number): Promise<void> => {
    for (let at = from; at < from + count; at += step) {
      signal.throwIfAborted()
      const batch = random(at, Math.min(step, from + count - at))
      native.initBatch(batch.length)
      native.addToBatch(sequenceId, at, batch, Uint32Array.of(batch.length - 1))
      await native.decodeBatch()
    }
  }
  const { batchSize } = loaded.context
  if (!keepOnly(loaded, native, depth)) {
    await endMeasuring(loaded)
    await loaded.sequence.clearHistory()
    prefilled.set(loaded, null)
    await decode(0, depth, batchSize)
    prefilled.set(loaded, depth)
  }
  const startedAt = performance.now()
  await decode(depth, tokens, type === 'prompt' ? batchSize : 1)
  return { tokens, ms: performance.now() - startedAt }
}

/** Gives the memory back to chats, which do not know what stands in it. */
export async function endMeasuring(loaded: LoadedModel): Promise<void> {
  if (!prefilled.has(loaded)) return
  if (!nativeOf(loaded.context).removeTokenCellsFromSequence(sequenceId, -1, -1))
    throw new Error('The engine cannot empty its memory.')
  prefilled.delete(loaded)
}

/** Whether the memory holds exactly the tokens that are to be before the next ones. */
function keepOnly(loaded: LoadedModel, native: Native, depth: number): boolean {
  // Of a sliding window, the tokens behind it are gone with those that came after them.
  const isSliding = (loaded.model.fileInsights.swaSize ?? 0) > 0
  if (prefilled.get(loaded) !== depth || isSliding) return false
  return native.removeTokenCellsFromSequence(sequenceId, depth, -1)
}

/** `count` of the whole vocabulary, whatever they mean; at position 0 the one that the model begins with. */
function randomTokens({ model }: LoadedModel): (position: number, count: number) => Uint32Array {
  const vocabulary = model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? 0
  if (vocabulary === 0) throw new EngineError('ANSWER_FAILED', 'This model has no tokens to measure it with.')
  const begin: Token | null = model.tokens.shouldPrependBosToken ? model.tokens.bos : null
  return (position, count) => {
    const tokens = Uint32Array.from({ length: count }, () => Math.floor(Math.random() * vocabulary))
    if (position === 0 && begin !== null) tokens[0] = begin
    return tokens
  }
}

/**
 * The package is pinned to one version, whose contexts have this part (`LlamaContext.js`, `AddonTypes.d.ts`) though its types
 * leave it out; another version may not.
 */
function nativeOf(context: LlamaContext): Native {
  const native: unknown = '_ctx' in context ? context._ctx : null
  if (!isNative(native)) throw new Error('This version of node-llama-cpp cannot be measured with.')
  return native
}

const names: readonly (keyof Native)[] = ['initBatch', 'addToBatch', 'decodeBatch', 'removeTokenCellsFromSequence']

const isNative = (value: unknown): value is Native =>
  typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function')
