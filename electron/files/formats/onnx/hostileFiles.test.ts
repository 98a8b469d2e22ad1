import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { type FieldValue, message, packed } from '../protobuf/testProtobuf.ts'
import { readModel } from './readModel.ts'
import { graph, model, node, tensor, value } from './testOnnx.ts'

type Fields = readonly (readonly [number, FieldValue])[]

/** The codes of what runtimes refuse, or the code of the fault. */
const broken = async (bytes: Buffer): Promise<readonly string[]> => {
  try {
    const { findings } = await readModel(bytesSource(bytes))
    return findings.filter(({ outcome }) => outcome === 'broken').map(({ code }) => code)
  } catch (error) {
    if (error instanceof FormatError) return [error.code]
    throw error
  }
}
const opset = (version: number, domain = '') => message([1, domain], [2, version])
const attribute = (...fields: Fields) => [5, message(...fields)] as const
const withNode = (...fields: Fields) =>
  model([[1, node('Foo', ['x'], ['z'], [7, 'own'], ...fields)]], [[8, opset(1, 'own')]])
const inIf = (inner: Buffer) =>
  model([
    [11, value('c', 9)],
    [
      1,
      node(
        'If',
        ['c'],
        ['z'],
        attribute([1, 'then_branch'], [6, inner], [20, 5]),
        attribute([1, 'else_branch'], [6, inner], [20, 5]),
      ),
    ],
  ])
const subgraph = (...fields: Fields) => message([2, 's'], [12, value('so')], ...fields)
const weight = (...options: Parameters<typeof tensor> extends [string, ...infer Rest] ? Rest : never) =>
  model([[5, tensor('w', ...options)]])

const rules: Readonly<Record<string, readonly [code: string | null, bytes: Buffer]>> = {
  'a model that passes': [null, model()],
  'no version of the format': ['no-ir-version', message([7, graph()], [8, opset(21)])],
  'a version of the format that is not known': ['ir-version-too-new', model([], [[1, 15]])],
  'the last of two versions counts': [null, message([1, 99], [1, 10], [7, graph()], [8, opset(21)])],
  'no version of the operators': ['no-opset', message([1, 10], [7, graph()])],
  'versions of the operators before there were any': ['opset-too-early', message([1, 2], [7, graph()], [8, opset(1)])],
  'no versions of the operators where there were none': [null, message([1, 2], [7, graph()])],
  'no graph': ['no-graph', message([1, 10], [8, opset(21)])],
  'a graph without a name': [
    'graph-without-name',
    message([1, 10], [7, message([12, value('x')], [11, value('x')])], [8, opset(21)]),
  ],
  'a graph in two pieces': [
    null,
    message(
      [1, 10],
      [7, message([1, node('Identity', ['x'], ['y'])])],
      [7, message([2, 'g'], [11, value('x')], [12, value('y')])],
      [8, opset(21)],
    ),
  ],
  'metadata twice': [
    'metadata-twice',
    model(
      [],
      [
        [14, message([1, 'a'])],
        [14, message([1, 'a'])],
      ],
    ),
  ],
  'a weight without a name': ['initializer-without-name', model([[5, tensor('')]])],
  'a weight twice': [
    'initializer-twice',
    model([
      [5, tensor('w')],
      [5, tensor('w')],
    ]),
  ],
  'a weight that is no input, in an old format': [
    'initializer-is-no-input',
    message([1, 3], [7, graph([5, tensor('w')])], [8, opset(8)]),
  ],
  'a weight that is an input, in an old format': [
    null,
    message([1, 3], [7, graph([5, tensor('w')], [11, value('w')])], [8, opset(8)]),
  ],
  'a name written twice': ['name-written-twice', model([[1, node('Identity', ['x'], ['y'])]])],
  'a name written over an input': ['name-written-twice', model([[1, node('Identity', ['x'], ['x'])]])],
  'a name written over a weight': [
    'name-written-twice',
    model([
      [5, tensor('w')],
      [1, node('Identity', ['x'], ['w'])],
    ]),
  ],
  'an input twice': ['name-written-twice', model([[11, value('x')]])],
  'an input nobody wrote': ['input-nobody-wrote', model([[1, node('Identity', ['q'], ['z'])]])],
  'nodes in the wrong order': [
    'input-nobody-wrote',
    model([
      [1, node('Identity', ['b'], ['z'])],
      [1, node('Identity', ['x'], ['b'])],
    ]),
  ],
  'an optional input that is left out': [null, model([[1, node('Clip', ['x', '', ''], ['z'])]])],
  'an output nobody wrote': ['output-nobody-wrote', model([[12, value('q')]])],
  'an input without a name': ['value-without-name', model([[11, value('')]])],
  'an input without a type': ['value-without-type', model([[11, message([1, 'q'])]])],
  'an input without a shape': [
    'value-without-type',
    model([[11, message([1, 'q'], [2, message([1, message([1, 1])])])]]),
  ],
  'an operator without a name': ['node-without-operator', model([[1, message([1, 'x'], [2, 'z'])]])],
  'an operator without anything': ['node-without-values', model([[1, node('Identity', [], [])]])],
  'an operator that does not exist': ['unknown-operator', model([[1, node('Foo', ['x'], ['z'])]])],
  'an operator newer than its set': ['unknown-operator', model([[1, node('Gelu', ['x'], ['z'])]], [[8, opset(19)]])],
  'an operator that was removed': ['removed-operator', model([[1, node('Upsample', ['x', 'x'], ['z'])]])],
  'an operator of a set that is not imported': [
    'operator-not-imported',
    model([[1, node('Foo', ['x'], ['z'], [7, 'own'])]]),
  ],
  'an operator of a set that is imported': [null, withNode()],
  'the other name of the standard': [null, message([1, 10], [7, graph()], [8, opset(21, 'ai.onnx')])],
  'a newer set of operators': [null, model([], [[8, opset(99)]])],
  'an attribute without a name': ['attribute-without-name', withNode(attribute([3, 1], [20, 2]))],
  'an attribute without a type': ['attribute-without-type', withNode(attribute([1, 'a'], [3, 1]))],
  'an attribute of another type': ['attribute-of-other-type', withNode(attribute([1, 'a'], [3, 1], [20, 3]))],
  'an attribute with two values': ['attribute-of-other-type', withNode(attribute([1, 'a'], [3, 1], [4, 's'], [20, 2]))],
  'an attribute twice': [
    'attribute-twice',
    withNode(attribute([1, 'a'], [3, 1], [20, 2]), attribute([1, 'a'], [3, 1], [20, 2])),
  ],
  'an attribute without a value': [null, withNode(attribute([1, 'a'], [20, 2]))],
  'a tensor without a type': ['tensor-without-type', weight({ type: 0 })],
  'a negative dimension': ['tensor-bad-dimension', weight({ dims: [-2] })],
  'a negative dimension beside zero': ['tensor-bad-dimension', weight({ dims: [0, -1], values: [] })],
  'more elements than can be counted': ['tensor-too-large', weight({ dims: [2 ** 50, 2 ** 50] })],
  'a shape whose product wraps to the right size': ['tensor-too-large', weight({ dims: [2 ** 32, 2 ** 32, 2] })],
  'values that are too short': ['tensor-too-short', weight({ dims: [3] })],
  'typed values that are too short': ['tensor-too-short', weight({ values: [[4, Buffer.alloc(4)]] })],
  'typed values of the right number': [null, weight({ values: [[4, Buffer.alloc(8)]] })],
  'typed values, one by one': [
    null,
    weight({
      type: 6,
      values: [
        [5, 1],
        [5, 2],
      ],
    }),
  ],
  'eight of four bits in one number': [null, weight({ dims: [8], type: 22, values: [[5, packed(1)]] })],
  'nine of four bits in one number': ['tensor-too-short', weight({ dims: [9], type: 22, values: [[5, packed(1)]] })],
  'complex numbers take two': ['tensor-too-short', weight({ type: 14, values: [[4, Buffer.alloc(12)]] })],
  'values in the field of another type': ['tensor-in-wrong-field', weight({ values: [[5, packed(1, 2)]] })],
  'values twice': [
    'tensor-with-two-values',
    weight({
      values: [
        [9, Buffer.alloc(8)],
        [4, Buffer.alloc(8)],
      ],
    }),
  ],
  'no values': ['tensor-without-values', weight({ values: [] })],
  'no elements, yet values': ['tensor-with-needless-values', weight({ dims: [0] })],
  'no elements, no values': [null, weight({ dims: [0], values: [] })],
  'text as raw bytes': ['tensor-raw-text', weight({ type: 8 })],
  'values inside and outside': [
    'tensor-inside-and-outside',
    weight({
      values: [
        [9, Buffer.alloc(8)],
        [14, 1],
        [13, message([1, 'location'], [2, 'w'])],
      ],
    }),
  ],
  'a tensor in an attribute that is too short': [
    'tensor-too-short',
    withNode(attribute([1, 't'], [5, tensor('', { dims: [9] })], [20, 4])),
  ],
  'a tensor in a list in an attribute': [
    'tensor-too-short',
    withNode(attribute([1, 't'], [10, tensor('', { dims: [9] })], [20, 9])),
  ],
  'a graph inside that reads from outside': [null, inIf(subgraph([1, node('Identity', ['x'], ['so'])]))],
  'a graph inside that reads what nobody wrote': [
    'input-nobody-wrote',
    inIf(subgraph([1, node('Identity', ['q'], ['so'])])),
  ],
  'a graph inside that reads what is written later': [
    'input-nobody-wrote',
    inIf(subgraph([1, node('Identity', ['z'], ['so'])])),
  ],
  'a graph inside that writes over the outside': [
    'name-written-twice',
    inIf(subgraph([1, node('Identity', ['x'], ['x'])], [1, node('Identity', ['x'], ['so'])])),
  ],
  'a graph inside that hides an input': [null, inIf(subgraph([11, value('x')], [1, node('Identity', ['x'], ['so'])]))],
  'a graph inside without a name': [
    'graph-without-name',
    inIf(message([12, value('so')], [1, node('Identity', ['x'], ['so'])])),
  ],
  'a graph inside with a bad weight': [
    'tensor-too-short',
    inIf(subgraph([5, tensor('w', { dims: [9] })], [1, node('Identity', ['x'], ['so'])])),
  ],
  'a function that reads what nobody wrote': [
    'input-nobody-wrote',
    model(
      [],
      [[25, message([1, 'F'], [10, 'own'], [4, 'a'], [5, 'b'], [7, node('Identity', ['q'], ['b'])], [9, opset(21)])]],
    ),
  ],
  'a function with a bad tensor': [
    'tensor-too-short',
    model(
      [],
      [
        [
          25,
          message(
            [1, 'F'],
            [10, 'own'],
            [7, node('Constant', [], ['b'], attribute([1, 'value'], [5, tensor('', { dims: [9] })], [20, 4]))],
            [9, opset(21)],
          ),
        ],
      ],
    ),
  ],
  'a function without a version of the operators': [
    'operator-not-imported',
    model([], [[25, message([1, 'F'], [10, 'own'], [7, node('Identity', [''], ['b'])])]]),
  ],
  'a function twice': [
    'function-twice',
    model(
      [],
      [
        [25, message([1, 'F'], [10, 'own'])],
        [25, message([1, 'F'], [10, 'own'])],
      ],
    ),
  ],
  'a function without a name': ['function-without-name', model([], [[25, message([10, 'own'])]])],
  'a sparse weight without places': ['bad-sparse-tensor', model([[15, message([1, tensor('s')], [3, 4])]])],
  'a sparse weight with more values than places': [
    'bad-sparse-tensor',
    model([[15, message([1, tensor('s')], [2, tensor('', { dims: [1], type: 7 })], [3, 4])]]),
  ],
  'a length beyond the end': ['BAD_MESSAGE', model().subarray(0, -1)],
  'a group': ['BAD_MESSAGE', Buffer.concat([model(), Buffer.from('0b0c', 'hex')])],
  'zeros in front': ['BAD_MESSAGE', Buffer.concat([Buffer.alloc(4), model()])],
  'a name of five thousand bytes': ['STRING_TOO_LONG', model([[5, tensor('n'.repeat(5000))]])],
  'a hundred dimensions': ['TOO_MANY_DIMENSIONS', weight({ dims: Array.from({ length: 100 }, () => 1) })],
  'ten thousand dimensions': ['TOO_MUCH_WORK', weight({ dims: Array.from({ length: 10_000 }, () => 1) })],
}

const nested = (levels: number): Buffer => {
  let inner = subgraph([1, node('Identity', ['x'], ['so'])])
  for (let level = 0; level < levels - 2; level++)
    inner = message(
      [2, 's'],
      [12, message([1, 'so'])],
      [1, node('If', ['c'], ['so'], attribute([1, 'then_branch'], [6, inner], [20, 5]))],
    )
  return inIf(inner)
}

describe('rules of onnx.checker', () => {
  it.each(Object.entries(rules))('%s', async (_, [code, bytes]) => {
    const codes = await broken(bytes)
    if (code === null) expect(codes).toEqual([])
    else expect(codes).toContain(code)
  })

  it('graphs inside one another up to the depth that parsers read', async () => {
    expect(await broken(nested(32))).not.toContain('TOO_DEEP')
    expect(await broken(nested(34))).toEqual(['TOO_DEEP'])
    expect(await broken(nested(60))).toEqual(['TOO_DEEP'])
  })

  it('values that are longer than the shape are a warning, zeros at the end too', async () => {
    const long = await readModel(bytesSource(weight({ dims: [1] })))
    expect(long.findings.map(({ code }) => code)).toContain('tensor-too-long')
    const zeros = await readModel(bytesSource(Buffer.concat([model(), Buffer.alloc(100)])))
    expect(zeros.findings).toContainEqual(expect.objectContaining({ code: 'zeros-at-end', outcome: 'warning' }))
    const weights = await readModel(bytesSource(model([[5, tensor('w')]], [[7, message([5, tensor('v')])]])))
    expect(weights.findings.map(({ code }) => code)).toEqual(['graph'])
  })

  it('a tensor that hides behind fifty thousand numbers is said not to be seen', async () => {
    const many = attribute([1, 'a'], ...Array.from({ length: 60_000 }, (): [number, number] => [8, 1]), [20, 7])
    const { findings } = await readModel(bytesSource(withNode(many)))
    expect(findings).toContainEqual(expect.objectContaining({ code: 'attribute-not-read-whole', outcome: 'unknown' }))
  })
})

describe('more than an honest file holds', () => {
  const timed = async (bytes: Buffer) => {
    const start = cpuMs()
    const codes = await broken(bytes)
    expect(cpuMs() - start).toBeLessThan(2500)
    return codes
  }
  const repeated = (count: number, ...fields: Fields) => {
    const one = message(...fields)
    return message([1, 10], [7, Buffer.concat([graph(), Buffer.alloc(one.length * count, one)])], [8, opset(21)])
  }

  it('is refused or stays within bounds', async () => {
    expect(await timed(repeated(300_000, [5, message([8, 'w'])]))).toEqual(['TOO_MANY_TENSORS'])
    expect(await timed(repeated(400_000, [1, message([4, 'Identity'], [1, 'x'])]))).toEqual([])
    expect(await timed(repeated(3_000_000, [1, '']))).toEqual(['TOO_MUCH_WORK'])
    const nodes = Array.from({ length: 350_000 }, (_, index) => message([1, node('Identity', ['x'], [`n${index}`])]))
    const wide = message([1, 10], [7, Buffer.concat([graph(), ...nodes])], [8, opset(21)])
    const many = await readModel(bytesSource(wide))
    expect(many.findings).toContainEqual(expect.objectContaining({ code: 'names-not-followed', outcome: 'unknown' }))
  })

  it('names of a prototype are names', async () => {
    const names = ['__proto__', 'constructor', 'toString']
    const bytes = model(
      names.map((name): [number, Buffer] => [1, node('Identity', ['x'], [name])]),
      [[14, message([1, '__proto__'], [2, 'v'])]],
    )
    const read = await readModel(bytesSource(bytes))
    expect(read.findings.map(({ outcome }) => outcome)).toEqual(['passed'])
    expect(read.metadata).toEqual([['__proto__', 'v']])
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('v')
  })
})
