/** Reads one header once, in a process of its own: `node ggufReader.ts READER PATH` prints what it cost as JSON. */
import { readFileSync } from 'node:fs'
import type { ByteSource } from '../../electron/files/formats/byteSource.ts'
import type { GgufFile } from '../../electron/files/formats/gguf/ggufFile.ts'

type Read = (path: string) => Promise<{ readonly reads: number | null }>

/** Loads the code of a reader; only then the clock starts. */
const readers: Readonly<Record<string, () => Promise<Read>>> = {
  full: () => ours('readGguf', () => {}),
  decoded: () => ours('readGguf', decodeTexts),
  summary: () => ours('readGgufSummary', () => {}),
  'node-llama-cpp': async () => {
    const { readGgufFileInfo } = await import('node-llama-cpp')
    return async (path) => {
      await readGgufFileInfo(path)
      return { reads: null }
    }
  },
  huggingface: async () => {
    const { gguf } = await import('@huggingface/gguf')
    return async (path) => {
      await gguf(path, { allowLocalFile: true })
      return { reads: null }
    }
  },
}

async function ours(name: 'readGguf' | 'readGgufSummary', use: (header: GgufFile) => void): Promise<Read> {
  const { openFileSource } = await import('../../electron/files/formats/byteSource.ts')
  const { [name]: read } = await import('../../electron/files/formats/gguf/readGguf.ts')
  return async (path) => {
    const file = await openFileSource(path)
    let reads = 0
    const counted: ByteSource = {
      sizeBytes: file.sizeBytes,
      read: (...where) => {
        reads += 1
        return file.read(...where)
      },
    }
    try {
      use(await read(counted))
    } finally {
      await file.close()
    }
    return { reads }
  }
}

/** Ours leaves the texts of arrays as bytes until somebody asks; the others make strings of all of them. */
function decodeTexts({ metadata }: GgufFile): void {
  for (const { key, value } of metadata.values()) {
    if (typeof value !== 'object' || value.elementType !== 'string') continue
    if (value.values === null || [...value.values].length !== value.count) throw new Error(`${key} was not kept`)
  }
}

/** Linux keeps it per program; elsewhere it is that of the process. Bytes. */
function highestMemory(): number | null {
  if (process.platform === 'win32') return null
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}

const [reader = '', path = ''] = process.argv.slice(2)
const load = readers[reader]
if (load === undefined) throw new Error(`There is no reader ${reader}.`)
const read = await load()
const memoryBefore = process.memoryUsage.rss()
const startedAt = performance.now()
const { reads } = await read(path)
const elapsedMs = performance.now() - startedAt
const highest = highestMemory()
const extraBytes = highest === null ? null : Math.max(0, highest - memoryBefore)
process.stdout.write(JSON.stringify({ elapsedMs, reads, extraBytes }))
