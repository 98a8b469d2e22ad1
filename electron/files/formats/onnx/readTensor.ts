import { FormatError } from '../formatError.ts'
import type { Field, ProtobufReader, Span, Visit } from '../protobuf/protobufReader.ts'

/** A TensorProto while its fields come in: given twice, the second adds to the first. */
export interface TensorDraft {
  readonly offset: number
  name: string
  type: number | null
  readonly dims: number[]
  raw: Span | null
  /** by field: how many numbers (null: too many to count), and the only piece of it; null when there are several */
  readonly values: Map<number, { count: number | null; piece: Span | null }>
  readonly external: [string, string][]
  isExternal: boolean
}

export const createTensorDraft = (offset: number): TensorDraft => ({
  offset,
  name: '',
  type: null,
  dims: [],
  raw: null,
  values: new Map(),
  external: [],
  isExternal: false,
})

/** numpy's own limit */
const mostDimensions = 64
const mostExternalEntries = 100

/** The visitor that fills a draft. */
export const tensorVisitor =
  (reader: ProtobufReader, draft: TensorDraft, depth: number): Visit =>
  (field) => {
    switch (field.number) {
      case 1:
        addDims(reader, draft, field)
        return undefined
      case 2:
        if (field.wire === 0) draft.type = field.value
        return undefined
      case 4:
      case 5:
      case 6:
      case 7:
      case 10:
      case 11:
        addValues(reader, draft, field)
        return undefined
      case 8:
        if (field.wire === 2) draft.name = reader.text(field)
        return undefined
      case 9:
        if (field.wire === 2) draft.raw = { start: field.start, end: field.end }
        return undefined
      case 13:
        return field.wire === 2 ? addExternal(reader, draft, field, depth) : undefined
      case 14:
        if (field.wire === 0) draft.isExternal = field.value === 1
        return undefined
      default:
        return undefined
    }
  }

const addDims = (reader: ProtobufReader, draft: TensorDraft, field: Field): void => {
  if (field.wire !== 0 && field.wire !== 2) return
  for (const dim of reader.integers(field)) {
    if (draft.dims.length >= mostDimensions)
      throw new FormatError('TOO_MANY_DIMENSIONS', `A tensor has more than ${mostDimensions} dimensions.`, {
        offset: field.start,
      })
    draft.dims.push(dim)
  }
}

const addValues = (reader: ProtobufReader, draft: TensorDraft, field: Field): void => {
  const count = countOf(reader, field)
  if (count === 0) return
  const before = draft.values.get(field.number)
  const sum = before === undefined ? count : before.count === null || count === null ? null : before.count + count
  draft.values.set(field.number, { count: sum, piece: before === undefined ? field : null })
}

/** Texts stand alone, floats have four or eight bytes each, integers a varint each. */
const countOf = (reader: ProtobufReader, field: Field): number | null => {
  if (field.number === 6) return field.wire === 2 ? 1 : 0
  const size = field.number === 4 ? 4 : field.number === 10 ? 8 : null
  if (size === null) return field.wire === 0 || field.wire === 2 ? reader.countIntegers(field) : 0
  const isSingle = field.wire === (size === 4 ? 5 : 1)
  return isSingle ? 1 : field.wire === 2 ? Math.floor((field.end - field.start) / size) : 0
}

const addExternal = async (reader: ProtobufReader, draft: TensorDraft, span: Span, depth: number): Promise<void> => {
  if (draft.external.length >= mostExternalEntries)
    throw new FormatError('TOO_MUCH_WORK', 'A tensor has more than 100 entries about its external data.', {
      offset: span.start,
    })
  draft.external.push(await readEntry(reader, span, depth + 1))
}

/** StringStringEntryProto; a value of more than 4 KiB is cut. */
export const readEntry = async (reader: ProtobufReader, span: Span, depth: number): Promise<[string, string]> => {
  const entry: [string, string] = ['', '']
  await reader.walk(span, depth, (field) => {
    if (field.number === 1 && field.wire === 2) entry[0] = reader.text(field)
    if (field.number === 2 && field.wire === 2) entry[1] = reader.beginning(field).toString('utf8')
    return undefined
  })
  return entry
}
