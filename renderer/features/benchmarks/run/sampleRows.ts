import type { BenchmarkSample } from '../../../../shared/contract/benchmarks.ts'

export interface RepetitionRow {
  readonly id: string
  readonly ms: number
  /** in the unit of the result */
  readonly value: number
}
export interface RequestRow {
  readonly id: string
  readonly plannedMs: number
  /** behind the plan */
  readonly lateMs: number
  /** from the plan; null: it never came */
  readonly ttftMs: number | null
  readonly e2eMs: number
  /** the longest silence between two pieces; null with fewer than two */
  readonly longestMs: number | null
  readonly pieces: number
  readonly promptTokens: number | null
  readonly outputTokens: number | null
  readonly error: string | null
}
export interface SampleRows {
  readonly repetitions: readonly RepetitionRow[]
  readonly requests: readonly RequestRow[]
}

type Request = Extract<BenchmarkSample, { readonly plannedMs: number }>

const longestGap = (pieceMs: readonly number[]): number | null => {
  let longest: number | null = null
  for (let index = 1; index < pieceMs.length; index += 1) {
    const gap = (pieceMs[index] ?? 0) - (pieceMs[index - 1] ?? 0)
    if (longest === null || gap > longest) longest = gap
  }
  return longest
}

const requestRow = (sample: Request, index: number): RequestRow => ({
  id: String(index + 1),
  plannedMs: sample.plannedMs,
  lateMs: sample.sentMs - sample.plannedMs,
  ttftMs: sample.firstMs === null ? null : sample.firstMs - sample.plannedMs,
  e2eMs: sample.endMs - sample.plannedMs,
  longestMs: longestGap(sample.pieceMs),
  pieces: sample.pieceMs.length,
  promptTokens: sample.promptTokens,
  outputTokens: sample.outputTokens,
  error: sample.error,
})

/** Samples of one result are all of one kind; what a file of others mixes stands in both lists. */
export const sampleRows = (samples: readonly BenchmarkSample[]): SampleRows => {
  const repetitions: RepetitionRow[] = []
  const requests: RequestRow[] = []
  for (const [index, sample] of samples.entries())
    if ('plannedMs' in sample) requests.push(requestRow(sample, index))
    else repetitions.push({ id: String(index + 1), ms: sample.ms, value: sample.value })
  return { repetitions, requests }
}
