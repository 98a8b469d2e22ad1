import type { Field, Span, Visit } from '../protobuf/protobufReader.ts'
import type { Census, OperatorCounts } from './census.ts'
import { finishTensor } from './finishTensor.ts'
import { createNames, type Names } from './names.ts'
import { readNode } from './readNode.ts'
import { createTensorDraft, tensorVisitor } from './readTensor.ts'
import { readValueInfo, type ValueDraft } from './readType.ts'

/** A GraphProto while its fields come in; a graph that is given in two pieces is one graph. */
export interface GraphDraft {
  readonly names: Names
  /** graphs inside nodes and functions are judged less strictly */
  readonly isMain: boolean
  readonly isFunction: boolean
  readonly operators: OperatorCounts
  name: string
  nodes: number
  /** of the main graph alone */
  readonly inputs: ValueDraft[]
  readonly outputs: ValueDraft[]
}

const mostValues = 10_000

export const createGraph = (census: Census, kind: 'main' | 'function', operators: OperatorCounts): GraphDraft => ({
  names: createNames({
    findings: census.findings,
    budget: census.budget,
    parent: null,
    word: kind === 'main' ? 'graph' : 'function',
  }),
  isMain: kind === 'main',
  isFunction: kind === 'function',
  operators,
  name: '',
  nodes: 0,
  inputs: [],
  outputs: [],
})

/** A graph in a node of another. */
export const createSubgraph = (census: Census, around: GraphDraft): GraphDraft => {
  census.subgraphCount += 1
  const parent = { names: around.names, node: around.nodes }
  const names = createNames({ findings: census.findings, budget: census.budget, parent, word: 'graph' })
  return { ...around, names, isMain: false, name: '', nodes: 0, inputs: [], outputs: [] }
}

/** GraphProto: node 1, name 2, initializer 5, input 11, output 12, sparse_initializer 15 */
export const graphVisitor =
  (census: Census, graph: GraphDraft, depth: number): Visit =>
  (field) => {
    if (field.wire !== 2) return undefined
    switch (field.number) {
      case 1:
        return readNode(census, graph, field, depth + 1)
      case 2:
        graph.name = census.reader.text(field)
        return undefined
      case 5:
        return readInitializer(census, graph, field, depth + 1)
      case 11:
      case 12:
        return readValue(census, graph, field, depth + 1)
      case 15:
        return readSparse(census, field, depth + 1, graph)
      default:
        return undefined
    }
  }

export const closeGraph = (census: Census, graph: GraphDraft, offset: number): void => {
  if (graph.name === '')
    census.findings.add(
      'broken',
      'graph-without-name',
      `${graph.isMain ? 'The graph' : 'A graph inside a node'} has no name.`,
      offset,
    )
  graph.names.close()
}

const readInitializer = async (census: Census, graph: GraphDraft, span: Span, depth: number): Promise<void> => {
  const draft = createTensorDraft(span.start)
  await census.reader.walk(span, depth, tensorVisitor(census.reader, draft, depth))
  addNamed(census, graph, draft.name, span.start, false)
  census.addTensor(finishTensor(draft, 'initializer', census.findings))
}

const addNamed = (census: Census, graph: GraphDraft, name: string, offset: number, isSparse: boolean): void => {
  if (name === '') census.findings.add('broken', 'initializer-without-name', 'A weight has no name.', offset)
  graph.names.initializer(name, offset, isSparse)
}

const readValue = async (census: Census, graph: GraphDraft, field: Field, depth: number): Promise<void> => {
  const value = await readValueInfo(census.reader, field, depth)
  const isInput = field.number === 11
  if (isInput) graph.names.input(value.name, value.offset)
  else graph.names.output(value.name, value.offset)
  checkValue(census, graph, value, isInput ? 'input' : 'output')
  const list = isInput ? graph.inputs : graph.outputs
  if (graph.isMain && list.length < mostValues) list.push(value)
}

const checkValue = (census: Census, graph: GraphDraft, value: ValueDraft, word: 'input' | 'output'): void => {
  const name = `The ${word} "${value.name.slice(0, 120)}" of the graph`
  if (value.name === '')
    census.findings.add('broken', 'value-without-name', `An ${word} of a graph has no name.`, value.offset)
  if (!graph.isMain) return
  const lacks = !value.hasType || value.kind === null ? 'type' : lacksOf(value)
  if (lacks !== null)
    census.findings.add('broken', 'value-without-type', `${name} does not tell its ${lacks}.`, value.offset)
}

const lacksOf = ({ kind, element, hasShape }: ValueDraft): string | null => {
  const isTensor = kind === 1 || kind === 8
  if ((isTensor || kind === 5) && element === null) return 'element type'
  return isTensor && !hasShape ? 'shape' : null
}

/** SparseTensorProto: values 1, indices 2, dims 3 */
export const readSparse = async (
  census: Census,
  span: Span,
  depth: number,
  graph: GraphDraft | null,
): Promise<void> => {
  const [values, indices] = [createTensorDraft(span.start), createTensorDraft(span.start)]
  const seen = new Set<number>()
  const { reader, findings } = census
  await reader.walk(span, depth, (field) => {
    seen.add(field.number)
    if (field.wire !== 2 || field.number > 2) return undefined
    return reader.walk(field, depth + 1, tensorVisitor(reader, field.number === 1 ? values : indices, depth + 1))
  })
  if (graph !== null) addNamed(census, graph, values.name, span.start, true)
  const broken = (message: string) =>
    findings.add(
      'broken',
      'bad-sparse-tensor',
      `The sparse tensor "${values.name.slice(0, 120)}" ${message}`,
      span.start,
    )
  if (!seen.has(1) || !seen.has(2)) broken('lacks its values or their places.')
  else if (!seen.has(3)) broken('has no shape.')
  else if (values.dims.length !== 1) broken('has values that are no list.')
  else if (indices.type !== 7) broken('has places that are no 64-bit integers.')
  else if (indices.dims[0] !== values.dims[0]) broken('has not as many places as values.')
  for (const draft of [values, indices])
    if (draft.dims.length > 0) census.addTensor(finishTensor(draft, 'sparse', findings))
}
