import { fork } from 'node:child_process'
import type { HostMessage } from './protocol.ts'

/** How an engine process ended. `lastWords`: the end of what it wrote to stderr. */
export interface EngineExit {
  readonly code: number | null
  readonly signal: string | null
  readonly lastWords: string
}

/**
 * One running engine process, whatever kind of child it is. Messages are structured clones; those it sends are not yet
 * checked. `onExit` is called exactly once, also when the process could not be started at all.
 */
export interface EngineChannel {
  readonly pid: number | null
  /** Ignored when the process is gone. */
  send(message: HostMessage): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: (exit: EngineExit) => void): void
  /** Ends it at once, without its cooperation. */
  kill(): void
}

/** Starts an engine process with exactly this environment. */
export type SpawnEngine = (env: Readonly<Record<string, string>>) => EngineChannel

const LAST_WORDS_LIMIT = 4096
/** Of the process's own JavaScript; a chat template that wants more than this ends the process. Weights are elsewhere. */
const HEAP_LIMIT_MIB = 1024
export const engineExecArgv: readonly string[] = [`--max-old-space-size=${HEAP_LIMIT_MIB}`]

/** Keeps the end of a stream of text. */
export function createTail(limit = LAST_WORDS_LIMIT) {
  let tail = ''
  return {
    add: (text: string): void => {
      tail = (tail + text).slice(-limit)
    },
    text: (): string => tail,
  }
}

/** Engine processes as children of Node. `modulePath`: process/main.ts, or what the build made of it. */
export const createNodeSpawner =
  (modulePath: string): SpawnEngine =>
  (env) => {
    const child = fork(modulePath, [], {
      env,
      execArgv: [...engineExecArgv],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    })
    const tail = createTail()
    child.stderr?.setEncoding('utf8').on('data', tail.add)
    return {
      pid: child.pid ?? null,
      // An error here is followed by the exit, which says more.
      send: (message) => void (child.connected && child.send(message, () => {})),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => {
        let told = false
        const tell = (code: number | null, signal: string | null): void => {
          if (told) return
          told = true
          listener({ code, signal, lastWords: tail.text() })
        }
        child.on('error', (error) => {
          tail.add(`${error.message}\n`)
          if (child.pid === undefined) tell(null, null)
        })
        // `close` comes after `exit`, when stderr has been read to its end.
        child.on('close', tell)
      },
      kill: () => void child.kill('SIGKILL'),
    }
  }
