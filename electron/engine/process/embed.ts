import type { LlamaEmbeddingContext } from 'node-llama-cpp'
import { EngineError } from './faults.ts'
import type { LoadedModel } from './loadModel.ts'

/** Made with the first text: a model that only chats never needs one. */
const contexts = new WeakMap<LoadedModel, Promise<LlamaEmbeddingContext>>()

const contextOf = (loaded: LoadedModel): Promise<LlamaEmbeddingContext> => {
  const { contextLength, threads } = loaded.effective
  const known = contexts.get(loaded) ?? loaded.model.createEmbeddingContext({ contextSize: contextLength, threads })
  contexts.set(loaded, known)
  return known
}

/** One vector of length 1 for each text, as its model pools them. A text above the context is refused, never cut. */
export async function embed(
  loaded: LoadedModel,
  input: readonly string[],
  signal: AbortSignal,
): Promise<{ vectors: number[][]; promptTokens: number }> {
  const context = await contextOf(loaded)
  const { contextLength } = loaded.effective
  const vectors: number[][] = []
  let promptTokens = 0
  for (const [index, text] of input.entries()) {
    signal.throwIfAborted()
    const tokens = loaded.model.tokenize(text)
    if (tokens.length > contextLength)
      throw new EngineError(
        'PROMPT_TOO_LONG',
        `Text ${index + 1} is ${tokens.length} tokens; with a context of ${contextLength} no more fit.`,
      )
    promptTokens += tokens.length
    const { vector } = await context.getEmbeddingFor(tokens)
    vectors.push(normalized(vector))
  }
  return { vectors, promptTokens }
}

const normalized = (vector: readonly number[]): number[] => {
  const length = Math.hypot(...vector)
  return length > 0 ? vector.map((value) => value / length) : [...vector]
}
