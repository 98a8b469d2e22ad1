import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cpu } from 'systeminformation'
import type { Row } from './report.ts'

/** What a topic gets; it yields each row as soon as it is measured. */
export interface Bench {
  /** kept between runs: generated models and other inputs that take long to make */
  readonly cacheDir: string
  /** physical cores − 1, for us and for every peer */
  readonly threads: number
  /** says what is going on */
  readonly tell: (line: string) => void
}

export type Topic = (bench: Bench) => AsyncIterable<Row>

export async function openBench(env: NodeJS.ProcessEnv, tell: Bench['tell']): Promise<Bench> {
  const cacheDir = env.BERTH_BENCH_DIR || join(tmpdir(), 'berth-bench')
  await mkdir(cacheDir, { recursive: true })
  const { physicalCores } = await cpu()
  return { cacheDir, threads: Math.max(1, Math.min(physicalCores || 2, availableParallelism()) - 1), tell }
}

/** Each in turn, run after run, so that what disturbs the machine disturbs all of them. The first round does not count. */
export async function alternate<Name extends string, Result>(
  runs: number,
  measures: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const entries = Object.entries(measures) as [Name, () => Promise<Result>][]
  const results = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, Result[]>
  for (let run = 0; run <= runs; run++) {
    for (const [name, measure] of entries) {
      const result = await measure()
      if (run > 0) results[name].push(result)
    }
  }
  return results
}

const run = promisify(execFile)

/** What a fresh Node process answers as JSON. */
export async function askNode(
  script: URL,
  args: readonly string[],
  execArgv: readonly string[] = [],
): Promise<unknown> {
  const { stdout } = await run(process.execPath, [...execArgv, fileURLToPath(script), ...args], { maxBuffer: 1 << 26 })
  return JSON.parse(stdout)
}

/** Where a program is, or null. */
export const findProgram = (name: string, path = process.env.PATH ?? ''): string | null =>
  path
    .split(delimiter)
    .map((folder) => join(folder, process.platform === 'win32' ? `${name}.exe` : name))
    .find((file) => existsSync(file)) ?? null

export const mebibytes = (bytes: number): number => bytes / 2 ** 20

export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false // ESRCH: nobody has this pid
  }
}
