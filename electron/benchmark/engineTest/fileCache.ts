import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { messageOf } from '../../lib/appError.ts'
import type { ChildProcesses } from '../../lib/childProcess.ts'

export interface ModelFile {
  readonly path: string
  readonly sizeBytes: number
}

/** What the system keeps in memory of files that were read. */
export interface FileCache {
  /** Takes these files out of it. Resolves with why that cannot be, in words; null: it was done. */
  drop(files: readonly ModelFile[], signal: AbortSignal): Promise<string | null>
  /** Reads them whole, so that they are in it as far as there is room. */
  fill(files: readonly ModelFile[], signal: AbortSignal): Promise<void>
  /** What a process has had read from disks since it began; null: the system does not tell. */
  bytesFromDisk(pid: number): Promise<number | null>
}

const dropMs = 30_000
const pieceBytes = 4 << 20

/** The shards of a model lie side by side, numbered in their names. */
const pathsOf = (path: string): string[] => {
  const [, before, count] = /^(.*)-\d{5}-of-(\d{5})\.gguf$/is.exec(path) ?? []
  if (before === undefined || count === undefined) return [path]
  const number = (n: number) => String(n).padStart(5, '0')
  const extension = path.slice(path.lastIndexOf('.'))
  return Array.from({ length: Number(count) }, (_, index) => `${before}-${number(index + 1)}-of-${count}${extension}`)
}

const mostShards = 1000

/** What is read when this model is loaded; null: it is no file here. */
export const modelFiles = async (path: string | null): Promise<readonly ModelFile[] | null> => {
  if (path === null) return null
  const paths = pathsOf(path)
  if (paths.length > mostShards) return null
  try {
    return await Promise.all(
      paths.map(async (each) => {
        const found = await stat(each)
        if (!found.isFile()) throw new Error(`${each} is no file`)
        return { path: each, sizeBytes: found.size }
      }),
    )
  } catch {
    return null // the load will say what is wrong with it
  }
}

export const createFileCache = (children: ChildProcesses, platform: NodeJS.Platform): FileCache => ({
  async drop(files, signal) {
    if (platform !== 'linux') return 'only Linux can be asked to take a file out of its cache.'
    for (const { path } of files) {
      try {
        // POSIX_FADV_DONTNEED for the whole file; nothing is copied
        const args = [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']
        const { code, stderr } = await children.run('dd', args, { timeoutMs: dropMs, maxBytes: 4096, signal })
        if (code !== 0) return `dd could not take the file out of the system’s cache: ${stderr.trim().slice(0, 200)}`
      } catch (error) {
        signal.throwIfAborted()
        return `dd could not take the file out of the system’s cache: ${messageOf(error)}`
      }
    }
    return null
  },
  async fill(files, signal) {
    for (const { path } of files)
      for await (const _ of createReadStream(path, { highWaterMark: pieceBytes, signal })) signal.throwIfAborted()
  },
  async bytesFromDisk(pid) {
    const text = await readFile(`/proc/${pid}/io`, 'utf8').catch(() => '')
    const found = /^read_bytes: (\d+)$/m.exec(text)?.[1]
    return found === undefined ? null : Number(found)
  },
})
