import type { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import type { BenchmarkSettings } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkRecord, BenchmarkSample, Disturbance } from '../../shared/contract/benchmarks.ts'
import type { DeviceReading } from '../../shared/contract/hardware.ts'
import type { Instance, LoadOptions, Model } from '../../shared/contract/models.ts'
import type { Provider } from '../providers/provider.ts'
import type { Purse } from './purse.ts'

/** The model that is measured, which nobody else loads or unloads meanwhile. */
export interface Subject {
  readonly model: Model
  /** its key at the provider */
  readonly key: string
  /** behind its breaker; a load test goes past it by `wire` */
  readonly provider: Provider
  /** it runs on this machine */
  readonly local: boolean
  /** null: it is not loaded, or nothing is to be loaded here */
  instance(): Instance | null
  /** Resolves when it is loaded with these options, anew when it was loaded with others. At once where nothing is to be loaded. */
  load(options: LoadOptions, signal: AbortSignal): Promise<Instance | null>
  /** Resolves when its memory is given back; at once where nothing is to be unloaded. */
  unload(signal: AbortSignal): Promise<void>
  /** Bytes that it would need, all devices together; null when that cannot be computed. */
  estimateBytes(options: LoadOptions): number | null
}

/** A finished test; the service adds when it was. */
export type NewResult = Omit<BenchmarkResult, 'measuredAt'>

/** What happens on the machine meanwhile. */
export interface MachineWatch {
  /** the latest of each device, once a second */
  readings(): readonly DeviceReading[]
  /** From now until `end` is called: memory, energy and what disturbed. */
  begin(pid: number | null): Watched
}
export interface Watched {
  end(): {
    readonly memory: BenchmarkResult['memory']
    /** joules over the devices that tell their power; null: none does, or it was too short to tell */
    readonly joules: number | null
    /** of the model's own process; null where that is not told */
    readonly processPeakBytes: number | null
  }
}

/** One run, as its runner sees it. */
export interface RunContext {
  readonly settings: BenchmarkSettings
  /** the options that a sweep starts from */
  readonly options: LoadOptions
  readonly subject: Subject
  readonly machine: MachineWatch
  /** Aborted: the person cancelled it, or Berth closes. What was saved stays. */
  readonly signal: AbortSignal
  /** Positions that were measured before Berth was closed: they are not measured again. */
  readonly done: ReadonlyMap<number, BenchmarkResult>
  /** `performance.now()` after which nothing new is begun; null: no budget */
  readonly deadline: number | null
  /** what may be spent in all; what is begun and ended is told to it */
  readonly purse: Purse
  /** Stored at once. Each position once. What Berth closes over is not kept: it is measured whole at the next start. */
  save(result: NewResult, samples: readonly BenchmarkSample[]): void
  report(fraction: number | null, text: string): void
  /** Said once for each kind and text. */
  disturbed(what: Omit<Disturbance, 'at'>): void
  /** The load client's own error, known when a serving run has begun. */
  setClientError(error: NonNullable<BenchmarkRecord['clientErrorMs']>): void
  /** What each answer past the guard used, which counts the usage of its provider otherwise. */
  used(answer: UsedTokens): void
}

/** null: not told */
export interface UsedTokens {
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  /** US dollars */
  readonly costUsd: number | null
}

/** Measures everything that the settings name, in positions that are the same whenever the same settings run. */
export type RunBenchmark = (context: RunContext) => Promise<void>

/** What is stored of a run; its headline is computed from its results. */
export type StoredBenchmark = Omit<Benchmark, 'headline'> & {
  /** what is left of it: a run that goes on after a restart has no more */
  readonly budgetSeconds: number | null
  /** what is left of it for certain, lowered before it is spent; null: it costs nothing */
  readonly acceptedUsd: number | null
}
