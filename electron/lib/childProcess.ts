import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'

interface RunOptions {
  readonly timeoutMs: number
  /** of stdout; more ends the child */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}
/** `code` is null when a signal ended it. */
interface RunResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
export interface LinesExit {
  readonly code: number | null
  readonly stderr: string
  /** it could not be started */
  readonly error: Error | null
}
interface LinesOptions {
  readonly onLine: (line: string) => void
  readonly onExit: (exit: LinesExit) => void
}
export interface LineReader {
  /** Resolves when the child is gone, or after 4 s when it cannot be killed. No line comes after the call. */
  stop(): Promise<void>
}
export interface ChildProcesses {
  /** Rejects when it cannot start, takes too long, prints too much or is aborted; any exit code resolves. */
  run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult>
  startLines(file: string, args: readonly string[], options: LinesOptions): LineReader
}

const keptVariables = new Set([
  ...['PATH', 'PATHEXT', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'LD_LIBRARY_PATH'],
  ...['SYSTEMROOT', 'WINDIR', 'SYSTEMDRIVE', 'PROGRAMFILES', 'PROGRAMDATA'],
])

/** The few variables a tool needs: no keys, and English output in every language. */
export const childEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => keptVariables.has(name.toUpperCase()))),
  LC_ALL: 'C',
})

/** The folders of PATH. */
export const pathFolders = (env: NodeJS.ProcessEnv): string[] => {
  const path = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH')?.[1]
  return (path ?? '').split(delimiter).filter((folder) => folder !== '')
}

/** The absolute path of a command, or null where no folder has it. */
export async function findCommand(fileNames: readonly string[], folders: readonly string[]): Promise<string | null> {
  for (const folder of folders)
    for (const name of fileNames) {
      const path = join(folder, name)
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (runs) return path
    }
  return null
}

const maxErrorChars = 4_096
const maxLineChars = 65_536
const killWaitMs = 2_000

/** A child in uninterruptible sleep cannot be killed: it is let go, so that it does not hold us. */
function letGo(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.unref()
}

export function createChildProcesses(env: NodeJS.ProcessEnv): ChildProcesses {
  const start = (file: string, args: readonly string[]) => {
    const child = spawn(file, args, {
      env: childEnvironment(env),
      shell: false,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.setEncoding('utf8')
    child.stderr.setEncoding('utf8')
    return child
  }

  function run(file: string, args: readonly string[], { timeoutMs, maxBytes, signal }: RunOptions) {
    return new Promise<RunResult>((resolve, reject) => {
      signal?.throwIfAborted()
      const child = start(file, args)
      let stdout = ''
      let stderr = ''
      let broken: Error | null = null
      let killTimer: NodeJS.Timeout | undefined
      const end = (error: Error) => {
        if (broken !== null) return
        broken = error
        child.kill('SIGKILL')
        killTimer = setTimeout(() => {
          letGo(child)
          settle(null)
        }, killWaitMs)
      }
      const timer = setTimeout(() => end(new Error(`${basename(file)} took longer than ${timeoutMs} ms`)), timeoutMs)
      const abort = () => end(new Error(`${basename(file)} was cancelled`))
      const settle = (code: number | null) => {
        clearTimeout(timer)
        clearTimeout(killTimer)
        signal?.removeEventListener('abort', abort)
        if (broken === null) resolve({ code, stdout, stderr })
        else reject(broken)
      }
      signal?.addEventListener('abort', abort)
      child.stdout.on('data', (text: string) => {
        stdout += text
        if (stdout.length > maxBytes) end(new Error(`${basename(file)} printed more than ${maxBytes} bytes`))
      })
      child.stderr.on('data', (text: string) => {
        stderr = (stderr + text).slice(-maxErrorChars)
      })
      child.on('error', (error) => {
        broken ??= error
        settle(null)
      })
      child.on('close', settle)
    })
  }

  function startLines(file: string, args: readonly string[], { onLine, onExit }: LinesOptions): LineReader {
    const child = start(file, args)
    const gone = Promise.withResolvers<void>()
    let isStopped = false
    /** the rest of a line that is too long to keep */
    let isDropping = false
    let rest = ''
    let stderr = ''
    const exit = (code: number | null, error: Error | null) => {
      gone.resolve()
      if (isStopped) return
      isStopped = true
      onExit({ code, stderr, error })
    }
    child.stdout.on('data', (text: string) => {
      if (isStopped) return
      const lines = (rest + text).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const isWhole = !isDropping && line.length <= maxLineChars
        isDropping = false
        if (isWhole && !isStopped && line !== '') onLine(line)
      }
      if (rest.length <= maxLineChars) return
      rest = ''
      isDropping = true
    })
    child.stderr.on('data', (text: string) => {
      stderr = (stderr + text).slice(-maxErrorChars)
    })
    child.on('error', (error) => exit(null, error))
    child.on('close', (code) => {
      if (rest !== '' && !isStopped && !isDropping) onLine(rest)
      exit(code, null)
    })

    return {
      async stop() {
        isStopped = true
        child.kill('SIGTERM')
        const kill = setTimeout(() => child.kill('SIGKILL'), killWaitMs)
        const giveUp = setTimeout(() => {
          letGo(child)
          gone.resolve()
        }, 2 * killWaitMs)
        await gone.promise
        clearTimeout(kill)
        clearTimeout(giveUp)
      },
    }
  }

  return { run, startLines }
}
