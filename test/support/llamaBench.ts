import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { EngineTest } from '../../electron/providers/provider.ts'
import type { LoadOptions } from '../../shared/contract/models.ts'

const run = promisify(execFile)
const modules = join(import.meta.dirname, '../../node_modules')
const library = join(modules, 'node-llama-cpp/llama')
const binaries = join(modules, '@node-llama-cpp/linux-x64/bins/linux-x64')

export interface LlamaBench {
  readonly file: string
  /** where it looks for its backends */
  readonly cwd: string
}

/** What both sides are told; `batch` is the logical and the physical one. */
export interface SameOptions {
  readonly path: string
  readonly threads: number
  readonly batch: number
  readonly flashAttention?: boolean
  readonly kvCacheType?: NonNullable<LoadOptions['kvCacheType']>
}

/** The options of llama-bench and llama-server, which have the same names. */
export const llamaFlags = ({ path, threads, batch, flashAttention, kvCacheType = 'f16' }: SameOptions): string[] => {
  const flash = flashAttention === undefined ? 'auto' : flashAttention ? 'on' : 'off'
  const flags = { m: path, t: threads, b: batch, ub: batch, fa: flash, ctk: kvCacheType, ctv: kvCacheType, ngl: 0 }
  return Object.entries(flags).flatMap(([name, value]) => [`-${name}`, String(value)])
}

/** Tokens per second of one repetition, which it warms up by itself. */
export const llamaBenchSpeed = async (bench: LlamaBench, options: SameOptions, test: EngineTest): Promise<number> => {
  const lengths = test.type === 'prompt' ? [test.tokens, 0] : [0, test.tokens]
  const flags = ['-p', lengths[0], '-n', lengths[1], '-d', test.depth, '-r', 1, '-o', 'json'].map(String)
  const { stdout } = await run(bench.file, [...llamaFlags(options), ...flags], { cwd: bench.cwd, timeout: 120_000 })
  const [result] = JSON.parse(stdout)
  return Number(result.samples_ts[0])
}

/** Whether this machine can build the one below, and why not. */
export const cannotBuild = async (): Promise<string | null> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is tried on Linux x64 only'
  if (!existsSync(binaries)) return 'the libraries of the engine are not installed'
  for (const tool of ['git', 'g++'])
    try {
      await run(tool, ['--version'])
    } catch {
      return `${tool} is missing`
    }
  return null
}

/**
 * llama-bench of the engine's own release, over the very libraries that the engine runs: between the two only the way of
 * measuring differs. Its source comes with node-llama-cpp. Built once (10 s) and kept in `cacheDir`.
 */
export const buildLlamaBench = async (cacheDir: string): Promise<LlamaBench> => {
  const { release } = JSON.parse(await readFile(join(library, 'binariesGithubRelease.json'), 'utf8'))
  const file = join(cacheDir, `llama-bench-${release}`)
  if (!existsSync(file)) {
    const source = await mkdtemp(join(cacheDir, 'llama.cpp-'))
    try {
      await run('git', ['clone', '--quiet', join(library, 'gitRelease.bundle'), source])
      const needed = /^lib(llama-common|llama|ggml|ggml-base)(\.v[\d.]+)?\.so$/
      const libraries = (await readdir(binaries)).filter((name) => needed.test(name))
      const include = ['common', 'include', 'ggml/include', 'vendor'].map((folder) => `-I${folder}`)
      const sources = ['llama-bench.cpp', 'main.cpp'].map((name) => `tools/llama-bench/${name}`)
      const link = [`-L${binaries}`, ...libraries.map((name) => `-l:${name}`), `-Wl,-rpath,${binaries}`]
      await run('g++', ['-O2', '-DNDEBUG', '-std=c++17', ...include, ...sources, ...link, '-o', 'built'], {
        cwd: source,
      })
      await rename(join(source, 'built'), file)
    } finally {
      await rm(source, { recursive: true, force: true })
    }
  }
  return { file, cwd: binaries }
}
