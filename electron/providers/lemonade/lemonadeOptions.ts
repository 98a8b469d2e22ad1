import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { ListedModel } from './lemonadeSchemas.ts'

/** Recipes whose runtime takes a context length. */
const takesContext: ReadonlySet<string> = new Set(['llamacpp', 'flm', 'ryzenai-llm', 'vllm'])

const refused = (words: string): AppError =>
  new AppError('VERB_NOT_SUPPORTED', words, { advice: 'Leave the option out, or choose another value.' })

/**
 * Our options as fields of /v1/load. What would make the load fail is refused before: a load that fails costs every loaded
 * model. `alone`: nothing else is loaded.
 * @throws AppError VERB_NOT_SUPPORTED
 */
export const toLoadFields = (options: LoadOptions, model: ListedModel, alone: boolean) => {
  const { contextLength, keepAlive } = options
  const recipe = model.recipe ?? 'unknown'
  checkContext(contextLength, model, recipe)
  const args = toLlamaArgs(options, alone)
  if (args.length > 0 && recipe !== 'llamacpp')
    throw refused(`Lemonade runs ${model.id} by ${recipe}, which takes no options of llama.cpp: ${args.join(' ')}.`)
  // they take the place of those that a person saved for this model; of a flag that is there twice the last counts
  const saved = model.recipe_options?.llamacpp_args?.trim()
  return {
    ...(contextLength !== undefined && { ctx_size: contextLength }),
    ...(args.length > 0 && { llamacpp_args: [...(saved ? [saved] : []), ...args].join(' ') }),
    ...(keepAlive === 'forever' && { pinned: true }),
    ...(typeof keepAlive === 'number' && { auto_evict: true, evict_idle_timeout: keepAlive }),
  }
}

const checkContext = (contextLength: number | undefined, model: ListedModel, recipe: string): void => {
  if (contextLength === undefined) return
  if (!takesContext.has(recipe)) throw refused(`Lemonade runs ${model.id} by ${recipe}, which takes no context length.`)
  const trained = model.max_context_window
  if (trained !== null && trained > 0 && contextLength > trained)
    throw refused(
      `${model.id} was trained for ${trained} tokens; Lemonade would fail to load it with ${contextLength}.`,
    )
}

/** In the words of llama-server. */
const toLlamaArgs = (options: LoadOptions, alone: boolean): string[] => {
  const { gpuLayers, threads, batchSize, flashAttention, kvCacheType, mmap } = options
  const quantised = kvCacheType !== undefined && !['f32', 'f16', 'bf16'].includes(kvCacheType)
  if (quantised && flashAttention === false)
    throw refused(`A KV cache of the type ${kvCacheType} needs flash attention.`)
  if (mmap !== undefined && !alone)
    throw refused(
      'Not every llama-server knows the option for memory mapping, and a load that fails would cost the models that Lemonade has loaded: unload them first.',
    )
  return [
    ...(gpuLayers !== undefined && gpuLayers !== 'auto' ? ['-ngl', String(gpuLayers)] : []),
    ...(threads !== undefined ? ['-t', String(threads)] : []),
    ...(batchSize !== undefined ? ['-b', String(batchSize)] : []),
    ...(flashAttention !== undefined ? ['-fa', flashAttention ? 'on' : 'off'] : []),
    ...(kvCacheType !== undefined ? ['-ctk', kvCacheType, '-ctv', kvCacheType] : []),
    ...(mmap !== undefined ? ['--load-mode', mmap ? 'mmap' : 'none'] : []),
  ]
}
