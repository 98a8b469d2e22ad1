import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createArtifactRepository } from '../../electron/catalog/artifactRepository.ts'
import { type Catalog, openCatalog } from '../../electron/catalog/database.ts'
import { createReadingRepository, type StoredReading } from '../../electron/catalog/readingRepository.ts'
import { createHistoryService } from '../../electron/monitoring/historyService.ts'
import { chartOf, tiers } from '../../electron/monitoring/tiers.ts'
import type { Bench } from './measure.ts'
import { atMost, judge, percentile, type Row } from './report.ts'

const ROWS = 100_000
const SEARCHES = 500
const RUNS = 7
/** as the application asks */
const MOST_FOUND = 5_000

/** Questions to a catalog in a file, as the application opens it. No peer: what a person feels has limits of its own. */
export async function* catalog({ cacheDir, tell }: Bench): AsyncGenerator<Row> {
  const dataDir = join(cacheDir, 'catalog')
  await rm(dataDir, { recursive: true, force: true })
  const open = (): Catalog => openCatalog({ dataDir, now: Date.now, uncleanStart: false })
  try {
    tell(`  ${ROWS} models, then ${RUNS} × ${SEARCHES} searches`)
    yield search(open)
    tell('  a week of readings of four devices, then charts of one')
    yield* charts(open)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

const makers = ['qwen', 'llama', 'mistral', 'gemma', 'phi', 'granite', 'deepseek', 'olmo', 'falcon', 'smollm']
const kinds = ['instruct', 'chat', 'coder', 'vision', 'base', 'reasoning', 'embedding']
const quantizations = ['Q4_K_M', 'Q5_K_S', 'Q8_0', 'IQ3_XXS', 'F16', 'BF16']
const pick = <T>(list: readonly T[], n: number): T | '' => list[n % list.length] ?? ''

function search(open: () => Catalog): Row {
  const writing = open()
  const artifacts = createArtifactRepository<object>(writing.db)
  for (let start = 0; start < ROWS; start += 10_000)
    artifacts.save(Array.from({ length: 10_000 }, (_, n) => artifactOf(start + n)))
  writing.close()

  const samples: number[] = []
  let slowest = { elapsedMs: 0, text: '' }
  for (let run = 0; run < RUNS; run++) {
    const { db, close } = open()
    const { search } = createArtifactRepository<object>(db)
    const times = Array.from({ length: SEARCHES }, (_, n) => {
      const text = queryOf(run * SEARCHES + n)
      const startedAt = performance.now()
      search(text, MOST_FOUND)
      const elapsedMs = performance.now() - startedAt
      if (elapsedMs > slowest.elapsedMs) slowest = { elapsedMs, text }
      return elapsedMs
    })
    close()
    samples.push(percentile(times, 0.99))
  }
  return judge({
    name: `catalog: name search over ${ROWS} models, p99`,
    unit: 'ms',
    limit: atMost(20),
    ours: samples,
    note: `${SEARCHES} searches a run; the slowest of all: “${slowest.text}” with ${slowest.elapsedMs.toFixed(1)} ms`,
  })
}

function artifactOf(n: number) {
  const quantization = pick(quantizations, n)
  const name = `${pick(makers, n)}-${(n % 9) + 1}.${n % 5}-${(n * 7) % 400}b-${pick(kinds, n >> 3)}-${(n * 2654435761) % 2 ** 32}`
  const path = `/models/${pick(makers, n)}/${name}/${name}-${quantization}.gguf`
  return {
    keyCandidates: [`${name}-${quantization}`, `${name}-${quantization}-${n}`],
    path,
    files: [{ path, sizeBytes: n, modifiedAt: n }],
    sizeBytes: n,
    modifiedAt: n,
    format: 'gguf',
    name,
    architecture: pick(makers, n),
    quantization,
    error: null,
    summary: { contextLength: 32_768 },
  }
}

/** What people type: letter by letter, one word, two words, something that is not there, and what every model has. */
function queryOf(n: number): string {
  const maker = pick(makers, n)
  const kind = pick(kinds, n >> 4)
  const queries = [
    maker.slice(0, 2),
    maker.slice(0, 3),
    maker,
    `${maker} ${kind}`,
    `${kind} ${pick(quantizations, n)}`,
    `${(n * 7) % 400}b`,
    `${maker} ${(n * 7) % 400}b`,
    String((n * 2654435761) % 2 ** 32).slice(0, 6),
    `nothing-${n}`,
    'gguf',
  ]
  return pick(queries, n)
}

const DEVICES = ['cpu', 'gpu-0', 'gpu-1', 'gpu-2']
const NOW = Date.UTC(2026, 0, 15)
const CHARTS = 20

/** Every chart asks a freshly opened catalog once: nothing of the answer is in SQLite's own cache. */
function* charts(open: () => Catalog): Generator<Row> {
  const writing = open()
  const readings = createReadingRepository(writing.db)
  for (const { stepMs, keptMs } of tiers) {
    for (const device of DEVICES) {
      const count = Math.min(keptMs, 30 * 86_400_000) / stepMs
      readings.save(
        stepMs,
        Array.from({ length: count }, (_, n) => readingOf(device, NOW - (count - n) * stepMs, n)),
      )
    }
  }
  for (let n = 0; n < 200; n++)
    readings.saveMark({ at: NOW - n * 3_000_000, kind: n % 2 === 0 ? 'load' : 'unload', label: 'embedded/a' })
  const rawRows = Number(writing.db.prepare('SELECT count(*) FROM reading').pluck().get())
  writing.close()

  const counts: number[] = []
  const samples = Array.from({ length: CHARTS + 1 }, () => {
    const { db, close } = open()
    const { history } = createHistoryService({ readings: createReadingRepository(db), now: () => NOW })
    const startedAt = performance.now()
    const { points } = history('gpu-1', '7d')
    const elapsedMs = performance.now() - startedAt
    for (const range of ['5m', '1h', '24h', '7d'] as const) counts.push(history('gpu-1', range).points.length)
    close()
    if (points.length < 100) throw new Error('the chart is empty')
    return elapsedMs
  }).slice(1)
  const { rangeMs, tierMs } = chartOf['7d']
  yield judge({
    name: 'catalog: chart of one device over 7 days',
    unit: 'ms',
    limit: atMost(5),
    ours: samples,
    note: `reads ${rangeMs / tierMs} rows of ${tierMs / 60_000} minutes each, out of ${rawRows} rows of all tiers and devices`,
  })
  yield judge({ name: 'catalog: points of a chart, every range', unit: 'points', limit: atMost(500), ours: counts })
}

const readingOf = (device: string, at: number, n: number): StoredReading => ({
  device,
  at,
  usedBytes: 2 ** 33 + (n % 1000) * 2 ** 20,
  utilization: (n % 100) / 100,
  temperatureCelsius: 40 + (n % 30),
  powerWatts: 100 + (n % 200),
  owners: n % 3 === 0 ? { 'embedded/a': 2 ** 32, 'ollama/b': 2 ** 31 } : {},
})
