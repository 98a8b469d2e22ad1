import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { type FieldValue, message } from '../protobuf/testProtobuf.ts'
import { savedModelFormat } from './savedModelFormat.ts'
import { tfliteFormat } from './tfliteFormat.ts'

const lite = readFileSync(fileURLToPath(new URL('../../../../test/fixtures/tensorflow/plain.tflite', import.meta.url)))
const node = (operator: string) => message([1, `n_${operator}`], [2, operator])
const nodes = (...operators: readonly string[]) =>
  operators.map((operator): [number, FieldValue] => [1, node(operator)])
const saved = (graph: Buffer) => message([1, 1], [2, message([1, message([5, '2.15'])], [2, graph])])
const outcomes = async (bytes: Buffer) => {
  const { summary } = await savedModelFormat.inspect(bytesSource(bytes))
  return summary.checks
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ outcome, message: text }) => `${outcome}: ${text}`)
}
const quiet = ['Placeholder', 'VarHandleOp', 'MatMul', 'NoOp']

describe('graphs of TensorFlow', () => {
  it('operators of graphs and of functions are counted', async () => {
    const library = message([1, message([1, message([1, 'f'])], [3, node('MatMul')], [3, node('RestoreV2')])])
    const bytes = saved(message(...nodes(...quiet), [2, library]))
    expect(savedModelFormat.recognizes(bytes, bytes.length)).toBe(true)
    const { summary, facts } = await savedModelFormat.inspect(bytesSource(bytes))
    expect(summary).toMatchObject({ format: 'TensorFlow SavedModel', formatVersion: 'schema 1', loadable: false })
    expect(facts[1]?.facts.map(({ value }) => value)).toEqual([
      '1',
      '6',
      'MatMul × 2, Placeholder × 1, VarHandleOp × 1, NoOp × 1, RestoreV2 × 1',
    ])
    expect(await outcomes(bytes)).toEqual([expect.stringContaining('note: The graph writes or reads checkpoints')])
  })

  it('operators that reach out of the graph, in functions too', async () => {
    expect(await outcomes(saved(message(...nodes(...quiet, 'WriteFile'))))).toEqual([
      expect.stringMatching(/^dangerous: .*WriteFile/),
    ])
    expect(await outcomes(saved(message(...nodes(...quiet, 'PyFunc'))))).toEqual([
      expect.stringMatching(/^warning: .*PyFunc/),
    ])
    const hidden = message(...nodes(...quiet), [2, message([1, message([3, node('ReadFile')])])])
    expect(await outcomes(saved(hidden))).toEqual([expect.stringMatching(/^dangerous: .*ReadFile/)])
    expect(await outcomes(saved(message(...nodes(...quiet))))).toEqual([])
  })

  it('a frozen graph, and one without anything in it', async () => {
    const frozen = message(...nodes(...quiet, 'ShellExecute'))
    expect(savedModelFormat.recognizes(frozen, frozen.length)).toBe(true)
    expect(await outcomes(frozen)).toEqual([expect.stringMatching(/^dangerous: .*ShellExecute/)])
    expect(await outcomes(saved(message([4, 1])))).toEqual([expect.stringMatching(/^broken: /)])
  })

  it('a file that ends too early is refused', async () => {
    const whole = saved(message(...nodes(...quiet)))
    await expect(savedModelFormat.inspect(bytesSource(whole.subarray(0, -3)))).rejects.toMatchObject({
      code: 'BAD_MESSAGE',
    })
  })
})

describe('TensorFlow Lite', () => {
  it('a model by code generated from the schema', async () => {
    const { summary, tensors, facts } = await tfliteFormat.inspect(bytesSource(lite))
    expect(tfliteFormat.recognizes(lite, lite.length)).toBe(true)
    expect(summary).toMatchObject({
      format: 'TensorFlow Lite',
      formatVersion: 'v3',
      tensorCount: 4,
      parameterCount: 21,
    })
    expect(tensors.map(({ name, type, shape, bytes }) => [name, type, shape, bytes])).toEqual([
      ['x', 'F32', [1, 4], 0],
      ['w', 'F32', [3, 4], 48],
      ['q', 'I8', [3, 3], 9],
      ['y', 'F32', [1, 3], 0],
    ])
    expect(Math.abs(lite.readFloatLE(tensors[1]?.offset ?? 0))).toBeLessThan(0.2)
    expect(facts[0]?.facts[0]).toMatchObject({ value: 'Berth fixture' })
    expect(facts[1]?.facts.map(({ value }) => value)).toEqual(['1', '2', 'BerthOwn, FlexAddV2'])
    expect(summary.checks.map(({ outcome, code }) => `${outcome}: ${code}`)).toEqual([
      'passed: tensors',
      'note: runtime-operators',
      'warning: custom-operators',
    ])
  })

  it('3000 damaged files are refused by name or stay inside the file', async () => {
    let state = 11
    const below = (limit: number) => {
      state = (state * 48_271) % 2_147_483_647
      return state % limit
    }
    let refused = 0
    for (let round = 0; round < Number(process.env.BERTH_FUZZ ?? 3000); round++) {
      let bytes = Buffer.from(lite)
      for (let times = below(3); times >= 0; times--) {
        if (below(3) === 0) bytes = bytes.subarray(0, 8 + below(bytes.length - 8))
        else if (below(2) === 0 || bytes.length < 13) bytes[below(bytes.length)] = below(256)
        else bytes.writeUInt32LE([0, 1, 0xffff, 0x7fffffff, 0xffffffff][below(5)] ?? 0, 8 + below(bytes.length - 12))
      }
      const found = await tfliteFormat.inspect(bytesSource(bytes)).catch((error: unknown) => error)
      if (found instanceof Error) {
        expect(found).toBeInstanceOf(FormatError)
        refused += 1
      } else
        for (const { offset, bytes: size } of (found as Awaited<ReturnType<typeof tfliteFormat.inspect>>).tensors) // what inspect gives
          expect((offset ?? 0) + size).toBeLessThanOrEqual(bytes.length)
    }
    expect(refused).toBeGreaterThan(100)
  }, 60_000)
})
