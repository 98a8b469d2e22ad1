import { type Identity, identityOf } from './identity.ts'

/** One field of a message as far as the first bytes of a file show it. */
interface HeadField {
  readonly field: number
  readonly wire: number
  /** of a varint; of others where the bytes begin and how many there are */
  readonly value: number
  readonly start: number
  readonly length: number
}

/** Beyond 2^53 the number is not exact; no use of it here needs that. */
const varint = (head: Buffer, at: number): { value: number; next: number } | null => {
  let value = 0
  for (let index = 0; index < 10; index++) {
    const byte = head[at + index]
    if (byte === undefined) return null
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: at + index + 1 }
  }
  return null
}

const fixedBytes: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

/** The fields that begin in `head`; null when it is not protobuf. A field may end beyond the head, not beyond `end`. */
const headFields = (head: Buffer, from: number, end: number): readonly HeadField[] | null => {
  const fields: HeadField[] = []
  for (let at = from; at < Math.min(end, head.length); ) {
    const key = varint(head, at)
    if (key === null) return at + 10 > head.length && head.length < end ? fields : null
    const [field, wire] = [Math.floor(key.value / 8), key.value % 8]
    if (field === 0 || !(wire === 0 || wire === 1 || wire === 2 || wire === 5)) return null
    const number = wire === 0 || wire === 2 ? varint(head, key.next) : { value: 0, next: key.next }
    if (number === null) return key.next + 10 > head.length && head.length < end ? fields : null
    const length = wire === 2 ? number.value : (fixedBytes[wire] ?? 0)
    if (number.next + length > end) return null
    fields.push({ field, wire, value: number.value, start: number.next, length })
    at = number.next + length
  }
  return fields
}

/** [field, wire type] of ModelProto, of GraphProto, of NodeProto */
const modelFields = new Map([
  [1, 0],
  [2, 2],
  [3, 2],
  [4, 2],
  [5, 0],
  [6, 2],
  [7, 2],
  [8, 2],
  [14, 2],
  [20, 2],
  [25, 2],
  [26, 2],
])
const graphFields = new Set([1, 2, 5, 10, 11, 12, 13, 14, 15, 16])

/** ONNX has no magic: a ModelProto has a graph (7) whose fields are a graph's, and nothing that ModelProto does not know. */
const isOnnx = (head: Buffer, fields: readonly HeadField[]): boolean => {
  if (!fields.every(({ field, wire }) => modelFields.get(field) === wire)) return false
  const graph = fields.find(({ field }) => field === 7)
  if (graph === undefined) return fields.length >= 2 && fields[0]?.field === 1 && hasProducer(head, fields)
  if (graph.start >= head.length || graph.length === 0) return fields.some(({ field }) => field === 8 || field === 1)
  const inner = headFields(head, graph.start, graph.start + graph.length)
  return inner?.every(({ field, wire }) => wire === 2 && graphFields.has(field)) === true
}

/** A long text may stand before the graph: then the producer's name must be one. CoreML has a message there. */
const hasProducer = (head: Buffer, fields: readonly HeadField[]): boolean => {
  const producer = fields.find(({ field }) => field === 2)
  if (producer === undefined || producer.length === 0) return false
  const name = head.subarray(producer.start, Math.min(producer.start + producer.length, head.length))
  return fields.some(({ field }) => field === 3 || field === 6) && name.every((byte) => byte >= 0x20 && byte < 0x7f)
}

/** specificationVersion, a description, and the model itself in one of the fields 200 and up */
const isCoreml = (fields: readonly HeadField[]): boolean =>
  fields[0]?.field === 1 &&
  fields[0].wire === 0 &&
  fields[1]?.field === 2 &&
  fields[1].wire === 2 &&
  fields.some(({ field, wire }) => field >= 200 && field <= 3000 && wire === 2)

/** schema version 1, then meta graphs that begin with their description */
const isSavedModel = (head: Buffer, fields: readonly HeadField[]): boolean =>
  fields.length >= 2 &&
  fields.every(({ field, wire }) => (field === 1 && wire === 0) || (field === 2 && wire === 2)) &&
  head[fields.find(({ field }) => field === 2)?.start ?? head.length] === 0x0a

/** Lists of messages in field 1: the pieces of a tokenizer (text, score) or the nodes of a graph (name, operator). */
const listKind = (head: Buffer, fields: readonly HeadField[]): Identity | null => {
  const [first] = fields
  if (first?.field !== 1 || first.wire !== 2 || first.length < 4) return null
  const [name, second] = headFields(head, first.start, first.start + first.length) ?? []
  if (name?.field !== 1 || name.wire !== 2 || second?.field !== 2) return null
  if (second.wire === 5) return identityOf('sentencepiece', 'a SentencePiece tokenizer', 'model')
  return second.wire === 2 ? identityOf('tensorflow-graph', 'a TensorFlow graph', 'model') : null
}

/** What a protobuf message without any magic is, by the fields it begins with; null when it is none of those known. */
export const protobufKind = (head: Buffer, sizeBytes: number): Identity | null => {
  const fields = headFields(head, 0, sizeBytes)
  if (fields === null || fields.length === 0) return null
  if (isOnnx(head, fields)) return identityOf('onnx', 'an ONNX model', 'model')
  if (isCoreml(fields)) return identityOf('coreml', 'a Core ML model', 'model')
  if (isSavedModel(head, fields)) return identityOf('saved-model', 'a TensorFlow SavedModel', 'model')
  return listKind(head, fields)
}
