import { setTimeout as delay } from 'node:timers/promises'
import type { BenchmarkResult } from '../../shared/contract/benchmarkResults.ts'
import type { BenchmarkKind, BenchmarkSettings } from '../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkRecord, BenchmarkSample, Disturbance } from '../../shared/contract/benchmarks.ts'
import type { ErrorCode } from '../../shared/contract/errors.ts'
import { AppError, errnoOf } from '../lib/appError.ts'
import type { DisturbanceWatch } from './machine/disturbances.ts'
import { packSamples } from './packSamples.ts'
import { createKeptPurse } from './purse.ts'
import type { MachineWatch, NewResult, RunBenchmark, StoredBenchmark, Subject, UsedTokens } from './runner.ts'

/** A model that is taken for a run, and nobody else's until it is released. */
export interface OpenSubject {
  readonly subject: Subject
  /** names of models that are loaded on the same devices */
  readonly otherModels: readonly string[]
  /** aborted when its provider is removed, switched off, or made anew with other settings */
  readonly gone: AbortSignal
  /** Puts back what was loaded before; resolves with what could not be, in words. `quickly`: Berth closes. */
  release(quickly: boolean): Promise<string | null>
}

export interface ExecutionDeps {
  readonly runners: Readonly<Record<BenchmarkKind, RunBenchmark>>
  /** @throws AppError what is wrong with the model or its provider now */
  readonly open: (model: string) => OpenSubject
  /** all that makes the results mean something later */
  readonly record: (subject: Subject, signal: AbortSignal) => Promise<BenchmarkRecord>
  readonly machine: MachineWatch
  readonly disturbances: DisturbanceWatch
  /** what an answer past the guard used, for the usage of its provider */
  readonly used: (provider: string, answer: UsedTokens) => void
  /** Unix milliseconds */
  readonly now: () => number
  /** how long a model that is busy, or whose provider does not answer, is waited for */
  readonly patienceMs?: number
}

/** What a run writes down of itself. */
export interface RunBook {
  run(): StoredBenchmark
  set(change: Partial<StoredBenchmark>): void
  results(): readonly BenchmarkResult[]
  addResult(result: BenchmarkResult, samples: Uint8Array): void
  /** Berth closes: the run goes on at its next start. */
  isClosing(): boolean
}

export interface ExecutionContext {
  readonly signal: AbortSignal
  report(fraction: number | null, text: string | null): void
}

const patienceMs = 60_000
const lookAgainMs = 500
const mostDisturbances = 50

/** What may be over in a moment. */
const passing: readonly ErrorCode[] = [
  'BUSY',
  'MODEL_NOT_FOUND',
  'PROVIDER_NOT_FOUND',
  'PROVIDER_BUSY',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_TIMEOUT',
  'PROVIDER_PAUSED',
]

const settingsOf = ({ settings }: Pick<StoredBenchmark, 'settings'>): BenchmarkSettings => {
  if (settings === null) throw new AppError('INVALID_INPUT', 'It is not known what was to be measured.')
  return settings
}

/** Requests past its guard would go on, with its key and at its price. */
const providerGone = ({ subject: { provider } }: OpenSubject): AppError =>
  new AppError('PROVIDER_NOT_FOUND', `${provider.name} was removed, switched off or changed while it was measured.`, {
    advice: 'Measure again when it is connected.',
  })

/** Measures one run, from wherever it stopped. Resolves with one sentence for people. */
export const createExecution = (deps: ExecutionDeps) => {
  const { now, disturbances } = deps

  const openInTime = async (model: string, { signal, report }: ExecutionContext): Promise<OpenSubject> => {
    const until = performance.now() + (deps.patienceMs ?? patienceMs)
    while (true) {
      signal.throwIfAborted()
      try {
        return deps.open(model)
      } catch (error) {
        if (!(error instanceof AppError) || !passing.includes(error.code) || performance.now() > until) throw error
        report(null, `Waiting: ${error.message}`)
        await delay(lookAgainMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    }
  }

  const say = (book: RunBook, what: Omit<Disturbance, 'at'>): void => {
    const known = book.run().disturbances
    if (known.length >= mostDisturbances || known.some(({ kind, text }) => kind === what.kind && text === what.text))
      return
    book.set({ disturbances: [...known, { ...what, at: now() }] })
  }

  /** One after the other, so that nothing is stored before what was measured before it. */
  const createSaving = (book: RunBook, onFault: () => void) => {
    let last: Promise<void> = Promise.resolve()
    const store = async (
      result: BenchmarkResult,
      packed: Promise<Uint8Array>,
      before: Promise<void>,
    ): Promise<void> => {
      await before
      book.addResult(result, await packed)
    }
    return {
      save: (result: NewResult, samples: readonly BenchmarkSample[]): void => {
        last = store({ ...result, measuredAt: now() }, packSamples(samples), last)
        last.catch(onFault)
      },
      /** @throws what the first that could not be stored failed with */
      settled: (): Promise<void> => last,
    }
  }

  /** What the machine is and does before anything is begun. */
  const prepare = async (book: RunBook, { subject, otherModels }: OpenSubject, signal: AbortSignal): Promise<void> => {
    const { options, record } = book.run()
    const needBytes = subject.instance() === null ? subject.estimateBytes(options) : null
    const found = await disturbances.look({ local: subject.local, needBytes, otherModels }, signal)
    for (const finding of found) say(book, finding)
    const clientErrorMs = record?.clientErrorMs ?? null
    book.set({ record: { ...(await deps.record(subject, signal)), clientErrorMs } })
  }

  /** What a run has of time and money, and what is left of both. */
  const createMeans = (book: RunBook, { model }: Subject) => {
    const { budgetSeconds, acceptedUsd } = book.run()
    const deadline = budgetSeconds === null ? null : performance.now() + budgetSeconds * 1000
    const spending = acceptedUsd === null ? null : { leftUsd: acceptedUsd, eachUsd: null, price: model.price }
    const purse = createKeptPurse(spending, (leftUsd) => book.set({ acceptedUsd: leftUsd }))
    const keepRest = (): void => {
      const left = deadline === null ? null : Math.max(0, (deadline - performance.now()) / 1000)
      book.set({ budgetSeconds: left })
      purse.settle()
    }
    return { deadline, purse, keepRest }
  }

  const measure = async (book: RunBook, open: OpenSubject, context: ExecutionContext): Promise<void> => {
    const { subject } = open
    const { options, provider, ...run } = book.run()
    const settings = settingsOf(run)
    const { deadline, purse, keepRest } = createMeans(book, subject)
    const stop = new AbortController()
    const signal = AbortSignal.any([context.signal, stop.signal, open.gone])
    await prepare(book, open, signal)
    const saving = createSaving(book, () => stop.abort())
    const watch = await disturbances.begin()
    const done = new Map(book.results().map((result) => [result.position, result]))
    const told = tellingBackend(subject, (backend) => book.set({ record: withBackend(book.run().record, backend) }))
    const about = { settings, options, subject: told, machine: deps.machine, signal, done, deadline, purse }
    try {
      await deps.runners[settings.kind]({
        ...about,
        save: (result, samples) => {
          if (book.isClosing()) return
          saving.save(result, samples)
          keepRest()
        },
        report: context.report,
        disturbed: (what) => say(book, what),
        setClientError: (clientErrorMs) => {
          const { record } = book.run()
          if (record) book.set({ record: { ...record, clientErrorMs } })
        },
        used: (answer) => deps.used(provider, answer),
      })
    } catch (error) {
      await saving.settled() // when that is what stopped it, it is the reason
      throw error
    } finally {
      for (const finding of await watch.end()) say(book, finding)
      keepRest()
    }
    await saving.settled()
  }

  return async (book: RunBook, context: ExecutionContext): Promise<string> => {
    const open = await openInTime(book.run().model, context)
    let problem: string | null = null
    try {
      await measure(book, open, context)
    } catch (error) {
      throw open.gone.aborted && !context.signal.aborted ? providerGone(open) : error
    } finally {
      context.report(null, 'Putting back what was loaded before')
      problem = await open.release(book.isClosing())
    }
    const { length } = book.results()
    const measured = length === 0 ? 'The time was over before anything was measured' : `${length} measured`
    return problem === null ? measured : `${measured}. What was loaded before could not be put back: ${problem}`
  }
}

/** What it computes with is known when it is loaded. */
const tellingBackend = (subject: Subject, tell: (backend: string) => void): Subject => ({
  ...subject,
  load: async (options, signal) => {
    const instance = await subject.load(options, signal)
    if (instance?.backend) tell(instance.backend)
    return instance
  },
})

/** Of a sweep that also loads without the GPU, what used it. */
const withBackend = (record: BenchmarkRecord | null, backend: string): BenchmarkRecord | null =>
  record && { ...record, backend: backend === 'CPU' ? (record.backend ?? backend) : backend }

/** As an error that a person can act on. */
export const toRunError = (error: unknown): AppError | null => {
  if (error instanceof AppError) return error
  return errnoOf(error) === 'SQLITE_FULL' ? new AppError('DISK_FULL') : null
}
