import { fileURLToPath } from 'node:url'
import { type App, type AppDeps, createApp } from '../../electron/app.ts'
import { createNodeSpawner } from '../../electron/engine/engineProcess.ts'
import type { Log } from '../../electron/lib/log.ts'
import { tempDir } from './tempDir.ts'

const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const at = (path: string): URL => new URL(`../../electron/${path}`, import.meta.url)

/** The real application on an empty data folder; Ollama is looked for where nobody listens unless `env` says otherwise. */
export const createTestApp = (deps: Partial<AppDeps> = {}): Promise<App> =>
  createApp({
    host: 'desktop',
    version: '0.0.0-test',
    engineVersion: 'test',
    dataDir: deps.dataDir ?? tempDir(),
    env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:1' },
    now: Date.now,
    log: silentLog,
    spawnEngine: createNodeSpawner(fileURLToPath(at('engine/process/main.ts'))),
    fileWorker: at('files/fileWorker.ts'),
    hashWorker: at('files/hashing/hashWorker.ts'),
    ...deps,
  })
