import { writeSync } from 'node:fs'
import { Worker, workerData } from 'node:worker_threads'

const CHECK_MS = 250
const TEMPLATE_LIMIT_SECONDS = 10

/** Runs a stranger's template; the process ends when that takes longer than the limit. */
export type RunTemplate = <T>(render: () => T) => T

interface Watched {
  readonly hostPid: number
  /** Unix seconds by which the template must be done; 0: none runs */
  readonly deadline: Int32Array
}

/**
 * A second thread that ends this process when the host is gone or when a template does not end. It works while the main
 * thread cannot: in an endless loop, or in native code. `entry` is the module that calls `watch` in a worker.
 */
export function startWatchdog(entry: URL, hostPid: number): RunTemplate {
  const deadline = new Int32Array(new SharedArrayBuffer(4))
  new Worker(entry, { workerData: { hostPid, deadline } satisfies Watched }).unref()
  return (render) => {
    Atomics.store(deadline, 0, Math.ceil(Date.now() / 1000) + TEMPLATE_LIMIT_SECONDS)
    try {
      return render()
    } finally {
      Atomics.store(deadline, 0, 0)
    }
  }
}

/** The worker's side. */
export function watch(): void {
  const { hostPid, deadline } = workerData as Watched
  const startedByHost = process.ppid === hostPid
  setInterval(() => {
    const due = Atomics.load(deadline, 0)
    if (due !== 0 && Date.now() / 1000 > due)
      end(`The model’s chat template did not finish within ${TEMPLATE_LIMIT_SECONDS} seconds.`)
    // A dead host that nobody has collected yet still takes signals, but is no longer our parent.
    if (!isAlive(hostPid) || (startedByHost && process.ppid !== hostPid)) end('The host is gone.')
  }, CHECK_MS)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function end(why: string): void {
  try {
    writeSync(2, `${why}\n`) // fails when the host is gone
  } finally {
    process.kill(process.pid, 'SIGKILL') // process.exit in a worker ends only the worker
  }
}
