import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openCatalog } from '../../electron/catalog/database.ts'
import { createFileRepository } from '../../electron/catalog/fileRepository.ts'
import { startFileWorker } from '../../electron/files/fileReader.ts'
import { createValidationService } from '../../electron/files/validation/validationService.ts'
import { type Bench, elapsed, mebibytes } from './measure.ts'
import { hasProcfs, noProcfs, pssBytes } from './procfs.ts'
import { atLeast, atMost, judge, type Row } from './report.ts'

const FILES = 10_000
const ROUNDS = 3

/** A folder of thousands, through the service, its workers and its catalog; each round with an empty catalog. */
export async function* filesBatch({ cacheDir, tell }: Bench): AsyncGenerator<Row> {
  const folder = await manyFiles(join(cacheDir, 'many'))
  tell(`  ${ROUNDS} rounds over ${FILES} files: ${folder}`)
  const rates: number[] = []
  const delays: number[] = []
  const memory: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const { seconds, longestDelayMs } = await validateAll(folder)
    if (round === 0) continue
    rates.push(FILES / seconds)
    delays.push(longestDelayMs)
    if (hasProcfs) memory.push(mebibytes(pssBytes(process.pid)))
  }
  yield judge({ name: 'files: 10,000 small files', unit: 'files/s', limit: atLeast(500), ours: rates })
  yield judge({
    name: 'files: longest stop of the main thread meanwhile',
    unit: 'ms',
    limit: atMost(50),
    ours: delays,
    note: 'a frame of the window takes 16 ms, and two in a row are seen; 99.9th percentile of the event loop',
  })
  const growth = memory.slice(1).map((now, index) => now - (memory[index] ?? now))
  yield judge({
    name: 'files: memory that each further 10,000 keep',
    unit: 'MiB',
    limit: atMost(30),
    ours: hasProcfs ? growth : noProcfs,
  })
}

async function validateAll(folder: string): Promise<{ seconds: number; longestDelayMs: number }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-bench-'))
  const catalog = openCatalog({ dataDir, now: Date.now, uncleanStart: false })
  const service = createValidationService({
    files: createFileRepository(catalog.db),
    startWorker: () => startFileWorker(new URL('../../electron/files/fileWorker.ts', import.meta.url)),
    runJob: () => {
      throw new Error('nothing here runs as a job')
    },
    fit: () => [],
    publish: () => {},
    now: Date.now,
  })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  try {
    const ms = await elapsed(() => service.refresh(folder, new AbortController().signal))
    delay.disable()
    const { total } = await service.list({ limit: 1 })
    if (total !== FILES) throw new Error(`${total} of ${FILES} files were validated`)
    return { seconds: ms / 1000, longestDelayMs: delay.percentile(99.9) / 1e6 }
  } finally {
    service.close()
    catalog.close()
    await rm(dataDir, { recursive: true })
  }
}

/** A real small model, ten thousand times with other weights, so that each has a content of its own. */
async function manyFiles(folder: string): Promise<string> {
  if (existsSync(folder)) return folder
  const model = readFileSync(new URL('../fixtures/gguf/llama-q5_0.gguf', import.meta.url))
  for (let at = 0; at < FILES; at += 100) {
    await mkdir(join(`${folder}.part`, String(at)), { recursive: true })
    for (let n = at; n < at + 100; n++) {
      model.writeUInt32LE(n, model.length - 16)
      await writeFile(join(`${folder}.part`, String(at), `model-${n}.gguf`), model)
    }
  }
  await rename(`${folder}.part`, folder)
  return folder
}
