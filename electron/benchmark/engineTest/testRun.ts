import type { EngineSettings, EngineSweep } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample, Disturbance } from '../../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../../shared/contract/modelId.ts'
import type { Instance, LoadOptions, Model } from '../../../shared/contract/models.ts'
import { anInstance } from '../../../test/support/instance.ts'
import type { EngineTest, Provider } from '../../providers/provider.ts'
import { createPurse } from '../purse.ts'
import type { NewResult, RunContext, Subject } from '../runner.ts'
import type { FileCache } from './fileCache.ts'

const noSweep: EngineSweep = {
  contextLength: [],
  kvCacheType: [],
  gpuLayers: [],
  threads: [],
  flashAttention: [],
  batchSize: [],
}

export const settings = ({
  sweep,
  ...facts
}: Partial<Omit<EngineSettings, 'sweep'>> & { readonly sweep?: Partial<EngineSweep> } = {}): EngineSettings => ({
  kind: 'engine',
  promptTokens: [512],
  generatedTokens: [64],
  depths: [0],
  measureLoad: false,
  repetition: { least: 3, most: 5, relativeError: 0.05 },
  ...facts,
  sweep: { ...noSweep, ...sweep },
})

export const model = (facts: Partial<Model> = {}): Model => ({
  model: 'p/a' as ModelId, // any text: nothing looks it up
  provider: 'p',
  key: 'a',
  name: 'A model',
  state: 'available',
  reason: null,
  stale: false,
  role: 'llm',
  loadable: true,
  capabilities: [],
  format: 'gguf',
  architecture: 'llama',
  parameterCount: 1000,
  quantization: 'Q4_0',
  bitsPerWeight: 4.5,
  contextLength: 32_768,
  sizeBytes: 1000,
  estimatedBytes: null,
  path: null,
  digest: null,
  weightsSha256: null,
  sameAs: [],
  price: null,
  modifiedAt: null,
  tokensPerSecond: null,
  verbs: {
    load: true,
    unload: true,
    chat: true,
    embed: false,
    remove: false,
    adapters: false,
    copy: false,
    keepAlive: true,
    push: false,
  },
  cannot: {},
  ...facts,
})

type Measure = NonNullable<Provider['measure']>

/** Of each test in turn what it takes in milliseconds, or what it fails with. */
export const scripted = (answer: (test: EngineTest, number: number) => number | Promise<number>) => {
  const asked: EngineTest[] = []
  const measure: Measure = async (_, test) => {
    asked.push(test)
    return { tokens: test.tokens, ms: await answer(test, asked.length) }
  }
  return { asked, provider: aProvider({ measure }) }
}

export const aProvider = (facts: Partial<Provider> = {}): Provider => ({
  id: 'p',
  kind: 'embedded',
  name: 'Provider',
  address: null,
  cannot: {},
  ignoredOptions: {},
  status: async () => ({ version: '1', latencyMs: null }),
  models: async () => [],
  instances: async () => [],
  details: async () => ({ groups: [], files: [], tensorTypes: [], chatTemplate: null, metadata: [], warnings: [] }),
  ...facts,
})

/** Says that it did what it was asked, and that everything was read from the disk. */
export const aCache = (facts: Partial<FileCache> = {}): FileCache => ({
  drop: async () => null,
  fill: async () => {},
  bytesFromDisk: async () => 0,
  ...facts,
})

/** A subject that loads at once, and keeps how often. */
export const aSubject = (provider: Provider, facts: Partial<Subject> = {}) => {
  const loads: LoadOptions[] = []
  let loaded: Instance | null = null
  const subject: Subject = {
    model: model(),
    key: 'a',
    provider,
    local: true,
    instance: () => loaded,
    load: async (options) => {
      if (JSON.stringify(loaded?.options) !== JSON.stringify(options)) loads.push(options)
      loaded = anInstance('p/a', { options, pid: 7 })
      return loaded
    },
    unload: async () => {
      loaded = null
    },
    estimateBytes: () => null,
    ...facts,
  }
  return { subject, loads }
}

/** A run, and everything that it told. */
export const aRun = (subject: Subject, facts: Partial<RunContext> = {}) => {
  const saved: NewResult[] = []
  const samples: (readonly BenchmarkSample[])[] = []
  const texts: string[] = []
  const fractions: (number | null)[] = []
  const notes: Omit<Disturbance, 'at'>[] = []
  const context: RunContext = {
    settings: settings(),
    options: {},
    subject,
    machine: {
      readings: () => [],
      begin: () => ({ end: () => ({ memory: [], joules: null, processPeakBytes: null }) }),
    },
    signal: new AbortController().signal,
    done: new Map(),
    deadline: null,
    purse: createPurse(null),
    save: (result, of) => {
      saved.push(result)
      samples.push(of)
    },
    report: (fraction, text) => {
      fractions.push(fraction)
      texts.push(text)
    },
    disturbed: (what) => void notes.push(what),
    setClientError: () => {},
    used: () => {},
    ...facts,
  }
  return { context, saved, samples, texts, fractions, notes, named: () => saved.map(({ position }) => position) }
}
