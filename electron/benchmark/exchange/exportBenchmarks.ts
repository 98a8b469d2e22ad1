import type { BenchmarkFormat, BenchmarkWithResults } from '../../../shared/contract/benchmarks.ts'
import { AppError } from '../../lib/appError.ts'
import { createPause } from '../turns.ts'
import { writeCsv } from './exportCsv.ts'
import { writeJson } from './exportJson.ts'
import { writeLlamaBench } from './exportLlamaBench.ts'
import { writeMarkdown } from './exportMarkdown.ts'
import type { SamplesOf, Writer } from './writer.ts'

export interface Exported {
  readonly fileName: string
  readonly mediaType: string
  readonly text: string
  /** what had no place in this format, for people */
  readonly leftOut?: string
}

interface Format {
  readonly extension: string
  readonly mediaType: string
  readonly write: Writer
}

const formats: Readonly<Record<BenchmarkFormat, Format>> = {
  json: { extension: 'json', mediaType: 'application/json', write: writeJson },
  csv: { extension: 'csv', mediaType: 'text/csv; charset=utf-8', write: writeCsv },
  markdown: { extension: 'md', mediaType: 'text/markdown; charset=utf-8', write: writeMarkdown },
  'llama-bench': { extension: 'jsonl', mediaType: 'application/x-ndjson', write: writeLlamaBench },
}

/** In UTF-16 units; a string can hold more, but nobody opens it. */
const mostCharacters = 100_000_000

/**
 * Runs as a file, in the order given. `samplesOf` is asked only by formats that hold samples, one result at a time.
 * @throws AppError TOO_LARGE; INVALID_INPUT when none of the results has a place in the format
 */
export const exportBenchmarks = async (
  format: BenchmarkFormat,
  runs: readonly BenchmarkWithResults[],
  samplesOf: SamplesOf,
): Promise<Exported> => {
  const { extension, mediaType, write } = formats[format]
  const parts: string[] = []
  let length = 0
  const add = (text: string): void => {
    length += text.length
    if (length > mostCharacters)
      throw new AppError('TOO_LARGE', 'The file would be larger than 100 MB.', { advice: 'Export fewer runs at once.' })
    parts.push(text)
  }
  const leftOut = await write(runs, samplesOf, add, createPause())
  return {
    fileName: `${nameOf(runs)}.${extension}`,
    mediaType,
    text: parts.join(''),
    ...(leftOut ? { leftOut } : {}),
  }
}

/** `berth-qwen3-8b-2026-11-22`; of several models `berth-benchmarks-2026-11-22`: the newest run's day, UTC. */
const nameOf = (runs: readonly BenchmarkWithResults[]): string => {
  const models = new Set(runs.map(({ benchmark }) => benchmark.model))
  const [only = ''] = models.size === 1 ? models : []
  const slug = only
    .slice(only.indexOf('/') + 1)
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80)
  const newest = runs.reduce((latest, { benchmark }) => Math.max(latest, benchmark.createdAt), 0)
  return ['berth', slug || 'benchmarks', ...(newest > 0 ? [new Date(newest).toISOString().slice(0, 10)] : [])].join('-')
}
