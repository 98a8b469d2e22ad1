import type { BenchmarkSettings } from '../../../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkRecord } from '../../../../shared/contract/benchmarks.ts'
import { loadName } from '../../../../shared/testName.ts'
import { formatCount, formatDisk, formatMemory, formatParameters, formatTokens } from '../../../lib/format.ts'
import { optionWords } from '../../../lib/optionWords.ts'

/** null: nothing told it. */
export interface RecordFact {
  readonly label: string
  readonly value: string | null
}
export interface RecordGroup {
  readonly title: string
  readonly facts: readonly RecordFact[]
}

const fact = (label: string, value: string | null): RecordFact => ({ label, value })
const figure = (value: number | null, format: (value: number) => string): string | null =>
  value === null ? null : format(value)

const modelFacts = ({ model }: BenchmarkRecord): readonly RecordFact[] => [
  fact('Name', model.name),
  fact('Content', model.contentHash),
  fact('Architecture', model.architecture),
  fact('Parameters', figure(model.parameterCount, formatParameters)),
  fact('Quantisation', model.quantization),
  fact('Format', model.format),
  fact('On disk', figure(model.sizeBytes, formatDisk)),
]

const providerFacts = ({ provider }: BenchmarkRecord): readonly RecordFact[] => [
  fact('Name', provider.name),
  fact('Kind', provider.kind),
  fact('Version', provider.version),
  fact('Where', provider.host ?? 'this machine'),
]

const batteryWords = (onBattery: boolean | null): string | null =>
  onBattery === null ? null : onBattery ? 'battery' : 'mains'

const machineFacts = (record: BenchmarkRecord): readonly RecordFact[] => [
  fact('Processor', record.cpu),
  ...record.devices.map(({ name, driver, totalBytes }) =>
    fact(
      name,
      [figure(totalBytes, formatMemory), driver === null ? null : `driver ${driver}`].filter(Boolean).join(', ') ||
        null,
    ),
  ),
  fact('Computed by', record.backend),
  fact('System', record.os),
  fact('Power mode', record.power.mode),
  fact('Power from', batteryWords(record.power.onBattery)),
  fact('Berth', record.berthVersion),
]

const list = (values: readonly (number | string)[]): string | null => values.join(', ') || null
const tokenList = (values: readonly number[]): string | null =>
  values.length === 0 ? null : `${values.map((value) => formatCount(value)).join(', ')} tokens`
const repetitionWords = ({ least, most, relativeError }: { least: number; most: number; relativeError: number }) =>
  `${least} to ${most} times, until ± ${Number((relativeError * 100).toPrecision(3))} %`

/** Of requests per second; a new one of those at once begins where one ends. */
const arrivalWords = { constant: 'even', poisson: 'random (Poisson)' } as const

/** What was asked for, in the order of the form. Lists that were left empty are left out. */
export const settingsFacts = (settings: BenchmarkSettings): readonly RecordFact[] => {
  switch (settings.kind) {
    case 'engine': {
      const { sweep } = settings
      const swept = [
        fact('Sweep: context', tokenList(sweep.contextLength)),
        fact('Sweep: KV cache', list(sweep.kvCacheType)),
        fact('Sweep: GPU layers', list(sweep.gpuLayers)),
        fact('Sweep: threads', list(sweep.threads)),
        fact('Sweep: flash attention', list(sweep.flashAttention.map((on) => (on ? 'on' : 'off')))),
        fact('Sweep: batch', tokenList(sweep.batchSize)),
      ]
      return [
        fact('Prompts', tokenList(settings.promptTokens) ?? 'none'),
        fact('Generated', tokenList(settings.generatedTokens) ?? 'none'),
        fact('Depths', tokenList(settings.depths)),
        fact('Load time', settings.measureLoad ? 'measured' : 'not measured'),
        fact('Repeated', repetitionWords(settings.repetition)),
        ...swept.filter(({ value }) => value !== null),
      ]
    }
    case 'serving': {
      const { limits } = settings
      const kept = [
        ...(limits.ttftMs === undefined ? [] : [`TTFT ${limits.ttftMs} ms`]),
        ...(limits.tpotMs === undefined ? [] : [`TPOT ${limits.tpotMs} ms`]),
        ...(limits.itlMs === undefined ? [] : [`ITL ${limits.itlMs} ms`]),
        ...(limits.e2eMs === undefined ? [] : [`E2E ${limits.e2eMs} ms`]),
      ]
      return [
        fact('Loads', settings.loads.map(loadName).join(', ')),
        ...(settings.loads.some(({ by }) => by === 'rate') ? [fact('Arrivals', arrivalWords[settings.arrivals])] : []),
        fact('Prompt', formatTokens(settings.promptTokens)),
        fact('Answer', formatTokens(settings.outputTokens)),
        fact('Requests', `${formatCount(settings.requestsPerLoad)} per load`),
        fact(
          'Warm-up',
          `${formatCount(settings.warmUpRequests)} ${settings.warmUpRequests === 1 ? 'request' : 'requests'}`,
        ),
        fact('Longest request', `${formatCount(settings.requestSeconds)} s`),
        fact('Limits', kept.join(', ') || 'none'),
        fact('Highest load', settings.findHighestLoad ? 'looked for' : 'not looked for'),
        fact('Seed', String(settings.seed)),
      ]
    }
    case 'embedding':
      return [
        fact('Batches', `${list(settings.batchSizes.map((size) => formatCount(size)))} texts`),
        fact('Text', formatTokens(settings.textTokens)),
        fact('Repeated', repetitionWords(settings.repetition)),
      ]
  }
}

const clientFacts = ({ clientErrorMs: error }: BenchmarkRecord): readonly RecordFact[] =>
  error === null
    ? []
    : [
        fact('Median delay', `${error.p50.toFixed(3)} ms`),
        fact('p99 delay', `${error.p99.toFixed(3)} ms`),
        fact('Measured with', `${formatCount(error.streams)} ${error.streams === 1 ? 'stream' : 'streams'}`),
      ]

/** All that explains a run, in groups; a group with nothing in it is left out. */
export const recordGroups = ({ record, settings, options }: Benchmark): readonly RecordGroup[] =>
  [
    { title: 'What was asked for', facts: settings === null ? [] : settingsFacts(settings) },
    { title: 'Loaded with', facts: optionWords(options).map((words) => fact('Option', words)) },
    { title: 'Model', facts: record === null ? [] : modelFacts(record) },
    { title: 'Provider', facts: record === null ? [] : providerFacts(record) },
    { title: 'Machine', facts: record === null ? [] : machineFacts(record) },
    { title: 'Error of the client itself', facts: record === null ? [] : clientFacts(record) },
  ].filter(({ facts }) => facts.length > 0)
