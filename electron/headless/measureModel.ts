import type { BenchmarkRequest } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark, BenchmarkWithResults } from '../../shared/contract/benchmarks.ts'
import type { App } from '../app.ts'
import { durationNote } from '../benchmark/plan/planNotes.ts'
import { AppError } from '../lib/appError.ts'
import type { BenchmarkOptions } from './commandLine.ts'
import { findModel } from './findModel.ts'
import type { ProgressLine } from './progressLine.ts'

type Services = Pick<App['services'], 'benchmarks' | 'connections' | 'jobs' | 'models'>

export interface Measured {
  /** in the format that was asked for; null: there is nothing to write */
  readonly text: string | null
  readonly state: Benchmark['state']
}

/** Until it has ended, or `stopped`: then what was measured by then. @throws AppError before anything was measured */
export const measureModel = async (
  services: Services,
  options: BenchmarkOptions,
  line: ProgressLine,
  stopped: AbortSignal,
): Promise<Measured> => {
  const { benchmarks } = services
  const { model } = await findModel(services, options.model, stopped)
  const { preset, kind, acceptedUsd, format } = options
  const request: BenchmarkRequest = { model, preset, kind, acceptedUsd }
  const plan = benchmarks.plan(request)
  if (format === 'llama-bench' && plan.kind !== 'engine')
    throw new AppError('INVALID_INPUT', `A file of llama-bench has no place for a ${plan.kind} benchmark.`, {
      advice: 'Take another --format.',
    })
  line.say(`Measuring ${model} (${plan.kind}, ${plan.tests} ${plan.tests === 1 ? 'test' : 'tests'}).`)
  for (const note of [durationNote(plan), ...plan.notes]) line.say(note)
  const run = await follow(services, start(services, request), line, stopped)
  const { state, error } = run.benchmark
  if (state !== 'done') line.say(endWords(run))
  if (error) line.say(error.advice)
  if (run.results.length === 0) return { text: null, state }
  const { text, leftOut } = await benchmarks.export([run.benchmark.benchmark], format)
  if (leftOut) line.say(leftOut)
  return { text, state }
}

const endWords = ({ benchmark: { state, error }, results }: BenchmarkWithResults): string => {
  const what = state === 'failed' ? `It failed: ${error?.message ?? 'nobody knows why.'}` : 'It was ended early.'
  return `${what} ${results.length === 0 ? 'Nothing was measured.' : 'The result is partial: what was measured until then.'}`
}

const start = ({ benchmarks }: Services, request: BenchmarkRequest): Benchmark => {
  try {
    return benchmarks.start(request)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'COST_NOT_ACCEPTED') throw error
    throw new AppError(error.code, error.message, {
      advice: 'Say what it may cost with --accept-usd N.',
      cause: error,
    })
  }
}

/** Nobody needs to know that it waited less. */
const saysItWaitsMs = 1_000

const follow = async (
  { benchmarks, jobs }: Services,
  { benchmark, job }: Benchmark,
  line: ProgressLine,
  stopped: AbortSignal,
): Promise<BenchmarkWithResults> => {
  if (job === null) return benchmarks.get(benchmark) // it ended at once
  const cancel = (): void => void jobs.cancel(job).catch(() => {}) // it ended by itself meanwhile
  if (stopped.aborted) cancel()
  stopped.addEventListener('abort', cancel)
  const waiting = setTimeout(() => line.show(null, 'Waiting for another benchmark on this device.'), saysItWaitsMs)
  for await (const { state, progress } of jobs.watch(job, undefined)) {
    if (state !== 'queued') clearTimeout(waiting)
    if (!stopped.aborted && state === 'running' && progress?.text) line.show(progress.fraction, progress.text)
  }
  stopped.removeEventListener('abort', cancel)
  line.clear()
  return benchmarks.get(benchmark)
}
