import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { BenchmarkResult, Statistics } from '../../../shared/contract/benchmarkResults.ts'
import { BenchmarkId, BenchmarkSettings } from '../../../shared/contract/benchmarkSettings.ts'
import { Benchmark, BenchmarkRecord, BenchmarkSample, Disturbance } from '../../../shared/contract/benchmarks.ts'
import { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import { createPause, type Pause } from '../turns.ts'
import type { ImportedRun } from './llamaBenchRuns.ts'
import { hasSaneNumbers, hasWholeNumbers, sane } from './sane.ts'

export const berthFormat = 'berth-benchmarks'
export const berthVersion = 1

const most = { runs: 500, results: 10_000, samples: 10_000, disturbances: 1_000 }

/** By its first characters, without reading it. */
export const isBerthFile = (text: string): boolean => /^\s*\{[^{}[\]]{0,300}"berth-benchmarks"/.test(text.slice(0, 400))

const Envelope = z.object({ format: z.literal(berthFormat), version: z.number(), runs: z.array(z.unknown()) })
const Run = z.object({ benchmark: z.unknown(), results: z.array(z.unknown()) })

const beyondAnyTime = Date.UTC(2200)
const Time = z.int().min(0).max(beyondAnyTime)

/** What can be lost without making the run another one is read by itself. */
const Head = Benchmark.pick({ kind: true, state: true, source: true })
  .extend({
    model: z.string().min(1).max(1024),
    provider: z.string().min(1).max(200),
    preset: Benchmark.shape.preset.catch(null),
    label: z.string().nullable().catch(null),
    error: Benchmark.shape.error.catch(null),
    settings: BenchmarkSettings.nullable().catch(null),
    options: LoadOptions.catch({}),
    record: BenchmarkRecord.nullable(),
    disturbances: z.array(Disturbance).max(most.disturbances).catch([]),
    createdAt: Time,
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
  })
  .refine(hasSaneNumbers)
const Result = BenchmarkResult.extend({
  position: z.int().min(0).max(100_000),
  statistics: Statistics.extend({ count: z.int().min(0), mean: z.number().min(0) }),
  measuredAt: Time,
  samples: z.unknown(),
}).refine(
  ({ test, memory, samples: _, ...rest }) =>
    hasSaneNumbers([test, memory, rest]) && hasWholeNumbers([memory, { ...test, load: null }]),
)
const Samples = z.array(BenchmarkSample).refine(hasSaneNumbers)

/**
 * Runs that Berth exported, under new ids, so that nobody's run is replaced.
 * @throws AppError FILE_INVALID
 */
export const readBerthFile = async (
  text: string,
  label: string | null,
): Promise<{ runs: ImportedRun[]; skipped: string[] }> => {
  const envelope = envelopeOf(text)
  const runs: ImportedRun[] = []
  const skipped: string[] = []
  let left = most.results
  const pause = createPause()
  for (const [index, raw] of envelope.runs.entries()) {
    const name = `Run ${index + 1}`
    if (index >= most.runs || left <= 0) {
      skipped.push(`${name} and all after it: at most ${most.runs} runs with ${most.results} results are read.`)
      break
    }
    const run = await readRun(raw, label, left, pause)
    if (typeof run === 'string') skipped.push(`${name}: ${run}`)
    else {
      runs.push(run.run)
      skipped.push(...run.skipped.map((what) => `${name}, ${what}`))
      left -= run.run.results.length
    }
    await pause()
  }
  if (runs.length === 0) throw invalid(`Nothing in the file can be used. ${skipped[0] ?? 'It has no runs.'}`)
  return { runs, skipped: skipped.slice(0, 100) }
}

const invalid = (message: string): AppError => new AppError('FILE_INVALID', message, { advice: 'Export it again.' })

const envelopeOf = (text: string): z.infer<typeof Envelope> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new AppError('FILE_INVALID', 'The export of Berth is damaged: it is not valid JSON.', {
      advice: 'Export it again.',
      cause: error,
    })
  }
  const envelope = Envelope.safeParse(value)
  if (!envelope.success) throw invalid('The file says that Berth exported it, and has no runs where Berth has them.')
  if (envelope.data.version > berthVersion)
    throw new AppError('FILE_INVALID', 'A newer Berth exported this file.', { advice: 'Update Berth.' })
  return envelope.data
}

const readRun = async (
  raw: unknown,
  label: string | null,
  mostResults: number,
  pause: Pause,
): Promise<{ run: ImportedRun; skipped: string[] } | string> => {
  const run = Run.safeParse(raw)
  const head = Head.safeParse(run.data?.benchmark)
  if (!run.success || !head.success) return `it is damaged${pathOf(head.error)}.`
  const positions = new Set<number>()
  const skipped: string[] = []
  const results: ImportedRun['results'] = []
  for (const [index, item] of run.data.results.slice(0, mostResults).entries()) {
    const skip = (why: string): void => void skipped.push(`result ${index + 1}: ${why}`)
    const result = Result.safeParse(item)
    if (!result.success) skip(`it is damaged${pathOf(result.error)}.`)
    else if (positions.has(result.data.position)) skip('its position is taken.')
    else {
      const { samples, ...rest } = result.data
      const read = await readSamples(samples, pause)
      if (read === null) skip('its samples are damaged and were left out.')
      positions.add(rest.position)
      results.push({ result: sane(rest), samples: read ?? [] })
    }
    await pause()
  }
  return { run: { benchmark: storedOf(sane(head.data), label), results }, skipped }
}

/** Some at a time: a load test has thousands of requests with hundreds of times each. Null: one of them is none. */
const readSamples = async (raw: unknown, pause: Pause): Promise<BenchmarkSample[] | null> => {
  if (raw === undefined) return []
  if (!Array.isArray(raw) || raw.length > most.samples) return null
  const samples: BenchmarkSample[] = []
  for (let from = 0; from < raw.length; from += 20) {
    const part = Samples.safeParse(raw.slice(from, from + 20))
    if (!part.success) return null
    samples.push(...part.data.map(saneSample))
    await pause()
  }
  return samples
}

/** Times of pieces are many, and numbers. */
const saneSample = (sample: BenchmarkSample): BenchmarkSample =>
  'error' in sample ? { ...sample, error: sane(sample.error) } : sample

const pathOf = (error: z.ZodError | undefined): string => {
  const path = error?.issues[0]?.path.join('.') ?? ''
  return path === '' ? '' : ` at ${path.slice(0, 100)}`
}

const storedOf = (head: z.infer<typeof Head>, label: string | null): ImportedRun['benchmark'] => ({
  ...head,
  benchmark: BenchmarkId.parse(randomUUID()),
  job: null,
  source: head.source === 'berth' ? 'file' : head.source,
  // it was exported before its end, and does not go on here
  state: head.state === 'queued' || head.state === 'running' ? 'cancelled' : head.state,
  label: label ?? head.label,
  budgetSeconds: null,
  acceptedUsd: null,
})
