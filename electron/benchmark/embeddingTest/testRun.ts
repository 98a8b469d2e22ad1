import type { BenchmarkResult } from '../../../shared/contract/benchmarkResults.ts'
import type { EmbeddingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkSample } from '../../../shared/contract/benchmarks.ts'
import { ModelId } from '../../../shared/contract/modelId.ts'
import { type Instance, InstanceId, type ModelVerbs } from '../../../shared/contract/models.ts'
import { providerInstance, providerModel } from '../../../test/support/fakeProvider.ts'
import type { Provider } from '../../providers/provider.ts'
import { createPurse } from '../purse.ts'
import type { MachineWatch, NewResult, RunContext, Subject } from '../runner.ts'

export const settings = (facts: Partial<EmbeddingSettings> = {}): EmbeddingSettings => ({
  kind: 'embedding',
  batchSizes: [1, 4],
  textTokens: 20,
  repetition: { least: 2, most: 3, relativeError: 0.01 },
  ...facts,
})

const model = ModelId.parse('p/a')
const verbs: ModelVerbs = {
  load: true,
  unload: true,
  keepAlive: true,
  chat: true,
  embed: true,
  push: false,
  copy: false,
  remove: false,
  adapters: false,
}

const nothing: Provider = {
  id: 'p',
  kind: 'ollama',
  name: 'Provider',
  address: null,
  cannot: { embed: 'It makes no vectors.' },
  ignoredOptions: {},
  status: async () => ({ version: '1', latencyMs: null }),
  models: async () => [],
  instances: async () => [],
  details: async () => ({ groups: [], files: [], tensorTypes: [], chatTemplate: null, metadata: [], warnings: [] }),
}

type Embed = NonNullable<Provider['embed']>
/** Vectors of two numbers, and a token for each word. */
export const answerTo = (input: readonly string[]): Awaited<ReturnType<Embed>> => ({
  embeddings: input.map(() => [0, 1]),
  promptTokens: input.reduce((sum, text) => sum + text.split(' ').length, 0),
  costUsd: null,
})
/** A provider that answers as its test says, and keeps what it was asked. */
export function scripted(answer: (input: readonly string[], signal: AbortSignal) => ReturnType<Embed>) {
  const asked: (readonly string[])[] = []
  const provider: Provider = {
    ...nothing,
    embed: (_key, input, signal) => {
      asked.push(input)
      return answer(input, signal)
    },
  }
  return { asked, provider }
}
export const withoutEmbed = nothing

/** An instance as the model service shows it. */
export const instanceOf = (facts: Partial<Instance> = {}): Instance => {
  const { key: _key, instance: _instance, ...shown } = providerInstance('a')
  return { ...shown, id: InstanceId.parse('i'), model, provider: 'p', lastChat: null, estimatedBytes: null, ...facts }
}

const stillMachine: MachineWatch = {
  readings: () => [],
  begin: () => ({ end: () => ({ memory: [], joules: null, processPeakBytes: null }) }),
}

/** A run of a scripted subject, with everything it told. */
export function createRun(
  provider: Provider,
  facts: Partial<Omit<RunContext, 'subject'>> & { readonly subject?: Partial<Subject> } = {},
) {
  const saved: NewResult[] = []
  const samples: (readonly BenchmarkSample[])[] = []
  const findings: string[] = []
  const reports: { fraction: number | null; text: string }[] = []
  const { lacks: _lacks, ...listed } = providerModel('a')
  const context: RunContext = {
    settings: settings(),
    options: { contextLength: 512 },
    machine: stillMachine,
    signal: new AbortController().signal,
    done: new Map<number, BenchmarkResult>(),
    deadline: null,
    purse: createPurse(null),
    save: (result, of) => {
      saved.push(result)
      samples.push(of)
    },
    report: (fraction, text) => void reports.push({ fraction, text }),
    disturbed: ({ kind, text }) => void findings.push(`${kind}: ${text}`),
    setClientError: () => {},
    used: () => {},
    ...facts,
    subject: {
      model: {
        ...listed,
        model,
        provider: 'p',
        state: 'available',
        stale: false,
        estimatedBytes: null,
        tokensPerSecond: null,
        verbs,
        cannot: {},
        sameAs: [],
      },
      key: 'a',
      provider,
      local: true,
      instance: () => null,
      load: async () => null,
      unload: async () => {},
      estimateBytes: () => null,
      ...facts.subject,
    },
  }
  return { context, saved, samples, reports, findings }
}
