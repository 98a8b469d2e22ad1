import type { Span } from '../protobuf/protobufReader.ts'
import type { Census, OperatorCounts } from './census.ts'
import { createGraph } from './readGraph.ts'
import { readNode } from './readNode.ts'

/** A FunctionProto: operators that the model itself describes by others. */
export interface FunctionDraft {
  readonly offset: number
  name: string
  domain: string
  overload: string
  readonly operators: OperatorCounts
  readonly opsets: Map<string, number>
}

const mostOpsets = 1000

/** OperatorSetIdProto: domain 1, version 2. `ai.onnx` is the standard's other name. */
export const readOpset = async (
  census: Census,
  opsets: Map<string, number>,
  span: Span,
  depth: number,
): Promise<void> => {
  const opset = { domain: '', version: 0 }
  await census.reader.walk(span, depth, (field) => {
    if (field.number === 1 && field.wire === 2) opset.domain = census.reader.text(field)
    if (field.number === 2 && field.wire === 0) opset.version = field.value
    return undefined
  })
  if (opsets.size < mostOpsets) opsets.set(opset.domain === 'ai.onnx' ? '' : opset.domain, opset.version)
}

/** FunctionProto: name 1, input 4, node 7, opset_import 9, domain 10, overload 13 */
export const readFunction = async (census: Census, span: Span): Promise<FunctionDraft> => {
  const { reader, findings } = census
  const draft: FunctionDraft = {
    offset: span.start,
    name: '',
    domain: '',
    overload: '',
    operators: new Map(),
    opsets: new Map(),
  }
  const graph = createGraph(census, 'function', draft.operators)
  await reader.walk(span, 1, (field) => {
    if (field.wire !== 2) return undefined
    if (field.number === 1) draft.name = reader.text(field)
    if (field.number === 4) graph.names.input(reader.text(field), field.start)
    if (field.number === 7) return readNode(census, graph, field, 2)
    if (field.number === 9) return readOpset(census, draft.opsets, field, 2)
    if (field.number === 10) draft.domain = reader.text(field)
    if (field.number === 13) draft.overload = reader.text(field)
    return undefined
  })
  graph.names.close()
  if (draft.name === '')
    findings.add('broken', 'function-without-name', 'A function of the model has no name.', span.start)
  return draft
}
