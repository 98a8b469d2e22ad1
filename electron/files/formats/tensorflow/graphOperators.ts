import type { ByteSource } from '../byteSource.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { createProtobufReader, type ProtobufReader, type Span } from '../protobuf/protobufReader.ts'

export interface GraphOperators {
  readonly schemaVersion: number | null
  readonly graphs: number
  readonly nodes: number
  /** how often each operator stands in graphs and functions */
  readonly counts: ReadonlyMap<string, number>
}

interface Tally {
  readonly reader: ProtobufReader
  readonly counts: Map<string, number>
  graphs: number
  nodes: number
}

const mostOperators = 10_000

/**
 * The operators of a SavedModel (schema 1, meta graphs 2, in each the graph 2) or of a graph alone: nodes 1, library 2
 * with functions 1, their nodes 3; of a node the operator is 2. Source: TensorFlow's saved_model.proto, graph.proto.
 */
export const readGraphOperators = async (
  source: ByteSource,
  kind: 'saved-model' | 'graph',
  options: ReadOptions = {},
): Promise<GraphOperators> => {
  const tally: Tally = { reader: createProtobufReader(source, options), counts: new Map(), graphs: 0, nodes: 0 }
  const whole = { start: 0, end: source.sizeBytes }
  let schemaVersion: number | null = null
  if (kind === 'graph') await readGraph(tally, whole, 0)
  else
    await tally.reader.walk(whole, 0, (field) => {
      if (field.number === 1 && field.wire === 0) schemaVersion = field.value
      if (field.number !== 2 || field.wire !== 2) return undefined
      return tally.reader.walk(field, 1, (inner) =>
        inner.number === 2 && inner.wire === 2 ? readGraph(tally, inner, 2) : undefined,
      )
    })
  return { schemaVersion, graphs: tally.graphs, nodes: tally.nodes, counts: tally.counts }
}

const readGraph = (tally: Tally, span: Span, depth: number): Promise<void> => {
  tally.graphs += 1
  return tally.reader.walk(span, depth, (field) => {
    if (field.wire !== 2) return undefined
    if (field.number === 1) return readNode(tally, field, depth + 1)
    return field.number === 2 ? readLibrary(tally, field, depth + 1) : undefined
  })
}

const readLibrary = (tally: Tally, span: Span, depth: number): Promise<void> =>
  tally.reader.walk(span, depth, (field) => {
    if (field.number !== 1 || field.wire !== 2) return undefined
    return tally.reader.walk(field, depth + 1, (inner) =>
      inner.number === 3 && inner.wire === 2 ? readNode(tally, inner, depth + 2) : undefined,
    )
  })

const readNode = async (tally: Tally, span: Span, depth: number): Promise<void> => {
  let operator = ''
  await tally.reader.walk(span, depth, (field) => {
    if (field.number === 2 && field.wire === 2) operator = tally.reader.text(field)
    return undefined
  })
  tally.nodes += 1
  const count = tally.counts.get(operator)
  if (count === undefined && tally.counts.size >= mostOperators)
    throw new FormatError('TOO_MUCH_WORK', `The file uses more than ${mostOperators} different operators.`, {
      offset: span.start,
    })
  tally.counts.set(operator, (count ?? 0) + 1)
}
