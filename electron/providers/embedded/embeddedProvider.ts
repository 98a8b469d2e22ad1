import type { LoadOptions } from '../../../shared/contract/models.ts'
import { lacksOfRole } from '../parts/lacks.ts'
import { createListeners } from '../parts/listeners.ts'
import { unknownModel } from '../parts/unknown.ts'
import type { Provider, ProviderChatChunk, ProviderDetails, ProviderInstance, ProviderModel } from '../provider.ts'

/** What the library knows of one model file; a structural part of its artifacts. */
export interface ModelFile {
  readonly key: string
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: number
  readonly format: string
  readonly name: string
  readonly error: { readonly code: string; readonly message: string } | null
  readonly summary: {
    readonly role: ProviderModel['role']
    readonly loadable: boolean
    readonly reason: string | null
    readonly capabilities: readonly string[]
    readonly architecture: string | null
    readonly parameterCount: number | null
    readonly quantization: string | null
    readonly bitsPerWeight: number | null
    readonly contextLength: number | null
  } | null
}

export interface EmbeddedProviderDeps<File extends ModelFile> {
  readonly files: () => readonly File[]
  /** as it is on the disk now, read again where it changed since it was scanned */
  readonly verify: (key: string) => Promise<File>
  readonly details: (key: string) => Promise<ProviderDetails>
  /** with the options that were asked for */
  readonly load: (
    file: File,
    options: LoadOptions,
    report: (fraction: number | null) => void,
    signal: AbortSignal,
  ) => Promise<ProviderInstance>
  readonly unload: (key: string) => Promise<void>
  readonly chat: NonNullable<Provider['chat']>
  readonly embed: NonNullable<Provider['embed']>
  readonly measure: NonNullable<Provider['measure']>
  readonly keepAlive: (key: string, keepAlive: NonNullable<LoadOptions['keepAlive']>) => void
  readonly instances: () => readonly ProviderInstance[]
  readonly engineVersion: string
}

const toModel = (file: ModelFile): ProviderModel => {
  const { key, name, path, sizeBytes, modifiedAt, format, error, summary } = file
  const capabilities = [...(summary?.capabilities ?? [])]
  return {
    ...unknownModel,
    key,
    name,
    path,
    sizeBytes,
    modifiedAt,
    format,
    role: summary?.role ?? 'unknown',
    loadable: summary?.loadable ?? false,
    reason: error?.message ?? summary?.reason ?? null,
    capabilities,
    architecture: summary?.architecture ?? null,
    parameterCount: summary?.parameterCount ?? null,
    quantization: summary?.quantization ?? null,
    bitsPerWeight: summary?.bitsPerWeight ?? null,
    contextLength: summary?.contextLength ?? null,
    lacks: lacksOfRole(summary?.role ?? 'unknown'),
  }
}

/** The files of the library behind the verbs of a provider: llama.cpp in a process of its own for each loaded model. */
export const createEmbeddedProvider = <File extends ModelFile>(deps: EmbeddedProviderDeps<File>) => {
  const listeners = createListeners()
  /** a file that did not change keeps its model object, so that nobody compares ten thousand of them by value */
  const models = new WeakMap<File, ProviderModel>()

  const modelOf = (file: File): ProviderModel => {
    const model = models.get(file) ?? toModel(file)
    models.set(file, model)
    return model
  }

  const provider: Provider = {
    id: 'embedded',
    kind: 'embedded',
    name: 'This machine',
    address: null,
    cannot: {
      pull: 'Put a model file into one of your folders.',
      push: 'The files are yours: there is nothing to upload to.',
      create: 'Put a model file into one of your folders.',
      copy: 'Berth only reads in your folders: copy the file where it lies.',
      remove: 'Berth only reads in your folders: delete the file where it lies.',
      adapters: 'The embedded engine does not take adapters yet.',
    },
    ignoredOptions: {},
    status: async () => ({ version: deps.engineVersion, latencyMs: null }),
    models: async () => deps.files().map(modelOf),
    instances: async () => deps.instances(),
    details: (key) => deps.details(key),
    load: async (key, options, report, signal) => deps.load(await deps.verify(key), options, report, signal),
    unload: (key) => deps.unload(key),
    chat: (key, request, signal): AsyncIterable<ProviderChatChunk> => deps.chat(key, request, signal),
    embed: (key, input, signal) => deps.embed(key, input, signal),
    measure: (key, test, signal) => deps.measure(key, test, signal),
    keepAlive: async (key, keepAlive) => deps.keepAlive(key, keepAlive),
    onChange: listeners.onChange,
  }

  return {
    provider,
    /** files were found or lost, or an engine changed its state */
    changed: listeners.tell,
  }
}
