import { registerHooks } from 'node:module'
import type { ChatWrapper, LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp'
import { defaultContextLength } from '../../../shared/contextLength.ts'
import type { KvCacheType } from '../../../shared/contract/models.ts'
import type { EffectiveOptions, EngineLoad } from '../protocol.ts'
import { EngineError } from './faults.ts'
import type { RunTemplate } from './watchdog.ts'

const PROGRESS_INTERVAL_MS = 40
/** The share of the weights in the progress; the rest is the context, of which llama.cpp tells nothing. */
const WEIGHTS_SHARE = 0.95

export interface LoadedModel {
  readonly library: typeof import('node-llama-cpp')
  readonly model: LlamaModel
  readonly context: LlamaContext
  readonly sequence: LlamaContextSequence
  readonly wrapper: ChatWrapper
  readonly effective: EffectiveOptions
}

export interface LoadDeps {
  readonly report: (fraction: number) => void
  readonly runTemplate: RunTemplate
  /** Takes llama.cpp's warnings and errors. */
  readonly log: (line: string) => void
}

export async function loadModel({ path, options }: EngineLoad, deps: LoadDeps): Promise<LoadedModel> {
  const { contextLength, gpuLayers = 'auto', kvCacheType, flashAttention, mmap, threads } = options
  if (flashAttention === false && isQuantized(kvCacheType))
    throw new EngineError('OPTION_IMPOSSIBLE', `A ${kvCacheType} cache needs flash attention, which was turned off.`)

  skipNeedlessBindingTest()
  const library = await import('node-llama-cpp')
  const llama = await library.getLlama({
    gpu: gpuLayers === 0 ? false : 'auto',
    build: 'never',
    progressLogs: false,
    logLevel: library.LlamaLogLevel.warn,
    logger: (_level, message) => deps.log(message.trim()),
    // No limit of its own: its default is at least 4 threads, and 4 threads on 2 cores hardly move.
    maxThreads: 0,
  })
  const model = await llama.loadModel({
    modelPath: path,
    gpuLayers:
      gpuLayers === 'auto' ? { fitContext: { contextSize: contextLength ?? defaultContextLength(null) } } : gpuLayers,
    ...(mmap === undefined ? {} : { useMmap: mmap }),
    onLoadProgress: throttle(PROGRESS_INTERVAL_MS, (fraction) => deps.report(fraction * WEIGHTS_SHARE)),
  })
  if (flashAttention === true && !model.flashAttentionSupported)
    throw new EngineError('OPTION_IMPOSSIBLE', 'This model does not work with flash attention.')

  const trained = model.trainContextSize
  const creating = model.createContext({
    contextSize: contextLength ?? { max: defaultContextLength(trained > 0 ? trained : null) },
    threads: { ideal: threads, min: threads },
    ...(options.batchSize === undefined ? {} : { batchSize: Math.min(options.batchSize, contextLength ?? trained) }),
    ...(flashAttention === undefined ? {} : { flashAttention }),
    ...kvCacheOptions(library, kvCacheType),
  })
  const context = await creating.catch((error: unknown) => {
    if (kvCacheType === undefined || error instanceof library.InsufficientMemoryError) throw error
    throw new Error(`The engine could not make a context with a ${kvCacheType} cache: ${String(error)}`)
  })
  const cacheType = library.GgmlType[context.kvCacheKeyType]?.toLowerCase()
  if (kvCacheType !== undefined && cacheType !== kvCacheType)
    throw new EngineError('OPTION_IMPOSSIBLE', `The engine has no ${kvCacheType} cache.`)
  const memory = [model.memoryUsage, context.memoryUsage]
  return {
    library,
    model,
    context,
    wrapper: deps.runTemplate(() => chatWrapperOf(library, model)),
    sequence: context.getSequence(),
    effective: {
      contextLength: context.contextSize,
      trainingContextLength: trained > 0 ? trained : null,
      gpuLayers: { offloaded: model.gpuLayers, total: model.fileInsights.totalLayers },
      threads: context.currentThreads,
      batchSize: context.batchSize,
      flashAttention: context.flashAttention === 'auto' ? null : context.flashAttention,
      kvCacheType: (cacheType as KvCacheType | undefined) ?? null,
      mmap: model.useMmap,
      gpu: llama.gpu === false ? null : llama.gpu,
      ramBytes: memory.reduce((sum, { ram }) => sum + ram, 0),
      vramBytes: memory.reduce((sum, { vram }) => sum + vram, 0),
    },
  }
}

/**
 * The model's own template, rendered as it is. Looking first whether a built-in wrapper does the same, as the library does
 * by itself, takes 0.2 s of every load; it is worth that only where the answer has channels, which must be told apart.
 */
function chatWrapperOf(library: typeof import('node-llama-cpp'), model: LlamaModel): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer?.chat_template
  const type = template === undefined || template.includes('<|channel|>') ? 'auto' : 'jinjaTemplate'
  return library.resolveChatWrapper(model, { type })
}

const bindingTest = '/node-llama-cpp/dist/bindings/utils/testBindingBinary.js'

/**
 * node-llama-cpp tries a binary in another process first (0.35 s), so that one that crashes does not take the caller
 * with it. For the CPU there is nothing to fall back to, and this process is there to be crashed. Inside Electron's
 * utilityProcess that other process would be a second Electron. Only with a GPU under Node is the test worth its time:
 * it is what makes the fall-back from CUDA to Vulkan or the CPU work.
 */
function skipNeedlessBindingTest(): void {
  registerHooks({
    load: (url, context, nextLoad) =>
      url.endsWith(bindingTest)
        ? {
            format: 'module',
            shortCircuit: true,
            source: `export const testBindingBinary = async (path, backends, gpu, ...rest) =>
              gpu === false || 'electron' in process.versions ||
              (await import('${url}?real')).testBindingBinary(path, backends, gpu, ...rest)`,
          }
        : nextLoad(url, context),
  })
}

const isQuantized = (type: KvCacheType | undefined): boolean => type !== undefined && /^i?q/.test(type)

function kvCacheOptions(library: LoadedModel['library'], type: KvCacheType | undefined) {
  if (type === undefined) return {}
  const name = type.toUpperCase()
  if (!isGgmlType(library, name)) throw new EngineError('OPTION_IMPOSSIBLE', `The engine has no ${type} cache.`)
  return { experimentalKvCacheKeyType: name, experimentalKvCacheValueType: name }
}

const isGgmlType = (
  library: LoadedModel['library'],
  name: string,
): name is keyof typeof import('node-llama-cpp').GgmlType => name in library.GgmlType

/** Calls at most once per interval, and always for a fraction of 1. */
function throttle(intervalMs: number, call: (fraction: number) => void): (fraction: number) => void {
  let last = Number.NEGATIVE_INFINITY
  return (fraction) => {
    const now = performance.now()
    if (now - last < intervalMs && fraction < 1) return
    last = now
    call(fraction)
  }
}
