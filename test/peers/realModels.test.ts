import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { climb, inspectPath } from '../../electron/files/validation/ladder.ts'
import { verdictOf } from '../../electron/files/validation/report.ts'

const models = process.env.PEER_MODELS_DIR
const python = process.env.PEER_WRITERS_PYTHON
const run = promisify(execFile)

const look = async (path: string) => {
  const examination = await climb(path, { emit: () => {} })
  if (examination?.inspection == null) throw new Error(`nothing was read of ${path}`)
  const { checks, inspection } = examination
  return {
    verdict: verdictOf(checks),
    summary: inspection.summary,
    issues: checks.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'note'),
  }
}

const theirs = async (script: string, path: string) =>
  JSON.parse((await run(python ?? '', ['-c', script, path], { maxBuffer: 1 << 26 })).stdout)

const ggufReader = `
import json, sys
from gguf import GGUFReader
reader = GGUFReader(sys.argv[1])
fields = reader.fields
text = lambda key: bytes(fields[key].parts[fields[key].data[0]]).decode()
number = lambda key: int(fields[key].parts[fields[key].data[0]][0])
architecture = text("general.architecture")
print(json.dumps({
  "architecture": architecture,
  "contextLength": number(architecture + ".context_length"),
  "layers": number(architecture + ".block_count"),
  "tokens": len(fields["tokenizer.ggml.tokens"].data),
  "tensors": sorted([t.name, t.tensor_type.name, [int(n) for n in reversed(t.shape)], int(t.n_bytes), int(t.data_offset)] for t in reader.tensors),
}))
`

const safetensorsReader = `
import json, struct, sys
from safetensors import safe_open
path = sys.argv[1]
with open(path, "rb") as file:
    start = 8 + struct.unpack("<Q", file.read(8))[0]
with safe_open(path, framework="np") as file:
    slices = {name: file.get_slice(name) for name in file.keys()}
    print(json.dumps({"tensors": sorted([name, part.get_dtype(), part.get_shape()] for name, part in slices.items())}))
`

const name = models ? 'a real embedding model' : 'a real embedding model at PEER_MODELS_DIR (not set: skipped)'

/** all-MiniLM-L6-v2 as GGUF, and beside the models as the folder it was on the hub. */
describe.skipIf(!models)(name, () => {
  const gguf = join(models ?? '', 'all-minilm-l6-v2-f16.gguf')
  const folder = join(models ?? '', '..', 'minilm')

  test('passes as GGUF and as a folder of safetensors, and both are the same model', async () => {
    const one = await look(gguf)
    const other = await look(folder)
    expect([one.issues, other.issues]).toEqual([[], []])
    expect([one.verdict, other.verdict]).toEqual(['ok', 'ok'])
    for (const { summary } of [one, other]) expect(summary).toMatchObject({ role: 'embedding', architecture: 'bert' })
    expect(one.summary.geometry).toMatchObject({ blockCount: 6, embeddingLength: 384, vocabSize: 30_522 })
    expect(other.summary.geometry).toMatchObject({ blockCount: 6, embeddingLength: 384, vocabSize: 30_522 })
  })

  test.skipIf(!python)('the GGUF reads as its own Python reader reads it (PEER_WRITERS_PYTHON)', async () => {
    const { summary, tensors } = await inspectPath(gguf)
    const own = await theirs(ggufReader, gguf)
    expect(summary).toMatchObject({
      architecture: own.architecture,
      contextLength: own.contextLength,
      geometry: { blockCount: own.layers, vocabSize: own.tokens },
    })
    const rows = tensors.map(({ name, type, shape, bytes, offset }) => [name, type, shape, bytes, offset])
    expect(rows.sort()).toEqual(own.tensors.sort())
  })

  test.skipIf(!python)('the safetensors reads as the official library reads it (PEER_WRITERS_PYTHON)', async () => {
    const path = join(folder, 'model.safetensors')
    const own = await theirs(safetensorsReader, path)
    const rows = (await inspectPath(path)).tensors.map(({ name, type, shape }) => [name, type, shape])
    expect(rows.sort()).toEqual(own.tensors.sort())
  })
})
