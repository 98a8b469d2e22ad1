import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../byteSource.ts'
import { openFolderSource } from '../folderSource.ts'
import { onnxFormat } from './onnxFormat.ts'
import { readModel } from './readModel.ts'

interface Expected {
  readonly irVersion: number
  readonly producer: string
  readonly opsets: Readonly<Record<string, number>>
  readonly metadata: Readonly<Record<string, string>>
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly functions: readonly string[]
  readonly nodeCount: number
  readonly subgraphCount: number
  readonly operators: Readonly<Record<string, number>>
  readonly initializers: readonly {
    readonly name: string
    readonly type: string
    readonly shape: readonly number[]
    readonly file: string | null
    readonly offset: number | null
  }[]
}

const folder = fileURLToPath(new URL('../../../../test/fixtures/onnx/', import.meta.url))
// what make.py wrote
const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as Record<string, Expected>

/** `FLOAT8E4M3FN` → `F8_E4M3`, the names of the table for those of the format. */
const shortName = (name: string): string =>
  ({ FLOAT: 'F32', DOUBLE: 'F64', BFLOAT16: 'BF16', STRING: 'STRING', BOOL: 'BOOL' })[name] ??
  name
    .replace(/^(FLOAT|UINT|INT|COMPLEX)/, (word) => word.charAt(0))
    .replace(/(E\dM\d)/, '_$1')
    .replace('F4_E2M1', 'F4')
    .replace(/FN$/, '')

const withSource = async <T>(name: string, use: (source: Awaited<ReturnType<typeof openFileSource>>) => Promise<T>) => {
  const source = await openFileSource(folder + name)
  try {
    return await use(source)
  } finally {
    await source.close()
  }
}
const inspect = (name: string) =>
  withSource(name, (source) =>
    onnxFormat.inspect(source, { fileName: name, folder: openFolderSource(folder.slice(0, -1), 'onnx') }),
  )
const notPassed = async (name: string) =>
  (await inspect(name)).summary.checks.filter(({ outcome }) => outcome !== 'passed').map(({ code }) => code)

describe('models by the format’s own writer', () => {
  it.each(Object.entries(expected))('%s says what the onnx package reads in it', async (name, facts) => {
    const model = await withSource(name, (source) => readModel(source))
    expect(model.findings.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    expect({
      irVersion: model.irVersion,
      producer: model.producer,
      opsets: Object.fromEntries(model.opsets),
      metadata: Object.fromEntries(model.metadata),
      inputs: model.inputs.map((value) => value.name),
      outputs: model.outputs.map((value) => value.name),
      functions: model.functions.map((item) => item.name),
      nodeCount: model.nodeCount,
      subgraphCount: model.subgraphCount,
      operators: Object.fromEntries([...model.operators].map(([key, count]) => [key.replace('\0', '/'), count])),
    }).toEqual({ ...facts, initializers: undefined })
    const { tensors } = await inspect(name)
    for (const initializer of facts.initializers)
      expect(tensors).toContainEqual(
        expect.objectContaining({
          name: initializer.name,
          type: shortName(initializer.type),
          shape: initializer.shape,
          file: initializer.file,
          ...(initializer.offset === null ? {} : { offset: initializer.offset }),
        }),
      )
  })

  it('raw values and packed floats are found at their place in the file', async () => {
    const { tensors, summary } = await inspect('plain.onnx')
    const bytes = readFileSync(`${folder}plain.onnx`)
    const [w, b] = tensors
    expect([w?.bytes, b?.bytes]).toEqual([48, 12])
    for (const tensor of tensors) {
      const value = bytes.readFloatLE(tensor.offset ?? 0)
      expect(value).not.toBe(0)
      expect(Math.abs(value)).toBeLessThan(0.2)
    }
    expect(summary).toMatchObject({
      format: 'ONNX',
      formatVersion: 'IR 10',
      name: 'plain',
      loadable: false,
      parameterCount: 15,
      quantization: 'F32',
      bitsPerWeight: 32,
      tensorCount: 2,
      dataBytes: 60,
      license: 'MIT',
      author: 'Berth',
    })
    const inputs = (await inspect('plain.onnx')).facts.find(({ title }) => title === 'Inputs')
    expect(inputs?.facts).toEqual([{ label: 'x', value: 'F32 [batch, 4]', source: 'graph.input' }])
  })

  it('quantisation by operators, by types and by attributes', async () => {
    expect((await inspect('few-bits.onnx')).summary.quantization).toBe('MatMulNBits (4 bits, blocks of 32)')
    expect((await inspect('quantized.onnx')).summary.quantization).toBe('INT8 (QDQ)')
  })

  it('operators that need more than a runtime', async () => {
    expect(await notPassed('functions.onnx')).toEqual(['custom-operators'])
    expect(await notPassed('few-bits.onnx')).toEqual(['runtime-operators'])
    expect(await notPassed('control.onnx')).toEqual([])
  })

  it('values beside the model: there, missing, or out of reach', async () => {
    expect(await notPassed('outside.onnx')).toEqual([])
    const alone = await withSource('outside.onnx', (source) => onnxFormat.inspect(source))
    expect(alone.summary.checks).toContainEqual(
      expect.objectContaining({ code: 'external-not-looked-up', outcome: 'unknown' }),
    )
    const elsewhere = openFolderSource(fileURLToPath(new URL('.', import.meta.url)).slice(0, -1), 'other')
    const missing = await withSource('outside.onnx', (source) => onnxFormat.inspect(source, { folder: elsewhere }))
    expect(missing.summary.checks).toContainEqual(
      expect.objectContaining({
        code: 'external-file-missing',
        outcome: 'broken',
        message: expect.stringContaining('12,288 bytes'),
      }),
    )
  })
})
