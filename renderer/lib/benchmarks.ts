import type { BenchmarkKind, BenchmarkPreset } from '../../shared/contract/benchmarkSettings.ts'
import type { Benchmark } from '../../shared/contract/benchmarks.ts'
import type { Job } from '../../shared/contract/jobs.ts'

export const kindWords: Readonly<Record<BenchmarkKind, string>> = {
  engine: 'Engine',
  serving: 'Serving',
  embedding: 'Embedding',
}

export const presetWords: Readonly<Record<BenchmarkPreset, string>> = {
  quick: 'Quick',
  standard: 'Standard',
  thorough: 'Thorough',
}

/** Where its settings came from: a preset, a person, or a program of others; and whether it was measured here. */
export const settingsWord = ({ preset, source }: Pick<Benchmark, 'preset' | 'source'>): string => {
  if (source === 'llama-bench') return 'llama-bench'
  const word = preset === null ? 'Own settings' : presetWords[preset]
  return source === 'file' ? `${word}, imported` : word
}

export const isUnderWay = ({ state }: Pick<Benchmark, 'state'>): boolean => state === 'queued' || state === 'running'

/** The newest run of each kind that measured this model to its end. */
export const lastRunsOf = (runs: Iterable<Benchmark>, model: string): readonly Benchmark[] => {
  const last = new Map<BenchmarkKind, Benchmark>()
  for (const run of runs) {
    if (run.model !== model || run.state !== 'done' || run.headline.results === 0) continue
    const known = last.get(run.kind)
    if (known === undefined || known.createdAt < run.createdAt) last.set(run.kind, run)
  }
  return [...last.values()]
}

/** A run and its job are written one after the other. */
const sameMomentMs = 1000

const isSameMoment = (a: number | null, b: number | null): boolean =>
  a !== null && b !== null && Math.abs(a - b) < sameMomentMs

/** The run that a job is, or was: a run that has ended no longer names its job, but began or ended with it. */
export const runOfJob = (job: Job, runs: Iterable<Benchmark>): Benchmark | null => {
  if (job.kind !== 'benchmark') return null
  let near: Benchmark | null = null
  for (const run of runs) {
    if (run.job === job.job) return run
    if (run.model !== job.subject || run.job !== null) continue
    if (isSameMoment(run.createdAt, job.createdAt) || isSameMoment(run.endedAt, job.endedAt)) near = run
  }
  return near
}
