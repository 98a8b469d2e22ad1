import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openFileSource } from '../../electron/files/formats/byteSource.ts'
import { encodeGgufHeader } from '../../electron/files/formats/gguf/ggufWriter.ts'
import { readSafetensors } from '../../electron/files/formats/safetensors/readSafetensors.ts'
import { climb } from '../../electron/files/validation/ladder.ts'
import { sparseCheckpoint } from './checkpoint.ts'
import { alternate, type Bench, elapsed, findProgram, mebibytes } from './measure.ts'
import { hasProcfs, noProcfs } from './procfs.ts'
import { atMost, judge, type Peer, type Row, ratioAtMost } from './report.ts'

const RUNS = 20
/** of what takes less than a millisecond: both programs are warm after the first of them */
const SHORT_RUNS = 200
const LARGE = 4 * 2 ** 30
const run = promisify(execFile)

/** What a person waits for when a file is dropped; the code is loaded and the file in the system's cache. */
export async function* filesReading({ cacheDir, tell }: Bench): AsyncGenerator<Row> {
  const files = {
    'a GGUF of 4 GB': await largeGguf(join(cacheDir, 'large.gguf')),
    'a safetensors of 4 GB': await safetensorsFile(join(cacheDir, 'large.safetensors'), 500, LARGE),
  }
  for (const [name, file] of Object.entries(files)) {
    tell(`  first verdict of ${name}, ${RUNS} runs: ${file.path}`)
    yield* firstVerdict(name, file)
  }
  for (const tensors of [500, 5_000]) {
    const file = await safetensorsFile(join(cacheDir, `header-${tensors}.safetensors`), tensors, 0)
    yield await safetensorsHeader(tensors, file.path)
  }
  yield* checkpointScan(await sparseCheckpoint(join(cacheDir, 'checkpoint-2gb.pt')))
}

interface BenchFile {
  readonly path: string
  readonly headerBytes: number
}

/** Identity, structure and meaning: when the rung `meaning` has ended. */
async function* firstVerdict(name: string, { path, headerBytes }: BenchFile): AsyncGenerator<Row> {
  const { ours } = await alternate(RUNS, {
    ours: async () => {
      const [startedAt, readBefore] = [performance.now(), bytesRead()]
      let verdict = { elapsedMs: Number.NaN, bytes: Number.NaN }
      await climb(path, {
        emit: ({ rung }) => {
          if (rung !== 'meaning') return
          verdict = { elapsedMs: performance.now() - startedAt, bytes: bytesRead() - readBefore - headerBytes }
        },
      })
      return verdict
    },
  })
  const verdictMs = ours.map(({ elapsedMs }) => elapsedMs)
  yield judge({ name: `files: first verdict of ${name}`, unit: 'ms', limit: atMost(50), ours: verdictMs })
  yield judge({
    name: `files: read for it besides the header, ${name}`,
    unit: 'MiB',
    limit: atMost(10),
    ours: hasProcfs ? ours.map(({ bytes }) => mebibytes(bytes)) : noProcfs,
  })
}

/** By this process, from files of any kind. */
const bytesRead = (): number =>
  hasProcfs ? Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]) : Number.NaN

const python = `
import json, sys, time
from safetensors import safe_open, __version__
path, runs = sys.argv[1], int(sys.argv[2])
times = []
for _ in range(runs + 1):
    started = time.perf_counter()
    with safe_open(path, framework="np") as file:
        file.keys()
    times.append((time.perf_counter() - started) * 1000)
print(json.dumps({"version": __version__, "times": times[1:]}))
`

async function safetensorsHeader(tensors: number, path: string): Promise<Row> {
  const header = await headerOf(path)
  const { ours, json } = await alternate(SHORT_RUNS, {
    ours: () => elapsed(() => readAnew(path)),
    json: () => elapsed(async () => JSON.parse(header.toString('utf8'))),
  })
  const rust = await rustLibrary(path)
  const peer: Peer = rust ?? { name: 'JSON.parse of the same header', version: process.versions.node, samples: json }
  return judge({
    name: `files: safetensors header of ${tensors} tensors`,
    unit: 'ms',
    limit: ratioAtMost(rust ? 1.5 : 1.2),
    ours,
    peer,
    note: 'opened, read and checked by every rule of the format',
  })
}

/** Its own reader only: what the tensors mean is no part of what the library does. */
async function readAnew(path: string): Promise<void> {
  const file = await openFileSource(path)
  try {
    await readSafetensors(file)
  } finally {
    await file.close()
  }
}

async function headerOf(path: string): Promise<Buffer> {
  const file = await openFileSource(path)
  try {
    const length = Number(Buffer.from(await file.read(0, 8)).readBigUInt64LE())
    return Buffer.from(await file.read(8, length))
  } finally {
    await file.close()
  }
}

/** The official library, through the Python that BERTH_PEER_PYTHON names or the one in PATH. */
async function rustLibrary(path: string): Promise<Peer | null> {
  const program = process.env.BERTH_PEER_PYTHON ?? findProgram('python3')
  if (!program) return null
  try {
    const { stdout } = await run(program, ['-c', python, path, String(SHORT_RUNS)])
    const { version, times } = JSON.parse(stdout)
    return { name: 'safetensors (Rust, from Python)', version, samples: times }
  } catch {
    return null // no such library there
  }
}

async function* checkpointScan(path: string): AsyncGenerator<Row> {
  const { ours } = await alternate(RUNS, {
    ours: async () => {
      const [startedAt, readBefore] = [performance.now(), bytesRead()]
      let scan = { elapsedMs: Number.NaN, bytes: Number.NaN }
      await climb(path, {
        emit: ({ rung }) => {
          if (rung === 'safety') scan = { elapsedMs: performance.now() - startedAt, bytes: bytesRead() - readBefore }
        },
      })
      return scan
    },
  })
  const scanMs = ours.map(({ elapsedMs }) => elapsedMs)
  yield judge({ name: 'files: pickles of a checkpoint of 2 GB', unit: 'ms', limit: atMost(100), ours: scanMs })
  yield judge({
    name: 'files: read for it',
    unit: 'MiB',
    limit: atMost(10),
    ours: hasProcfs ? ours.map(({ bytes }) => mebibytes(bytes)) : noProcfs,
    note: 'the pickle and the tables of the archive',
  })
}

async function sparse(path: string, header: Uint8Array, sizeBytes: number): Promise<void> {
  const file = await open(`${path}.part`, 'w')
  await file.write(header)
  await file.truncate(sizeBytes)
  await file.close()
  await rename(`${path}.part`, path)
}

/** 32 layers and 32,000 tokens; the data is a hole. */
async function largeGguf(path: string): Promise<BenchFile> {
  const parts = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down']
  const tokens = Array.from({ length: 32_000 }, (_, n) => `t${n.toString(36)}`)
  const { bytes, dataBytes } = encodeGgufHeader({
    metadata: [
      { key: 'general.architecture', type: 'string', value: 'llama' },
      { key: 'llama.block_count', type: 'uint32', value: 32 },
      { key: 'llama.context_length', type: 'uint32', value: 8192 },
      { key: 'llama.embedding_length', type: 'uint32', value: 4096 },
      { key: 'llama.attention.head_count', type: 'uint32', value: 32 },
      { key: 'tokenizer.ggml.model', type: 'string', value: 'gpt2' },
      { key: 'tokenizer.ggml.tokens', type: 'array', elementType: 'string', value: tokens },
      { key: 'tokenizer.ggml.merges', type: 'array', elementType: 'string', value: tokens.map((text) => `${text} x`) },
    ],
    tensors: [
      { name: 'token_embd.weight', dimensions: [4096, 32_000], type: 'Q4_0' },
      ...Array.from({ length: 32 * parts.length }, (_, n) => ({
        name: `blk.${Math.floor(n / parts.length)}.${parts[n % parts.length]}.weight`,
        dimensions: [4096, 8192],
        type: 'Q4_0',
      })),
    ],
  })
  if (!existsSync(path)) await sparse(path, bytes, bytes.length + dataBytes)
  return { path, headerBytes: bytes.length }
}

/** F16 matrices of the layers of a llama, the data a hole; without data when `dataBytes` is 0. */
async function safetensorsFile(path: string, tensors: number, dataBytes: number): Promise<BenchFile> {
  const width = dataBytes === 0 ? 1 : Math.floor(dataBytes / tensors / 2 / 1024)
  const each = dataBytes === 0 ? 2 : width * 1024 * 2
  const records = Array.from({ length: tensors }, (_, n) => {
    const name = `model.layers.${Math.floor(n / 9)}.self_attn.part_${n % 9}_proj.weight`
    const shape = dataBytes === 0 ? [1, 1] : [1024, width]
    return [name, { dtype: 'F16', shape, data_offsets: [n * each, (n + 1) * each] }]
  })
  const text = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(records) })
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  if (!existsSync(path)) await sparse(path, Buffer.concat([length, header]), 8 + header.length + tensors * each)
  return { path, headerBytes: 8 + header.length }
}
