import { existsSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeGgufHeader, type GgufWriteEntry } from '../../electron/files/formats/gguf/ggufWriter.ts'
import ggufPackage from '../../node_modules/@huggingface/gguf/package.json' with { type: 'json' }
import llamaPackage from '../../node_modules/node-llama-cpp/package.json' with { type: 'json' }
import { alternate, askNode, type Bench, mebibytes } from './measure.ts'
import { atMost, judge, type Row, ratioAtMost } from './report.ts'

const RUNS = 11
const TOKENS = 150_000
const TENSORS = 500

/** What ggufReader.ts answers about its one call. */
interface Reading {
  readonly elapsedMs: number
  /** of the file; null for readers that do not tell */
  readonly reads: number | null
  /** most memory during the call, beyond what the process had before; null where the system does not tell */
  readonly extraBytes: number | null
}

/** The header of one file, read once in a fresh process that has its code loaded and the file in the system's cache. */
export async function* gguf({ cacheDir, tell }: Bench): AsyncGenerator<Row> {
  const path = await headerFile(cacheDir)
  tell(`  ${TENSORS} tensors, ${TOKENS} tokens, ${RUNS} runs: ${path}`)
  const script = new URL('ggufReader.ts', import.meta.url)
  const read = (reader: string) => async () => (await askNode(script, [reader, path])) as Reading
  const readings = await alternate(RUNS, {
    full: read('full'),
    llama: read('node-llama-cpp'),
    decoded: read('decoded'),
    huggingface: read('huggingface'),
    summary: read('summary'),
  })
  const ms = (name: keyof typeof readings) => readings[name].map(({ elapsedMs }) => elapsedMs)
  const full = { name: 'gguf: full header', unit: 'ms', ours: ms('full') }
  const decoded = { name: 'gguf: full header, every text decoded', unit: 'ms', ours: ms('decoded') }
  const summary = { name: 'gguf: summary', unit: 'ms', ours: ms('summary') }
  const llama = { peer: { name: 'node-llama-cpp', version: llamaPackage.version, samples: ms('llama') } }
  const hub = { peer: { name: '@huggingface/gguf', version: ggufPackage.version, samples: ms('huggingface') } }
  const lazy = 'the texts of arrays stay bytes until they are asked for; the others decode them all'
  yield judge({ ...full, ...llama, limit: ratioAtMost(1 / 2), note: lazy })
  yield judge({ ...decoded, ...llama, limit: ratioAtMost(1 / 2) })
  yield judge({ ...summary, ...llama, limit: ratioAtMost(0.15) })
  yield judge({ ...full, ...hub, limit: ratioAtMost(1 / 5), note: `at least 5 times faster; ${lazy}` })
  yield judge({ ...decoded, ...hub, limit: ratioAtMost(1 / 5), note: 'at least 5 times faster' })
  yield judge({ ...summary, ...hub, limit: ratioAtMost(1 / 20), note: 'at least 20 times faster' })
  yield judge({
    name: 'gguf: reads of the file for a summary',
    unit: 'reads',
    limit: atMost(4),
    ours: known(readings.summary, ({ reads }) => reads),
  })
  for (const name of ['decoded', 'summary'] as const)
    yield judge({
      name: `gguf: extra memory, ${name === 'decoded' ? 'full header' : name}`,
      unit: 'MiB',
      limit: atMost(64),
      ours: known(readings[name], ({ extraBytes }) => extraBytes && mebibytes(extraBytes)),
      note: 'resident memory at its highest, less what the process had before the call',
    })
}

const known = (readings: readonly Reading[], get: (reading: Reading) => number | null) => {
  const values = readings.map(get).filter((value) => value !== null)
  return values.length > 0 ? values : { absent: 'this system does not tell' }
}

/** As the header of a model with a vocabulary of the GPT-2 kind: tokens, their types and merges. The data is a hole. */
async function headerFile(folder: string): Promise<string> {
  const path = join(folder, `header-${TENSORS}-${TOKENS}.gguf`)
  if (existsSync(path)) return path
  const tokens = Array.from(
    { length: TOKENS },
    (_, n) => `${n % 2 ? 'Ġ' : ''}${n.toString(36)}${'ingtheonand'.slice(0, n % 8)}`,
  )
  const metadata: GgufWriteEntry[] = [
    { key: 'general.architecture', type: 'string', value: 'llama' },
    { key: 'general.name', type: 'string', value: 'A header to measure' },
    { key: 'llama.block_count', type: 'uint32', value: 55 },
    { key: 'llama.context_length', type: 'uint32', value: 32_768 },
    { key: 'llama.embedding_length', type: 'uint32', value: 4096 },
    { key: 'llama.attention.head_count', type: 'uint32', value: 32 },
    { key: 'tokenizer.ggml.model', type: 'string', value: 'gpt2' },
    { key: 'tokenizer.ggml.tokens', type: 'array', elementType: 'string', value: tokens },
    { key: 'tokenizer.ggml.token_type', type: 'array', elementType: 'int32', value: tokens.map(() => 1) },
    {
      key: 'tokenizer.ggml.merges',
      type: 'array',
      elementType: 'string',
      value: tokens.map((token) => `${token.slice(0, 2)} ${token.slice(2)}`),
    },
    { key: 'tokenizer.ggml.eos_token_id', type: 'uint32', value: 2 },
  ]
  const tensors = Array.from({ length: TENSORS }, (_, n) => ({
    name: `blk.${Math.floor(n / 9)}.part_${n % 9}.weight`,
    dimensions: [4096, 256],
    type: 'Q4_0',
  }))
  const { bytes, dataBytes } = encodeGgufHeader({ metadata, tensors })
  const file = await open(`${path}.part`, 'w')
  await file.write(bytes)
  await file.truncate(bytes.length + dataBytes)
  await file.close()
  await rename(`${path}.part`, path)
  return path
}
