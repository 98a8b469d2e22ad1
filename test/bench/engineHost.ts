import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { engineEnvironment } from '../../electron/engine/engineEnvironment.ts'
import { createNodeSpawner } from '../../electron/engine/engineProcess.ts'
import { createEngineSupervisor, type EngineInstance } from '../../electron/engine/engineSupervisor.ts'
import type { EngineTest } from '../../electron/providers/provider.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'

/** Of the build, because that is what people run. */
export function builtFile(name: string): string {
  const path = join(import.meta.dirname, '../../dist/main', name)
  if (!existsSync(path)) throw new Error(`${path} is not there: npm run build makes it.`)
  return path
}

/** Engine processes as the application starts them, on the processor alone so that every peer does the same work. */
export function openEngines(threads: number) {
  const supervisor = createEngineSupervisor({
    spawn: createNodeSpawner(builtFile('engine.js')),
    env: engineEnvironment(process.env),
    now: Date.now,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    physicalCores: () => null,
    onChange: () => {},
  })
  const never = new AbortController().signal
  return {
    load: (path: string, options: LoadOptions = {}): Promise<EngineInstance> => {
      const fixed = { gpuLayers: 0, contextLength: 4096, threads, keepAlive: 'forever' } as const
      return supervisor.load(path, { path, options: { ...fixed, ...options } }, () => {}, never)
    },
    unload: supervisor.unload,
    chat: (path: string, request: Parameters<typeof supervisor.chat>[1]) => supervisor.chat(path, request, never),
    measure: (path: string, test: EngineTest) => supervisor.measure(path, test, never),
    close: supervisor.close,
  }
}
export type Engines = ReturnType<typeof openEngines>
