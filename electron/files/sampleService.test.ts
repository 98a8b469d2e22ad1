import { rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../../test/support/tempDir.ts'
import { createArtifactRepository } from '../catalog/artifactRepository.ts'
import { createFolderRepository } from '../catalog/folderRepository.ts'
import { migrate, migrations } from '../catalog/migrate.ts'
import { startFileWorker } from './fileReader.ts'
import type { ModelFileSummary } from './formats/modelFile.ts'
import { createLibraryService } from './libraryService.ts'
import { createSampleService } from './sampleService.ts'

const makeSamples = () => {
  const dataDir = tempDir()
  const db = new Database(':memory:')
  migrate(db, migrations, () => {})
  const library = createLibraryService({
    folders: createFolderRepository(db),
    artifacts: createArtifactRepository<ModelFileSummary>(db),
    startWorker: () => startFileWorker(new URL('./fileWorker.ts', import.meta.url)),
    findStores: async () => [],
    runJob: () => expect.fail('a sample needs no scan job of its own'),
    now: Date.now,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: (fields) => expect.fail(JSON.stringify(fields)) },
  })
  onTestFinished(async () => {
    await library.close()
    db.close()
  })
  const cancel = new AbortController()
  const jobs: Promise<string>[] = []
  const samples = createSampleService({
    dataDir,
    library,
    runJob: (_subject, work) => {
      const job = work({ signal: cancel.signal, report: () => {} })
      job.catch(() => {})
      jobs.push(job)
    },
  })
  return { dataDir, library, samples, jobs, cancel }
}

test('the sample is in the library and loadable when the call resolves', async () => {
  const { dataDir, library, samples, jobs } = makeSamples()
  const sample = await samples.create()
  expect(sample).toMatchObject({ model: 'embedded/berth-sample', notice: expect.stringContaining('nonsense') })
  expect(sample.sizeBytes).toBe((await stat(sample.path)).size)
  expect(library.artifact('berth-sample')).toMatchObject({ error: null, summary: { loadable: true } })
  expect(library.list()).toMatchObject([{ artifacts: 1 }])
  expect(sample.path).toContain(join(dataDir, 'models'))
  expect(await jobs[0]).toContain('nonsense')
})

test('the same model is answered again, also to two who ask at once, and written anew when it is gone or damaged', async () => {
  const { samples, jobs } = makeSamples()
  const [first, second] = await Promise.all([samples.create(), samples.create()])
  expect(second).toEqual(first)
  expect(jobs).toHaveLength(1)
  const written = await stat(first.path)
  expect(await samples.create()).toEqual(first)
  expect((await stat(first.path)).ino).toBe(written.ino)
  await rm(first.path)
  expect(await samples.create()).toEqual(first)
  await truncate(first.path, 1000)
  expect(await samples.create()).toEqual(first)
  expect((await stat(first.path)).size).toBe(first.sizeBytes)
})

test('a data folder that cannot hold it is named, and the next call tries again', async () => {
  const { dataDir, samples } = makeSamples()
  await writeFile(join(dataDir, 'models'), 'a file where the folder should be')
  await expect(samples.create()).rejects.toMatchObject({ code: 'PATH_UNUSABLE' })
  await rm(join(dataDir, 'models'))
  expect((await samples.create()).model).toBe('embedded/berth-sample')
})

test('cancelling the job cancels the call', async () => {
  const { samples, cancel } = makeSamples()
  cancel.abort()
  await expect(samples.create()).rejects.toMatchObject({ code: 'CANCELLED' })
})
