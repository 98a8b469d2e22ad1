import { createTail, type EngineChannel, engineExecArgv, type SpawnEngine } from '../engine/engineProcess.ts'
import type { ElectronApi } from './electronApi.ts'

/** Engine processes as Electron's utility processes: no Node flags, no window, gone with the main process. */
export const spawnUtility =
  ({ utilityProcess }: Pick<ElectronApi, 'utilityProcess'>, modulePath: string): SpawnEngine =>
  (env): EngineChannel => {
    const child = utilityProcess.fork(modulePath, [], {
      env: { ...env },
      execArgv: [...engineExecArgv],
      stdio: ['ignore', 'ignore', 'pipe'],
      serviceName: 'Berth engine',
    })
    const tail = createTail()
    let isGone = false
    child.stderr?.on('data', (chunk: Buffer) => tail.add(chunk.toString()))
    child.on('exit', () => {
      isGone = true
    })
    return {
      get pid() {
        return child.pid ?? null
      },
      send: (message) => {
        if (!isGone) child.postMessage(message)
      },
      onMessage: (listener) => void child.on('message', listener),
      // Chromium tells one number: on POSIX a signal's is negative or above 128 by shell custom.
      onExit: (listener) => void child.on('exit', (code) => listener({ code, signal: null, lastWords: tail.text() })),
      kill: () => {
        // utilityProcess.kill asks politely; native code that hangs does not hear it
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
        else child.kill()
      },
    }
  }
