import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { Change } from '../shared/contract/system.ts'
import { createArtifactRepository } from './catalog/artifactRepository.ts'
import type { Catalog } from './catalog/database.ts'
import { createFileHashRepository } from './catalog/fileHashRepository.ts'
import { createFileRepository } from './catalog/fileRepository.ts'
import { createFolderRepository } from './catalog/folderRepository.ts'
import { createContentHashes } from './files/contentHashes.ts'
import { startFileWorker } from './files/fileReader.ts'
import type { ModelFileSummary } from './files/formats/modelFile.ts'
import { startHashWorker } from './files/hashing/fileHasher.ts'
import { createHashService } from './files/hashing/hashService.ts'
import { findKnownStores } from './files/knownStores.ts'
import { createLibraryService } from './files/libraryService.ts'
import { createSampleService } from './files/sampleService.ts'
import { createValidationService } from './files/validation/validationService.ts'
import type { JobService } from './jobs/jobService.ts'
import { AppError, messageOf } from './lib/appError.ts'
import { endAll } from './lib/endAll.ts'
import type { Log } from './lib/log.ts'
import { fitChecks, type Room } from './memory/fitChecks.ts'
import type { SettingsService } from './settings/settingsService.ts'
import type { SystemService } from './system/systemService.ts'

export interface FileParts {
  readonly db: Catalog['db']
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly fileWorker: URL
  readonly hashWorker: URL
  readonly jobs: JobService
  readonly settings: SettingsService
  readonly system: SystemService
  /** for the memory of a model */
  readonly room: () => Room
  /** hashing waits for a person who works */
  readonly isUserActive: () => boolean
  /** the content of a file is known now */
  readonly onHashed: () => void
  readonly publish: (change: Change) => void
  readonly onBug: (error: unknown, where: string) => void
  readonly now: () => number
  readonly log: Log
}

/** Connects all that reads model files: the part of the composition root of folders, reports and hashes. */
export const composeFiles = (parts: FileParts) => {
  const { db, dataDir, env, jobs, settings, now, log, onBug } = parts
  const closing = new AbortController()
  const startWorker = () => startFileWorker(parts.fileWorker)
  const artifacts = createArtifactRepository<ModelFileSummary>(db)
  const hashes = createFileHashRepository(db)

  const library = createLibraryService({
    folders: createFolderRepository(db),
    artifacts,
    startWorker,
    runJob: (kind, subject, work) => jobs.run(kind, subject, work).job,
    findStores: () => findKnownStores({ platform: process.platform, home: homedir(), env }),
    onScanned: (path) => refreshReports(path),
    onRemoved: (path) => void validation.forgetBelow(path).catch((error: unknown) => onBug(error, 'reports')),
    now,
    log,
  })
  const validation = createValidationService({
    files: createFileRepository(db),
    startWorker,
    runJob: (kind, subject, work) => jobs.run(kind, subject, work).job,
    fit: (summary) => fitChecks(summary, parts.room()),
    publish: (changed, removed) => {
      parts.publish({ type: 'files', changed: [...changed], removed: [...removed] })
      contentHashes.consider(changed.map(({ path }) => path))
    },
    now,
  })
  const hasher = createHashService({
    startWorker: () => startHashWorker(parts.hashWorker),
    isUserActive: parts.isUserActive,
    isDiskWanted: validation.isBusy,
    runJob: (subject, work) => jobs.run('hash', subject, work).job,
    onHashed: (path, stamp, sha256) => {
      contentHashes.record(path, stamp, sha256)
      parts.onHashed()
    },
    resolvePath: realFile,
    log,
  })
  const contentHashes = createContentHashes({
    list: validation.files,
    hashes,
    hasher,
    mayHashInBackground: () => settings.get().hashInBackground,
    now,
    onRot: (path) =>
      parts.system.notify(
        `rot:${path}`,
        'error',
        'A file has rotted',
        `${path} holds other bytes than when it was first hashed, and its date is the same. The disk may be failing.`,
      ),
    onFault: (error) => log.error({ err: error }, 'hashes could not be written'),
  })
  const samples = createSampleService({
    dataDir,
    library,
    runJob: (subject, work) => jobs.run('sample', subject, work),
  })

  /** After a scan; nobody waits for it, and what it cannot read is in its reports. */
  const refreshReports = (path: string): void => {
    validation.refresh(path, closing.signal).catch((error: unknown) => {
      if (!closing.signal.aborted) log.warn({ err: error }, 'the reports of a folder could not be refreshed')
    })
  }
  settings.onChange((after, before) => {
    if (after.hashInBackground && !before.hashInBackground) void contentHashes.considerAll()
    if (!after.hashInBackground && before.hashInBackground) contentHashes.stopBackground()
  })

  const steps = [library.close, () => closing.abort(), validation.close, hasher.close, contentHashes.close]
  return { artifacts, hashes, library, validation, contentHashes, samples, close: () => endAll(steps) }
}

/** @throws AppError PATH_UNUSABLE */
const realFile = (path: string): Promise<string> =>
  realpath(path).catch((error: unknown) => {
    throw new AppError('PATH_UNUSABLE', `${path} cannot be reached: ${messageOf(error)}.`, { cause: error })
  })
