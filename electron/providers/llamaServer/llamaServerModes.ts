import type { LoadOptions } from '../../../shared/contract/models.ts'
import type { Verb } from '../../../shared/contract/providers.ts'
import { AppError } from '../../lib/appError.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'
import type { Props } from './llamaServerSchemas.ts'

/** `single`: one model, loaded since the start. `router`: many, each in a process of its own. */
export type Mode = 'single' | 'router'
type Sentences = Readonly<Partial<Record<Verb, string>>>

const always: Sentences = {
  keepAlive: 'llama-server is told where it starts how long an unused model stays: --sleep-idle-seconds.',
  push: 'llama-server publishes no models.',
  create: 'llama-server runs GGUF files as they are and makes no models of them.',
  copy: 'llama-server names models by their files or in its preset file: another name is another section there.',
}
export const inMode = {
  single: {
    load: 'This llama-server runs the one model it was started with. Started without a model, as a router, it loads and unloads.',
    unload:
      'This llama-server keeps its one model until it is stopped. Started without a model, as a router, it loads and unloads.',
    pull: 'This llama-server runs the one model it was started with. Started without a model, as a router, it downloads others.',
    remove: 'This llama-server runs a file that somebody gave it, and removes none.',
  },
  router: {
    adapters:
      'A llama-server that runs many models cannot be told whose adapters to change. Name them in its preset file, or start one for this model alone.',
  },
} satisfies Readonly<Record<Mode, Sentences>>

/** Of one model; others of the same router can be removed. */
export const notDownloadedByIt = 'llama-server removes only what it downloaded itself, and this model it did not.'

/** The same server is either, as it was started, so which one is seen with each look. */
export const createModes = (client: LlamaServerClient, address: string) => {
  let mode: Mode | null = null
  /** One object for ever, whose sentences follow the mode: who was given it sees them change. */
  const cannot: Partial<Record<Verb, string>> = { ...always }

  const become = (next: Mode): void => {
    if (next === mode) return
    mode = next
    for (const verb of Object.values(inMode).flatMap((each) => Object.keys(each))) Reflect.deleteProperty(cannot, verb)
    Object.assign(cannot, inMode[next])
  }

  /** @throws AppError PROVIDER_WRONG_KIND, PROVIDER_TOO_OLD */
  const learn = (props: Props): { readonly mode: Mode; readonly version: string } => {
    const isRouter = props.role === 'router'
    if (!isRouter && props.default_generation_settings === null)
      throw new AppError('PROVIDER_WRONG_KIND', `What answers at ${address} is not a llama-server.`)
    if (props.build_info === null || props.build_info === '')
      throw new AppError('PROVIDER_TOO_OLD', 'This llama-server does not tell its build, so it is too old.', {
        advice: 'Update llama.cpp.',
      })
    become(isRouter ? 'router' : 'single')
    return { mode: isRouter ? 'router' : 'single', version: props.build_info }
  }

  const current = async (signal: AbortSignal): Promise<Mode> => mode ?? learn(await client.props(null, signal)).mode

  return {
    cannot,
    learn,
    /** null before its first answer */
    known: (): Mode | null => mode,
    /** Rejects with VERB_NOT_SUPPORTED where a server in this mode has no such verb. */
    demand: async (verb: Verb, signal: AbortSignal): Promise<void> => {
      const sentences: Sentences = inMode[await current(signal)]
      const why = sentences[verb]
      if (why !== undefined) throw new AppError('VERB_NOT_SUPPORTED', why)
    },
  }
}
export type Modes = ReturnType<typeof createModes>

const atStart = (what: string, flags: string): string =>
  `llama-server takes ${what} where it starts: ${flags} on its command line or in the preset file of a router.`

/** No option is taken per load: a router has them in its preset, a single server on its command line. */
export const ignoredOptions: Readonly<Record<keyof LoadOptions, string>> = {
  contextLength: atStart('the context length', '--ctx-size'),
  gpuLayers: atStart('the layers on the GPU', '--n-gpu-layers'),
  threads: atStart('the number of threads', '--threads'),
  batchSize: atStart('the batch size', '--batch-size'),
  flashAttention: atStart('flash attention', '--flash-attn'),
  kvCacheType: atStart('the type of the KV cache', '--cache-type-k and --cache-type-v'),
  mmap: atStart('how files are read', '--load-mode'),
  keepAlive: atStart('how long an unused model stays', '--sleep-idle-seconds'),
}
