import { realpath, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { Folder } from '../../shared/contract/folders.ts'
import type { Job } from '../../shared/contract/jobs.ts'
import type { ArtifactRepository } from '../catalog/artifactRepository.ts'
import type { FolderRepository } from '../catalog/folderRepository.ts'
import { AppError } from '../lib/appError.ts'
import type { Log } from '../lib/log.ts'
import { pathFault } from '../lib/pathFault.ts'
import type { ProviderDetails } from '../providers/provider.ts'
import { artifactDetails, brokenDetails } from './artifactDetails.ts'
import { createFileReader } from './fileReader.ts'
import type { ModelFiles } from './fileWorker.ts'
import { contains, resolveFolder } from './folderPath.ts'
import { groupShards } from './formats/gguf/shards.ts'
import type { ModelFileSummary } from './formats/modelFile.ts'
import type { KnownStore } from './knownStores.ts'
import { createLibraryCatalog } from './libraryCatalog.ts'
import { createLibraryFolder, type LibraryFolder, type LibraryFolderDeps, type SettleTimes } from './libraryFolder.ts'
import type { CatalogArtifact } from './scanFolder.ts'
import { watchFolder } from './watchFolder.ts'

export interface LibraryServiceDeps {
  readonly folders: FolderRepository
  readonly artifacts: ArtifactRepository<ModelFileSummary>
  readonly startWorker: () => Worker
  /** Runs the work as a job a person sees and can cancel; it resolves with one sentence. */
  readonly runJob: LibraryFolderDeps['runJob']
  readonly findStores: () => Promise<KnownStore[]>
  /** what is in this folder now is catalogued */
  readonly onScanned?: (path: string) => void
  /** it left the library */
  readonly onRemoved?: (path: string) => void
  readonly now: () => number
  readonly log: Log
  readonly settle?: SettleTimes
  /** how often to look whether a disk came or went */
  readonly lookoutMs?: number
  /** a file that takes longer is given up */
  readonly readTimeoutMs?: number
  readonly watch?: typeof watchFolder
}

/** Keys that are new or differ, and keys that are gone; or something about the folders. */
export type LibraryChange = { readonly changed: readonly string[]; readonly removed: readonly string[] } | 'folders'

/** The folders a person chose, and the model files below them. Berth only reads there. */
export const createLibraryService = (deps: LibraryServiceDeps) => {
  const { now, log, settle = { quietMs: 1500, longestMs: 10_000 }, lookoutMs = 30_000 } = deps
  const listeners = new Set<(change: LibraryChange) => void>()
  const announce = (change: LibraryChange): void => {
    for (const listener of listeners) listener(change)
  }
  const reader = createFileReader({
    startWorker: deps.startWorker,
    ...(deps.readTimeoutMs !== undefined && { timeoutMs: deps.readTimeoutMs }),
  })
  const catalog = createLibraryCatalog(deps.artifacts, announce)
  const folderDeps: LibraryFolderDeps = {
    catalog,
    reader,
    notModels: new Set(),
    runJob: deps.runJob,
    markScanned: (path, at) => {
      deps.folders.markScanned(path, at)
      deps.onScanned?.(path)
    },
    now,
    log,
    settle,
    watch: deps.watch ?? watchFolder,
    onChange: () => announce('folders'),
  }
  const folders = new Map(deps.folders.list().map((row) => [row.path, createLibraryFolder(row, folderDeps)]))
  let lookout: NodeJS.Timeout | undefined

  const list = (): Folder[] => [...folders.values()].map((folder) => folder.view())
  const covering = (path: string) => [...folders.values()].find((folder) => contains(folder.path, path))

  const find = (path: string): LibraryFolder => {
    const folder = folders.get(path) ?? folders.get(resolve(path))
    if (!folder) throw new AppError('FOLDER_NOT_FOUND', `${path} is not in the library.`)
    return folder
  }

  /** A folder that holds others of the library takes their place. */
  const insert = async (path: string): Promise<LibraryFolder> => {
    const inside = [...folders.values()].filter((folder) => contains(path, folder.path))
    const row = { path, addedAt: now(), lastScanAt: null }
    deps.folders.add(path, row.addedAt)
    const folder = createLibraryFolder(row, folderDeps)
    folders.set(path, folder)
    for (const old of inside) {
      folders.delete(old.path)
      deps.folders.remove(old.path)
    }
    announce('folders')
    await Promise.all(inside.map((old) => old.close()))
    return folder
  }

  const artifact = (key: string): CatalogArtifact => {
    const found = catalog.byKey(key)
    if (!found) throw new AppError('MODEL_NOT_FOUND', `There is no model file called ${key} in the library.`)
    return found
  }

  /** Links are resolved anew each time: one that leads out of the library by now is not followed. */
  const realFiles = (found: CatalogArtifact) =>
    Promise.all(
      found.files.map(async ({ path }) => {
        const real = await realpath(path).catch((error: unknown) => {
          throw new AppError('PATH_UNUSABLE', pathFault(path, error), { cause: error })
        })
        if (covering(real)) return { name: basename(path), path: real, identity: null }
        throw new AppError('PATH_UNUSABLE', `${path} leads out of the library by now.`)
      }),
    )

  const modelFiles = async (found: CatalogArtifact): Promise<ModelFiles> => {
    const files = await realFiles(found)
    return { files, set: groupShards(files.map(({ name }) => name)).sets[0] ?? null }
  }

  return {
    list,

    /** Stores of other programs that are on this machine and not in the library. */
    found: async (): Promise<KnownStore[]> => {
      const stores = await deps.findStores()
      return stores.filter(({ path }) => !covering(path))
    },

    /** Every model file that was found, broken ones included. */
    artifacts: (): readonly CatalogArtifact[] => catalog.all(),
    artifact: (key: string): CatalogArtifact | null => catalog.byKey(key),

    /** @throws AppError PATH_UNUSABLE, FOLDER_EXISTS */
    add: async (path: string): Promise<{ folder: Folder; job: Job }> => {
      const real = await resolveFolder(path)
      const there = covering(real)
      if (there)
        throw new AppError(
          'FOLDER_EXISTS',
          there.path === real
            ? `${real} is already in the library.`
            : `${real} is already in the library, as a part of ${there.path}.`,
        )
      const folder = await insert(real)
      const job = folder.scanAsJob(true)
      return { folder: folder.view(), job }
    },

    /** Makes sure that a folder is in the library and that what is in it now is catalogued. */
    include: async (path: string): Promise<void> => {
      const real = await resolveFolder(path)
      await (covering(real) ?? (await insert(real))).scanQuietly()
    },

    /** Its files stay where they are. @throws AppError FOLDER_NOT_FOUND */
    remove: async (path: string): Promise<void> => {
      const folder = find(path)
      folders.delete(folder.path)
      deps.folders.remove(folder.path)
      await folder.close()
      catalog.remove(catalog.below(folder.path).flatMap((old) => (covering(old.path) ? [] : old.path)))
      deps.onRemoved?.(folder.path)
      announce('folders')
    },

    /** One folder, or all. @throws AppError FOLDER_NOT_FOUND */
    scan: (path?: string): Job[] =>
      (path === undefined ? [...folders.values()] : [find(path)]).map((folder) => folder.scanAsJob(true)),

    /**
     * What to call before a file is given to native code: its artifact, if the files on disk are still those that our
     * reader passed; a file that changed is read again first.
     * @throws AppError MODEL_NOT_FOUND, PATH_UNUSABLE, FILE_INVALID
     */
    verify: async (key: string): Promise<CatalogArtifact> => {
      const known = artifact(key)
      const { files } = await modelFiles(known)
      const stats = await Promise.all(files.map(({ path }) => stat(path)))
      const isSame = known.files.every(
        (file, index) => stats[index]?.size === file.sizeBytes && Math.trunc(stats[index].mtimeMs) === file.modifiedAt,
      )
      if (!isSame) await covering(known.path)?.scanQuietly()
      const current = isSame ? known : artifact(key)
      if (current.error) throw new AppError('FILE_INVALID', current.error.message)
      return current
    },

    /**
     * Everything the file says, for one details page.
     * @throws AppError MODEL_NOT_FOUND, PATH_UNUSABLE
     */
    details: async (key: string): Promise<ProviderDetails> => {
      const found = artifact(key)
      if (found.error) return brokenDetails(found)
      try {
        return artifactDetails(found, await reader.inspect(await modelFiles(found)))
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'FILE_INVALID') throw error
        void covering(found.path)?.scanQuietly()
        return brokenDetails({ ...found, error: { code: error.code, message: error.message } })
      }
    },

    onChange: (listener: (change: LibraryChange) => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    /** Looks at every folder that is there, then keeps watching. */
    start: (): void => {
      for (const folder of folders.values())
        void folder.look().then((isThere) => isThere && folders.has(folder.path) && folder.scanAsJob(false))
      lookout = setInterval(() => {
        for (const folder of folders.values()) void folder.look()
      }, lookoutMs).unref()
    },

    close: async (): Promise<void> => {
      clearInterval(lookout)
      const closed = [...folders.values()].map((folder) => folder.close())
      reader.close() // a read that hangs must not hold the end
      await Promise.all(closed)
    },
  }
}

export type LibraryService = ReturnType<typeof createLibraryService>
