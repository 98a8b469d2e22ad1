import type { KvCacheType } from '../../shared/contract/models.ts'

/** What of a model file decides about memory; a structural part of what the format readers find. Null: unknown. */
export interface MemoryFacts {
  readonly architecture: string | null
  readonly contextLength: number | null
  readonly geometry: {
    readonly blockCount: number | null
    readonly embeddingLength: number | null
    readonly feedForwardLength: number | readonly number[] | null
    readonly headCount: number | readonly number[] | null
    readonly headCountKv: number | readonly number[] | null
    readonly keyLength: number | null
    readonly valueLength: number | null
    readonly keyLengthMla: number | null
    readonly kvLoraRank: number | null
    readonly ropeDimensionCount: number | null
    readonly slidingWindow: number | null
    readonly slidingWindowPattern: number | readonly number[] | null
    readonly expertUsedCount: number | null
    readonly expertFeedForwardLength: number | readonly number[] | null
    readonly fullAttentionInterval: number | null
    readonly recurrentLayers: readonly number[] | null
    readonly ssmInnerSize: number | null
    readonly wkvHeadSize: number | null
    readonly shortconvCache: number | null
    readonly kdaHeadDim: number | null
    readonly poolingType: number | null
    readonly causalAttention: boolean | null
    readonly weights: { readonly total: number }
  } | null
}

type Geometry = NonNullable<MemoryFacts['geometry']>

export interface MemoryEstimate {
  readonly weightBytes: number
  readonly kvCacheBytes: number
  readonly computeBytes: number
  readonly totalBytes: number
}

/** Bytes per element of a KV cache; quantised ones are a block's bytes over its elements. */
const bytesPerElement: Record<KvCacheType, number> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
  iq4_nl: 18 / 32,
}

/** llama.cpp rounds a context up to whole pages of this many cells. */
const contextPage = 256
/** Tokens that llama.cpp evaluates at once by default (n_ubatch). */
const defaultBatch = 512

const at = (value: number | readonly number[] | null, layer: number): number | null =>
  value === null || typeof value === 'number' ? value : (value[layer] ?? null)

const largest = (value: number | readonly number[] | null): number | null =>
  value === null || typeof value === 'number' ? value : Math.max(...value)

const pad = (tokens: number): number => Math.ceil(tokens / contextPage) * contextPage

/** Layers with a state of their own instead of a KV cache: their rules differ by family. */
const isRecurrent = (g: Geometry): boolean =>
  [g.ssmInnerSize, g.wkvHeadSize, g.shortconvCache, g.kdaHeadDim, g.fullAttentionInterval, g.recurrentLayers].some(
    (fact) => fact !== null,
  )

/** Encoders (BERT and its kin) look at the whole text at once and keep nothing. */
const isEncoder = (g: Geometry): boolean =>
  g.causalAttention === false || (g.poolingType !== null && g.poolingType >= 0 && g.causalAttention !== true)

/** Architectures that carry the key without using it. */
const ignoresWindow = new Set(['llama', 'phi3', 'qwen2', 'qwen3'])

const isSliding = (pattern: number | readonly number[], layer: number): boolean =>
  typeof pattern === 'number' ? pattern > 0 && layer % pattern < pattern - 1 : (pattern[layer] ?? 0) !== 0

/**
 * ≈ bytes for loading a model into llama.cpp, over all devices together: weights, KV cache and compute buffer for one
 * sequence with flash attention, by llama.cpp's own planning rules (build 11669).
 *
 * @param contextLength tokens of the context that will be made
 * @returns null where the file does not say enough, or the architecture follows rules of its own
 */
export const estimateMemory = (
  facts: MemoryFacts,
  {
    contextLength,
    kvCacheType,
    batchSize,
  }: { contextLength: number; kvCacheType: KvCacheType; batchSize?: number | undefined },
): MemoryEstimate | null => {
  const g = facts.geometry
  if (g === null) return null
  const { blockCount, embeddingLength } = g
  const heads = largest(g.headCount)
  if (blockCount === null || embeddingLength === null || heads === null || heads === 0 || isRecurrent(g)) return null
  const cells = pad(contextLength)
  const batch = Math.min(batchSize ?? defaultBatch, defaultBatch, cells)
  const window = g.slidingWindow !== null && !ignoresWindow.has(facts.architecture ?? '') ? g.slidingWindow : null
  if (window !== null && g.slidingWindowPattern === null) return null
  const slidingCells = window === null ? 0 : pad(Math.min(cells, window + batch))
  const key = g.keyLength ?? embeddingLength / heads
  const value = g.valueLength ?? embeddingLength / heads
  const isMla = g.keyLengthMla !== null && g.kvLoraRank !== null
  let kvElements = 0
  for (let layer = 0; layer < (isEncoder(g) ? 0 : blockCount); layer++) {
    const layerCells =
      window !== null && g.slidingWindowPattern !== null && isSliding(g.slidingWindowPattern, layer)
        ? slidingCells
        : cells
    const kvHeads = at(g.headCountKv, layer) ?? at(g.headCount, layer) ?? heads
    const row = isMla ? (g.kvLoraRank ?? 0) + (g.ropeDimensionCount ?? 0) : kvHeads * (key + value)
    kvElements += row * layerCells
  }
  const feedForward = Math.max(
    largest(g.feedForwardLength) ?? 0,
    (largest(g.expertFeedForwardLength) ?? 0) * (g.expertUsedCount ?? 0),
  )
  const flat = Math.max(3 * feedForward + 5 * embeddingLength, 5 * embeddingLength + 2 * heads * key)
  const mask = (cells + slidingCells) / 2
  const weightBytes = g.weights.total
  const kvCacheBytes = Math.ceil(kvElements * bytesPerElement[kvCacheType])
  const computeBytes = Math.ceil(4 * batch * (flat + mask))
  return { weightBytes, kvCacheBytes, computeBytes, totalBytes: weightBytes + kvCacheBytes + computeBytes }
}
