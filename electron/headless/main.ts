import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { defaultCacheDir } from './places.ts'

// Before anything large is loaded: with its code compiled the last time, Berth starts in half the time.
enableCompileCache(join(defaultCacheDir({ platform: process.platform, home: homedir(), env: process.env }), 'code'))
const { runHeadless } = await import('./runHeadless.ts')

// In the build everything lies beside this file: dist/main, dist/renderer.
const here = import.meta.dirname
await runHeadless(
  process.argv.slice(2),
  import.meta.filename.endsWith('.ts')
    ? {
        uiDir: join(here, '../../dist/renderer'),
        engine: join(here, '../engine/process/main.ts'),
        fileWorker: join(here, '../files/fileWorker.ts'),
        hashWorker: join(here, '../files/hashing/hashWorker.ts'),
      }
    : {
        uiDir: join(here, '../renderer'),
        engine: join(here, 'engine.js'),
        fileWorker: join(here, 'fileWorker.js'),
        hashWorker: join(here, 'hashWorker.js'),
      },
)
