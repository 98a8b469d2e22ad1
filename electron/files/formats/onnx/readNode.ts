import type { Field, Span } from '../protobuf/protobufReader.ts'
import { grouped } from '../words.ts'
import type { Census } from './census.ts'
import { finishTensor } from './finishTensor.ts'
import { closeGraph, createSubgraph, type GraphDraft, graphVisitor, readSparse } from './readGraph.ts'
import { createTensorDraft, type TensorDraft, tensorVisitor } from './readTensor.ts'

/** NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7 */
export const readNode = async (census: Census, graph: GraphDraft, span: Span, depth: number): Promise<void> => {
  const { reader, findings } = census
  const [names, integers] = [new Set<string>(), new Map<string, number>()]
  const outputs: string[] = []
  const node = { name: '', operator: '', domain: '', ends: 0 }
  census.nodeCount += 1
  await reader.walk(span, depth, (field) => {
    if (field.wire !== 2) return undefined
    if (field.number === 5) return readAttribute(census, graph, field, depth + 1, names, integers)
    if (field.number <= 2) {
      node.ends += 1
      const name = reader.text(field)
      if (name === '') return undefined // an optional one that is left out
      if (field.number === 1) graph.names.use(name, graph.nodes, span.start)
      else outputs.push(name)
    }
    if (field.number === 3) node.name = reader.text(field)
    if (field.number === 4) node.operator = reader.text(field)
    if (field.number === 7) node.domain = reader.text(field)
    return undefined
  })
  for (const output of outputs) graph.names.produce(output, graph.nodes, span.start)
  graph.nodes += 1
  const { operator, domain } = node
  if (operator === '')
    findings.add('broken', 'node-without-operator', `A node${named(node.name)} does not say what it does.`, span.start)
  else if (node.ends === 0)
    findings.add(
      'broken',
      'node-without-values',
      `The node${named(node.name)} (${operator.slice(0, 60)}) reads nothing and writes nothing.`,
      span.start,
    )
  census.countOperator(graph.operators, domain, operator, span.start)
  addBlockQuantization(census, operator, integers)
}

const named = (name: string) => (name === '' ? '' : ` "${name.slice(0, 120)}"`)

/** Operators with weights in blocks of few bits tell both in attributes. */
const addBlockQuantization = (census: Census, operator: string, integers: ReadonlyMap<string, number>): void => {
  const bits = integers.get('bits')
  const block = integers.get('block_size')
  if (bits === undefined || !/NBits|GatherBlockQuantized|QMoE/.test(operator) || census.blockQuantization.size >= 16)
    return
  census.blockQuantization.add(`${bits} bits${block === undefined ? '' : `, blocks of ${block}`}`)
}

/** The type that belongs to each field with a value: AttributeType by field number. */
const typeOfField: Readonly<Record<number, number>> = {
  2: 1,
  3: 2,
  4: 3,
  5: 4,
  6: 5,
  7: 6,
  8: 7,
  9: 8,
  10: 9,
  11: 10,
  14: 13,
  15: 14,
  22: 11,
  23: 12,
}
const wireOfField: Readonly<Record<number, readonly number[]>> = { 2: [5], 3: [0], 7: [5, 2], 8: [0, 2], 20: [0] }

/** Trees in machine learning models hold millions of numbers, one field each. */
const mostFields = 50_000

/** An AttributeProto while its fields come in. */
interface AttributeDraft {
  readonly offset: number
  name: string
  type: number | null
  refersOut: boolean
  integer: number | null
  fields: number
  readonly values: Set<number>
  tensor: TensorDraft | null
  graph: GraphDraft | null
}

const readAttribute = async (
  census: Census,
  graph: GraphDraft,
  span: Span,
  depth: number,
  names: Set<string>,
  integers: Map<string, number>,
): Promise<void> => {
  const draft: AttributeDraft = {
    offset: span.start,
    name: '',
    type: null,
    refersOut: false,
    integer: null,
    fields: 0,
    values: new Set(),
    tensor: null,
    graph: null,
  }
  await census.reader.walk(span, depth, (field) => {
    draft.fields += 1
    if (draft.fields > mostFields) return 'stop'
    return visitAttribute(census, graph, draft, field, depth)
  })
  if (draft.tensor !== null) census.addTensor(finishTensor(draft.tensor, 'constant', census.findings))
  if (draft.graph !== null) closeGraph(census, draft.graph, span.start)
  if (draft.fields > mostFields)
    census.findings.add(
      'unknown',
      'attribute-not-read-whole',
      `The attribute "${draft.name.slice(0, 120)}" has more than ${grouped(mostFields)} values: Berth looked at its beginning only.`,
      span.start,
    )
  else checkAttribute(census, graph, draft)
  if (names.has(draft.name))
    census.findings.add(
      'broken',
      'attribute-twice',
      `A node has two attributes "${draft.name.slice(0, 120)}".`,
      span.start,
    )
  names.add(draft.name)
  if (draft.integer !== null && integers.size < 100) integers.set(draft.name, draft.integer)
}

const visitAttribute = (
  census: Census,
  graph: GraphDraft,
  draft: AttributeDraft,
  field: Field,
  depth: number,
): Promise<unknown> | undefined => {
  const { reader } = census
  if (!(wireOfField[field.number] ?? [2]).includes(field.wire)) return undefined
  if (field.number === 1) draft.name = reader.text(field)
  if (field.number === 20) draft.type = field.value
  if (field.number === 21) draft.refersOut = true
  if (field.number === 3) draft.integer = field.value
  const isEmptyList = field.wire === 2 && (field.number === 7 || field.number === 8) && field.start === field.end
  if (typeOfField[field.number] !== undefined && !isEmptyList) draft.values.add(field.number)
  switch (field.number) {
    case 5:
      draft.tensor ??= createTensorDraft(field.start)
      return reader.walk(field, depth + 1, tensorVisitor(reader, draft.tensor, depth + 1))
    case 6:
      draft.graph ??= createSubgraph(census, graph)
      return reader.walk(field, depth + 1, graphVisitor(census, draft.graph, depth + 1))
    case 10:
      return readListed(census, field, depth + 1)
    case 11:
      return readListedGraph(census, graph, field, depth + 1)
    case 22:
    case 23:
      return readSparse(census, field, depth + 1, null)
    default:
      return undefined
  }
}

const readListed = async (census: Census, span: Span, depth: number): Promise<void> => {
  const draft = createTensorDraft(span.start)
  await census.reader.walk(span, depth, tensorVisitor(census.reader, draft, depth))
  census.addTensor(finishTensor(draft, 'constant', census.findings))
}

const readListedGraph = async (census: Census, around: GraphDraft, span: Span, depth: number): Promise<void> => {
  const graph = createSubgraph(census, around)
  await census.reader.walk(span, depth, graphVisitor(census, graph, depth))
  closeGraph(census, graph, span.start)
}

const checkAttribute = (census: Census, graph: GraphDraft, draft: AttributeDraft): void => {
  const { findings } = census
  const name = `The attribute "${draft.name.slice(0, 120)}"`
  if (draft.name === '')
    findings.add('broken', 'attribute-without-name', 'An attribute of a node has no name.', draft.offset)
  if (draft.type === null) census.untypedAttributes += 1
  const isOther = [...draft.values].some((field) => draft.type !== null && typeOfField[field] !== draft.type)
  if (isOther)
    findings.add('broken', 'attribute-of-other-type', `${name} has a value of another type than it says.`, draft.offset)
  else if (draft.values.size > 1)
    findings.add('broken', 'attribute-with-two-values', `${name} has more than one value.`, draft.offset)
  if (graph.isFunction && draft.refersOut && draft.values.size > 0)
    findings.add(
      'broken',
      'attribute-with-two-values',
      `${name} refers to one of its function and has a value of its own.`,
      draft.offset,
    )
}
