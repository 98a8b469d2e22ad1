import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as electron from 'electron'
import packageJson from '../../package.json' with { type: 'json' }
import { createApp } from '../app.ts'
import { openFileLog } from '../lib/fileLog.ts'
import { createKeyStore } from './keyStore.ts'
import { startShell } from './shell.ts'
import { spawnUtility } from './spawnUtility.ts'

// Everything lies beside this file in the build: dist/main, dist/renderer, dist/preload.
const dist = join(import.meta.dirname, '..')
const dataDir = process.env.BERTH_DATA_DIR ?? electron.app.getPath('userData')

await startShell({
  electron,
  platform: process.platform,
  uiDir: join(dist, 'renderer'),
  preload: join(dist, 'preload', 'preload.cjs'),
  developerTools: !electron.app.isPackaged,
  createApp: () =>
    createApp({
      host: 'desktop',
      version: packageJson.version,
      engineVersion: packageJson.dependencies['node-llama-cpp'],
      dataDir,
      env: process.env,
      now: Date.now,
      log: openFileLog(dataDir),
      spawnEngine: spawnUtility(electron, join(dist, 'main', 'engine.js')),
      fileWorker: pathToFileURL(join(dist, 'main', 'fileWorker.js')),
      hashWorker: pathToFileURL(join(dist, 'main', 'hashWorker.js')),
      keyStore: createKeyStore(electron, process.platform),
    }),
})
