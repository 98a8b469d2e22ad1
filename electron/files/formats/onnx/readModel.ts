import type { ByteSource } from '../byteSource.ts'
import { createFindings } from '../findings.ts'
import type { ReadOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { createProtobufReader, type Field, type Span } from '../protobuf/protobufReader.ts'
import { type Census, createCensus, type OperatorCounts } from './census.ts'
import { checkModel } from './checkModel.ts'
import type { OnnxModel } from './onnxModel.ts'
import { type FunctionDraft, readFunction, readOpset } from './readFunction.ts'
import { closeGraph, createGraph, type GraphDraft, graphVisitor } from './readGraph.ts'
import { readEntry } from './readTensor.ts'
import { describeType } from './readType.ts'

/** A ModelProto while its fields come in. */
export interface ModelDraft {
  irVersion: number | null
  hasGraph: boolean
  isTraining: boolean
  /** 2 producer, 3 its version, 4 domain, 6 description */
  readonly texts: Map<number, string>
  modelVersion: number | null
  readonly opsets: Map<string, number>
  readonly metadata: [string, string][]
  readonly graph: GraphDraft
  readonly functions: FunctionDraft[]
}

const most = { metadata: 1000, functions: 20_000 }

/**
 * Reads a model without its weights: onnx.proto of onnx 1.23, walked lazily. What onnx.checker refuses is a finding.
 * @throws FormatError for what no protobuf parser takes, and for what has more parts than an honest model
 */
export const readModel = async (source: ByteSource, options: ReadOptions = {}): Promise<OnnxModel> => {
  const findings = createFindings('structure')
  const reader = createProtobufReader(source, options)
  const census = createCensus(reader, findings)
  const draft: ModelDraft = {
    irVersion: null,
    hasGraph: false,
    isTraining: false,
    texts: new Map(),
    modelVersion: null,
    opsets: new Map(),
    metadata: [],
    graph: createGraph(census, 'main', new Map()),
    functions: [],
  }
  const end = await endOfModel(source)
  if (end < source.sizeBytes)
    findings.add(
      'warning',
      'zeros-at-end',
      'Zero bytes follow the model. Some programs refuse that, others do not see it.',
      end,
    )
  await reader.walk({ start: 0, end }, 0, (field) => visitModel(census, draft, field))
  closeGraph(census, draft.graph, 0)
  checkModel(draft, census)
  return modelOf(draft, census, source.sizeBytes)
}

/** A tag of zero ends a message for the C++ parser and is an error for others: only a short tail of zeros is one. */
const endOfModel = async (source: ByteSource): Promise<number> => {
  const length = Math.min(4096, source.sizeBytes)
  const tail = await source.read(source.sizeBytes - length, length)
  let zeros = 0
  while (zeros < length && tail[length - 1 - zeros] === 0) zeros += 1
  return zeros === 0 || zeros === length ? source.sizeBytes : endBefore(source, zeros)
}

/** Zeros may be the last bytes of weights: then the fields of the file end exactly where it ends. */
const endBefore = async (source: ByteSource, zeros: number): Promise<number> => {
  let end = 0
  const reader = createProtobufReader(source)
  const outer = reader.walk({ start: 0, end: source.sizeBytes }, 0, (field) => {
    end = field.end
    return undefined
  })
  const isWhole = await outer.then(
    () => true,
    (error: unknown) => {
      if (error instanceof FormatError && error.code === 'BAD_MESSAGE') return false
      throw error
    },
  )
  return !isWhole && end >= source.sizeBytes - zeros ? end : source.sizeBytes
}

const visitModel = (census: Census, draft: ModelDraft, field: Field): Promise<unknown> | undefined => {
  const { reader } = census
  if (field.wire === 0) {
    if (field.number === 1) draft.irVersion = field.value
    if (field.number === 5) draft.modelVersion = field.value
    return undefined
  }
  if (field.wire !== 2) return undefined
  switch (field.number) {
    case 2:
    case 3:
    case 4:
    case 6:
      draft.texts.set(field.number, reader.beginning(field).toString('utf8'))
      return undefined
    case 7:
      draft.hasGraph = true
      return reader.walk(field, 1, graphVisitor(census, draft.graph, 1))
    case 8:
      return readOpset(census, draft.opsets, field, 1)
    case 14:
      return draft.metadata.length < most.metadata ? readMetadata(census, draft, field) : undefined
    case 20:
      draft.isTraining = true
      return readTraining(census, field)
    case 25:
      return readNextFunction(census, draft, field)
    default:
      return undefined
  }
}

const readMetadata = async (census: Census, draft: ModelDraft, span: Span): Promise<void> => {
  draft.metadata.push(await readEntry(census.reader, span, 1))
}

/** TrainingInfoProto: two graphs that go on where the main graph ends. Their names are not followed. */
const readTraining = (census: Census, span: Span): Promise<void> =>
  census.reader.walk(span, 1, (field) => {
    if (field.wire !== 2 || field.number > 2) return undefined
    const graph = createGraph(census, 'function', new Map())
    return census.reader.walk(field, 2, graphVisitor(census, graph, 2))
  })

const readNextFunction = async (census: Census, draft: ModelDraft, span: Span): Promise<void> => {
  if (draft.functions.length >= most.functions)
    throw new FormatError('TOO_MUCH_WORK', `The file has more than ${most.functions} functions.`, {
      offset: span.start,
    })
  draft.functions.push(await readFunction(census, span))
}

const modelOf = (draft: ModelDraft, census: Census, sizeBytes: number): OnnxModel => {
  const { graph, texts, functions } = draft
  const text = (number: number) => texts.get(number) || null
  return {
    irVersion: draft.irVersion,
    producer: text(2),
    producerVersion: text(3),
    domain: text(4),
    modelVersion: draft.modelVersion,
    docString: text(6),
    opsets: draft.opsets,
    metadata: draft.metadata,
    graphName: graph.name,
    inputs: graph.inputs
      .filter(({ name }) => !graph.names.isInitializer(name))
      .map((value) => ({ name: value.name, type: describeType(value) })),
    outputs: graph.outputs.map((value) => ({ name: value.name, type: describeType(value) })),
    functions: functions.map(({ domain, name }) => ({ domain, name })),
    isTraining: draft.isTraining,
    nodeCount: census.nodeCount,
    subgraphCount: census.subgraphCount,
    operators: allOperators([graph.operators, ...functions.map(({ operators }) => operators)]),
    blockQuantization: [...census.blockQuantization],
    tensors: census.tensors,
    sizeBytes,
    findings: census.findings.list,
  }
}

const allOperators = (parts: readonly OperatorCounts[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const part of parts) for (const [key, { count }] of part) counts.set(key, (counts.get(key) ?? 0) + count)
  return counts
}
