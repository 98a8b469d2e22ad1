import type { ProtobufReader, Span } from '../protobuf/protobufReader.ts'
import { typeName } from './dataTypes.ts'

/** A ValueInfoProto while its fields come in. */
export interface ValueDraft {
  readonly offset: number
  name: string
  hasType: boolean
  /** TypeProto: 1 tensor, 4 sequence, 5 map, 7 opaque, 8 sparse tensor, 9 optional; null: none of them */
  kind: number | null
  element: number | null
  hasShape: boolean
  readonly dims: string[]
}

const kinds: Readonly<Record<number, string>> = {
  1: 'tensor',
  4: 'sequence',
  5: 'map',
  7: 'opaque',
  8: 'sparse tensor',
  9: 'optional',
}
const mostDims = 64

export const readValueInfo = async (reader: ProtobufReader, span: Span, depth: number): Promise<ValueDraft> => {
  const draft: ValueDraft = {
    offset: span.start,
    name: '',
    hasType: false,
    kind: null,
    element: null,
    hasShape: false,
    dims: [],
  }
  await reader.walk(span, depth, (field) => {
    if (field.number === 1 && field.wire === 2) draft.name = reader.text(field)
    return field.number === 2 && field.wire === 2 ? readType(reader, field, depth + 1, draft) : undefined
  })
  return draft
}

/** TypeProto. What lies inside sequences, maps and options is walked for its depth alone. */
const readType = (reader: ProtobufReader, span: Span, depth: number, draft: ValueDraft): Promise<void> => {
  draft.hasType = true
  return reader.walk(span, depth, (field) => {
    if (field.wire !== 2 || kinds[field.number] === undefined) return undefined
    draft.kind = field.number
    return field.number === 1 || field.number === 8
      ? readTensorType(reader, field, depth + 1, draft)
      : readInner(reader, field, depth + 1, field.number, draft)
  })
}

/** Sequence and Optional: type 1. Map: key type 1, value type 2. */
const readInner = (reader: ProtobufReader, span: Span, depth: number, kind: number, draft: ValueDraft): Promise<void> =>
  reader.walk(span, depth, (field) => {
    if (field.number === 1 && kind === 5 && field.wire === 0) draft.element = field.value
    const isType = field.wire === 2 && field.number === (kind === 5 ? 2 : 1) && kind !== 7
    return isType ? walkDeep(reader, field, depth + 1) : undefined
  })

const walkDeep = (reader: ProtobufReader, span: Span, depth: number): Promise<void> =>
  reader.walk(span, depth, (field) => {
    const isNested = field.wire === 2 && (field.number === 4 || field.number === 5 || field.number === 9)
    if (!isNested) return undefined
    return reader.walk(field, depth + 1, (inner) =>
      inner.wire === 2 && inner.number === (field.number === 5 ? 2 : 1)
        ? walkDeep(reader, inner, depth + 2)
        : undefined,
    )
  })

const readTensorType = (reader: ProtobufReader, span: Span, depth: number, draft: ValueDraft): Promise<void> =>
  reader.walk(span, depth, (field) => {
    if (field.number === 1 && field.wire === 0) draft.element = field.value
    if (field.number !== 2 || field.wire !== 2) return undefined
    draft.hasShape = true
    return reader.walk(field, depth + 1, (dim) =>
      dim.number === 1 && dim.wire === 2 && draft.dims.length < mostDims
        ? readDim(reader, dim, depth + 2, draft)
        : undefined,
    )
  })

const readDim = async (reader: ProtobufReader, span: Span, depth: number, draft: ValueDraft): Promise<void> => {
  let text = '?'
  await reader.walk(span, depth, (field) => {
    if (field.number === 1 && field.wire === 0) text = `${field.value}`
    if (field.number === 2 && field.wire === 2) text = reader.text(field).slice(0, 100) || '?'
    return undefined
  })
  draft.dims.push(text)
}

/** `F32 [batch, 3, 224, 224]`; without brackets when the shape is not told. */
export const describeType = ({ kind, element, hasShape, dims }: ValueDraft): string => {
  const word = kind === null ? 'unknown' : (kinds[kind] ?? 'unknown')
  if (kind !== 1 && kind !== 8) return word
  const name = `${kind === 8 ? 'sparse ' : ''}${typeName(element ?? 0)}`
  return hasShape ? `${name} [${dims.join(', ')}]` : name
}
