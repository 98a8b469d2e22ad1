import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { ChatRequest } from '../../shared/contract/answers.ts'
import { LoadOptions } from '../../shared/contract/models.ts'
import { AppError, messageOf } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import type {
  EngineMeasurement,
  EngineTest,
  ProviderChatChunk,
  ProviderChatRequest,
  ProviderInstance,
  ReportProgress,
} from '../providers/provider.ts'
import { createCrashLoop, withoutKeepAlive } from './crashLoop.ts'
import { crashOf, createEngineClient, type EngineClient } from './engineClient.ts'
import type { SpawnEngine } from './engineProcess.ts'
import { createIdleTimer } from './idleTimer.ts'
import type { EffectiveOptions } from './protocol.ts'

export interface EngineLoadRequest {
  /** the file, or the first shard; already checked by our own reader */
  readonly path: string
  readonly options: LoadOptions
}

/** `options` are those asked for, with the engine's choices filled in once it is loaded. */
export type EngineInstance = ProviderInstance & {
  /** what the load really became; null until it is loaded */
  readonly effective: EffectiveOptions | null
}

export type EngineChatRequest = ProviderChatRequest

export interface EngineSupervisorDeps {
  readonly spawn: SpawnEngine
  /** what an engine process may see of the environment: see engineEnvironment */
  readonly env: Readonly<Record<string, string>>
  readonly now: () => number
  readonly log: Log
  /** null: unknown */
  readonly physicalCores: () => number | null
  /** Called after every change of an instance. */
  readonly onChange: () => void
}

/** loading → loaded → unloading → gone; loading | loaded → failed → loading | gone */
type Phase =
  | { readonly state: 'loading'; readonly progress: number; readonly loaded: Promise<void> }
  | { readonly state: 'loaded'; readonly effective: EffectiveOptions; readonly loadedAt: number }
  | { readonly state: 'unloading'; readonly gone: Promise<void> }
  | { readonly state: 'failed'; readonly reason: string }

interface Engine {
  readonly key: string
  readonly client: EngineClient
  readonly requested: LoadOptions
  readonly reports: Set<ReportProgress>
  readonly idle: ReturnType<typeof createIdleTimer>
  keepAlive: LoadOptions['keepAlive']
  phase: Phase
  /** callers that wait for the load; when the last of them gives up, it is cancelled */
  waiting: number
  chats: number
}

const TestInput = z.object({
  type: z.enum(['prompt', 'generation']),
  tokens: z.int().min(1).max(1_048_576),
  depth: z.int().min(0).max(1_048_576),
})
const ChatInput = ChatRequest.omit({ model: true, stream: true }).extend({ everyToken: z.literal(true).optional() })

/**
 * Owns the engine processes, one for each model by its key. Callers say what they want to be there; who comes first and
 * what must wait is decided here.
 */
export function createEngineSupervisor(deps: EngineSupervisorDeps) {
  const { spawn, env, now, log, onChange } = deps
  const engines = new Map<string, Engine>()
  const crashLoop = createCrashLoop(now)
  let closed = false

  const enter = (engine: Engine, phase: Phase): void => {
    engine.phase = phase
    onChange()
  }
  const forget = (engine: Engine): void => {
    engine.idle.stop()
    if (engines.get(engine.key) === engine) engines.delete(engine.key)
    onChange()
  }
  const fail = (engine: Engine, error: unknown): void => {
    engine.idle.stop()
    log.warn({ model: engine.key, pid: engine.client.pid, reason: messageOf(error) }, 'engine failed')
    enter(engine, { state: 'failed', reason: messageOf(error) })
  }
  /** Ends the process; the instance is gone when the process is. */
  const end = (engine: Engine): Promise<void> => {
    if (engine.phase.state === 'unloading') return engine.phase.gone
    engine.idle.stop()
    const gone = engine.phase.state === 'loading' ? killed(engine.client) : engine.client.stop()
    const forgotten = gone.then(() => forget(engine))
    enter(engine, { state: 'unloading', gone: forgotten })
    return forgotten
  }

  function start(key: string, path: string, requested: LoadOptions): Engine {
    const client = createEngineClient(spawn({ ...env, BERTH_HOST_PID: String(process.pid) }), log)
    const reports = new Set<ReportProgress>()
    const loaded = client.load(
      { path, options: { ...withoutKeepAlive(requested), threads: threadsOf(requested, deps.physicalCores()) } },
      (progress) => {
        if (engine.phase.state !== 'loading') return
        for (const report of reports) report(progress)
        enter(engine, { ...engine.phase, progress })
      },
    )
    const settled = loaded.then(
      (effective) => {
        if (engine.phase.state !== 'loading') return
        log.info({ model: key, pid: client.pid, ...effective }, 'engine loaded a model')
        enter(engine, { state: 'loaded', effective, loadedAt: now() })
        engine.idle.restart(engine.keepAlive)
      },
      (error: unknown) => {
        if (engine.phase.state !== 'loading') throw new AppError('CANCELLED')
        fail(engine, error)
        void client.stop()
        throw error
      },
    )
    settled.catch(() => {}) // those who wait for it get it from their own call
    const engine: Engine = {
      key,
      client,
      requested,
      reports,
      idle: createIdleTimer(now, () => void end(engine)),
      keepAlive: requested.keepAlive,
      phase: { state: 'loading', progress: 0, loaded: settled },
      waiting: 0,
      chats: 0,
    }
    void client.exited.then((exit) => {
      if (client.isStopping()) return
      crashLoop.add(key, requested)
      if (engine.phase.state === 'loaded') fail(engine, crashOf(exit))
    })
    engines.set(key, engine)
    onChange()
    return engine
  }

  async function load(
    key: string,
    { path, options: input }: EngineLoadRequest,
    report: ReportProgress,
    signal: AbortSignal,
  ): Promise<EngineInstance> {
    const options = checked(LoadOptions, input)
    checkThreads(options, deps.physicalCores())
    for (let known = engines.get(key); known?.phase.state === 'unloading'; known = engines.get(key))
      await known.phase.gone
    if (closed || signal.aborted) throw new AppError('CANCELLED')

    const known = engines.get(key)
    const reason = known?.phase.state === 'failed' ? known.phase.reason : null
    if (known !== undefined && reason === null) {
      if (!satisfies(known, options))
        throw new AppError('BUSY', 'The model is loaded with other options.', { advice: 'Unload it first.' })
      if (options.keepAlive !== undefined) known.keepAlive = options.keepAlive
    } else crashLoop.check(key, options, reason)
    const engine = known !== undefined && reason === null ? known : start(key, path, options)
    if (engine.phase.state === 'loading') await waitForLoad(engine, engine.phase.loaded, report, signal)
    else if (engine.chats === 0) engine.idle.restart(engine.keepAlive)
    return toInstance(engine)
  }

  async function waitForLoad(
    engine: Engine,
    loaded: Promise<void>,
    report: ReportProgress,
    signal: AbortSignal,
  ): Promise<void> {
    const aborted = Promise.withResolvers<never>()
    const giveUp = (): void => aborted.reject(new AppError('CANCELLED'))
    const ownReport: ReportProgress = (fraction) => report(fraction)
    signal.addEventListener('abort', giveUp)
    engine.reports.add(ownReport)
    engine.waiting += 1
    try {
      await Promise.race([loaded, aborted.promise])
    } catch (error) {
      // The last to give up ends it, and goes when nothing of it is left.
      if (signal.aborted && engine.waiting === 1 && engine.phase.state === 'loading') await end(engine)
      throw error
    } finally {
      engine.waiting -= 1
      engine.reports.delete(ownReport)
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Numbers are checked here: native code takes them as they are. */
  async function measure(key: string, input: EngineTest, signal: AbortSignal): Promise<EngineMeasurement> {
    const test = checked(TestInput, input)
    const { engine, release } = busyWith(key)
    try {
      const room = toInstance(engine).contextLength ?? 0
      const needed = test.depth + test.tokens
      if (needed > room)
        throw new AppError('INVALID_INPUT', `This needs a context of ${needed} tokens, and the model has ${room}.`, {
          advice: 'Load it with a longer context.',
        })
      return await engine.client.measure(test, signal)
    } finally {
      release()
    }
  }

  /** An answer keeps its model from going for want of use. */
  const busyWith = (key: string): { engine: Engine; release: () => void } => {
    const engine = engines.get(key)
    if (engine?.phase.state !== 'loaded') throw new AppError('MODEL_NOT_LOADED')
    engine.idle.stop()
    engine.chats += 1
    onChange()
    const release = () => {
      engine.chats -= 1
      if (engine.chats === 0 && engine.phase.state === 'loaded') engine.idle.restart(engine.keepAlive)
      onChange()
    }
    return { engine, release }
  }

  async function* chat(
    key: string,
    input: EngineChatRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ProviderChatChunk, void, void> {
    const request = checked(ChatInput, input)
    const { engine, release } = busyWith(key)
    try {
      yield* engine.client.chat(
        {
          messages: request.messages,
          ...(request.maxTokens === undefined ? {} : { maxTokens: request.maxTokens }),
          ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
          ...(request.seed === undefined ? {} : { seed: request.seed }),
          ...(request.everyToken && { everyToken: true }),
        },
        signal,
      )
    } finally {
      release()
    }
  }

  return {
    /**
     * Resolves when loaded. A load that is under way or done is joined when it has what is asked for, else BUSY. Aborting
     * the last that waits ends it, and rejects when the process is gone.
     */
    load,
    /** Resolves when the process is gone, at once when there is none. */
    async unload(key: string): Promise<void> {
      const engine = engines.get(key)
      if (engine?.phase.state === 'failed') forget(engine)
      else if (engine !== undefined) await end(engine)
    },
    /** The last chunk is `done`. One chat at a time: others wait in order. */
    chat,
    /** One vector for each text; waits for its turn like a chat. */
    async embed(key: string, input: readonly string[], signal: AbortSignal) {
      const { engine, release } = busyWith(key)
      try {
        return { ...(await engine.client.embed(input, signal)), costUsd: null }
      } finally {
        release()
      }
    },
    /** Waits for its turn like a chat. Aborting ends it after the batch, or the token, that is under way. */
    measure,
    /** From now on; a model in use goes when its time without use is over. */
    keepAlive(key: string, keepAlive: NonNullable<LoadOptions['keepAlive']>): void {
      const engine = engines.get(key)
      if (engine?.phase.state !== 'loaded') throw new AppError('MODEL_NOT_LOADED')
      engine.keepAlive = keepAlive
      if (engine.chats === 0) engine.idle.restart(keepAlive)
      onChange()
    },
    instances: (): readonly EngineInstance[] => [...engines.values()].map(toInstance),
    /** Ends every engine process; nothing can be loaded after it. */
    async close(): Promise<void> {
      closed = true
      await Promise.all([...engines.values()].filter(({ phase }) => phase.state !== 'failed').map(end))
    },
  }
}
export type EngineSupervisor = ReturnType<typeof createEngineSupervisor>

async function killed(client: EngineClient): Promise<void> {
  client.kill()
  await client.exited
}

function checked<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error } },
  value: unknown,
): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AppError('INVALID_INPUT', parsed.error.message)
  return parsed.data
}

/** All cores but one: with all of them one that is busy otherwise stops the others at every step. */
const threadsOf = ({ threads }: LoadOptions, physicalCores: number | null): number =>
  threads ?? Math.max(1, (physicalCores ?? 2) - 1)

/** More threads than the machine can run at once make the engine wait for itself; llama.cpp aborts beyond 512. */
function checkThreads({ threads }: LoadOptions, physicalCores: number | null): void {
  const limit = Math.min(512, (physicalCores ?? 256) * 2)
  if (threads !== undefined && threads > limit)
    throw new AppError('INVALID_INPUT', `This machine has no use for more than ${limit} threads.`)
}

/** Whether a model that is loaded, or on its way, is what is asked for. What the request leaves out is as it may be. */
const satisfies = ({ requested, phase }: Engine, asked: LoadOptions): boolean => {
  const chosen: LoadOptions = phase.state === 'loaded' ? chosenBy(phase.effective) : {}
  return Object.entries(withoutKeepAlive(asked)).every(
    ([name, value]) =>
      value === undefined || isDeepStrictEqual({ ...chosen, ...requested }[name as keyof LoadOptions], value),
  )
}

/** The engine's choices as options; null, where it does not tell, is left out. */
function chosenBy(effective: EffectiveOptions): LoadOptions {
  const { contextLength, threads, batchSize, flashAttention, kvCacheType, mmap, gpuLayers } = effective
  return {
    contextLength,
    threads,
    batchSize,
    mmap,
    ...(gpuLayers === null ? {} : { gpuLayers: gpuLayers.offloaded }),
    ...(flashAttention === null ? {} : { flashAttention }),
    ...(kvCacheType === null ? {} : { kvCacheType }),
  }
}

function toInstance({ key, client, requested, keepAlive, phase, chats, idle }: Engine): EngineInstance {
  const effective = phase.state === 'loaded' ? phase.effective : null
  const options = { ...requested, ...(keepAlive === undefined ? {} : { keepAlive }) }
  return {
    key,
    instance: null,
    state: phase.state,
    reason: phase.state === 'failed' ? phase.reason : null,
    kvCacheUse: null,
    progress: phase.state === 'loading' ? phase.progress : null,
    options: effective === null ? options : { ...options, ...chosenBy(effective) },
    memory: effective === null ? [] : memoryOf(effective),
    contextLength: effective?.contextLength ?? null,
    gpuLayers: effective?.gpuLayers ?? null,
    backend: effective === null ? null : backendOf(effective),
    pid: phase.state === 'failed' ? null : client.pid,
    loadedAt: phase.state === 'loaded' ? phase.loadedAt : null,
    expiresAt: phase.state !== 'loaded' ? null : (idle.firesAt() ?? (typeof keepAlive === 'number' ? null : 'never')),
    activeRequests: phase.state === 'loaded' ? chats : null,
    effective,
  }
}

const backendNames: Readonly<Record<string, string>> = { cuda: 'CUDA', vulkan: 'Vulkan', metal: 'Metal' }
const backendOf = ({ gpu }: EffectiveOptions): string => (gpu === null ? 'CPU' : (backendNames[gpu] ?? gpu))

/** llama.cpp counts all GPUs together, so the device is just `gpu`. */
const memoryOf = ({ ramBytes, vramBytes }: EffectiveOptions): ProviderInstance['memory'] => [
  { device: 'cpu', bytes: ramBytes, source: 'reported' },
  ...(vramBytes === 0 ? [] : [{ device: 'gpu', bytes: vramBytes, source: 'reported' as const }]),
]
