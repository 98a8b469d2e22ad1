import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }
import type { App } from '../app.ts'
import { createNodeSpawner } from '../engine/engineProcess.ts'
import { AppError, errnoOf, messageOf } from '../lib/appError.ts'
import { openFileLog } from '../lib/fileLog.ts'
import type { HeadlessOptions } from './commandLine.ts'
import { defaultDataDir } from './places.ts'

/** Files the running application consists of, from the sources or from the build. */
export interface Parts {
  readonly uiDir: string
  readonly engine: string
  readonly fileWorker: string
  readonly hashWorker: string
}

/** The application without a window and without a port. @throws AppError DATA_FOLDER_BUSY, DATA_FOLDER_UNUSABLE, CATALOG_TOO_NEW */
export async function openApp(
  options: Pick<HeadlessOptions, 'dataDir' | 'keysPassphrase'>,
  parts: Parts,
): Promise<{ app: App; close: () => Promise<void> }> {
  const dataDir = resolve(
    options.dataDir ?? defaultDataDir({ platform: process.platform, home: homedir(), env: process.env }),
  )
  const log = openLog(dataDir)
  const { createApp } = await import('../app.ts')
  const app = await createApp({
    host: 'headless',
    version: packageJson.version,
    engineVersion: packageJson.dependencies['node-llama-cpp'],
    dataDir,
    env: process.env,
    now: Date.now,
    log,
    spawnEngine: createNodeSpawner(parts.engine),
    fileWorker: pathToFileURL(parts.fileWorker),
    hashWorker: pathToFileURL(parts.hashWorker),
    keysPassphrase: options.keysPassphrase,
  })
  const close = async (): Promise<void> => {
    await app.close()
    log.close()
  }
  return { app, close }
}
function openLog(dataDir: string) {
  try {
    makeFolder(dataDir)
    return openFileLog(dataDir)
  } catch (error) {
    throw new AppError('DATA_FOLDER_UNUSABLE', `The data folder ${dataDir} cannot be used: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}

/** Node's own recursive mkdir never returns where the system says ENOENT for a folder whose parent is there, as in /proc. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    if (errnoOf(error) !== 'ENOENT' || existsSync(dirname(path))) throw error
    makeFolder(dirname(path))
    mkdirSync(path, { mode: 0o700 })
  }
}
