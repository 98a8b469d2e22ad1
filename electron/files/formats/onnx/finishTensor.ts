import type { Findings } from '../findings.ts'
import type { Span } from '../protobuf/protobufReader.ts'
import { bytesOf, dataTypeOf, typeName } from './dataTypes.ts'
import type { OnnxTensor, TensorData, TensorPlace } from './onnxModel.ts'
import type { TensorDraft } from './readTensor.ts'

/** Judges a draft by the rules of onnx.checker and makes the tensor of it. */
export const finishTensor = (draft: TensorDraft, place: TensorPlace, findings: Findings): OnnxTensor => {
  const name = draft.name === '' && place === 'constant' ? '(constant)' : draft.name
  const broken = (code: string, message: string) =>
    findings.add('broken', code, `The tensor "${name.slice(0, 120)}" ${message}`, {
      offset: draft.offset,
      tensor: name.slice(0, 200),
    })
  const elements = elementsOf(draft.dims)
  const type = draft.type ?? 0
  const needed = elements === null ? null : bytesOf(type, elements)
  if (type === 0) broken('tensor-without-type', 'does not say what its elements are.')
  else if (dataTypeOf(type) === null)
    findings.add(
      'warning',
      'tensor-of-unknown-type',
      `The tensor "${name.slice(0, 120)}" has elements of type ${type}, which Berth does not know.`,
      draft.offset,
    )
  if (draft.dims.some((dim) => dim < 0)) broken('tensor-bad-dimension', 'has a negative dimension.')
  else if (elements === null || (needed !== null && needed > Number.MAX_SAFE_INTEGER))
    broken('tensor-too-large', 'has more elements than can be counted.')
  else checkValues(draft, elements, needed, broken, findings)
  const kept = elements ?? 0
  return {
    name,
    place,
    type,
    shape: draft.dims.map((dim) => (Number.isSafeInteger(dim) ? dim : 0)),
    elements: kept,
    bytes: draft.raw === null ? needed : draft.raw.end - draft.raw.start,
    data: dataOf(draft, needed),
    offset: draft.offset,
  }
}

/** null: negative, or beyond 2^53 */
const elementsOf = (dims: readonly number[]): number | null => {
  if (dims.some((dim) => dim < 0)) return null
  if (dims.includes(0)) return 0
  const product = dims.reduce((sum, dim) => sum * dim, 1)
  return Number.isSafeInteger(product) ? product : null
}

const isEmptySpan = (span: Span | null) => span === null || span.start === span.end

const checkValues = (
  draft: TensorDraft,
  elements: number,
  needed: number | null,
  broken: (code: string, message: string) => void,
  findings: Findings,
): void => {
  const fields = draft.values.size + Number(!isEmptySpan(draft.raw))
  if (draft.isExternal) {
    if (fields > 0) broken('tensor-inside-and-outside', 'has values in this file and says they are in another.')
    return
  }
  if (draft.external.length > 0)
    findings.add(
      'note',
      'external-not-used',
      `The tensor "${draft.name.slice(0, 120)}" names external data and does not use it.`,
      draft.offset,
    )
  if (elements === 0 && fields > 0) broken('tensor-with-needless-values', 'has no elements, yet values.')
  else if (elements > 0 && fields === 0) broken('tensor-without-values', 'has no values.')
  else if (elements > 0 && fields > 1) broken('tensor-with-two-values', 'has its values twice, in two forms.')
  else if (draft.raw !== null && !isEmptySpan(draft.raw)) checkRaw(draft, draft.raw, needed, broken, findings)
  else if (elements > 0) checkTyped(draft, elements, broken)
}

const checkRaw = (
  draft: TensorDraft,
  raw: Span,
  needed: number | null,
  broken: (code: string, message: string) => void,
  findings: Findings,
): void => {
  const bytes = raw.end - raw.start
  if (draft.type === 8) broken('tensor-raw-text', 'is of texts, which may not be raw bytes.')
  else if (needed !== null && bytes < needed)
    broken('tensor-too-short', `has ${bytes} bytes of values where its shape needs ${needed}.`)
  else if (needed !== null && bytes > needed)
    findings.add(
      'warning',
      'tensor-too-long',
      `The tensor "${draft.name.slice(0, 120)}" has ${bytes} bytes of values where its shape needs ${needed}.`,
      draft.offset,
    )
}

const checkTyped = (draft: TensorDraft, elements: number, broken: (code: string, message: string) => void): void => {
  const type = dataTypeOf(draft.type ?? 0)
  if (type === null) return
  const values = draft.values.get(type.field)
  if (values === undefined) {
    broken('tensor-in-wrong-field', `has ${typeName(draft.type ?? 0)} values in a field for other types.`)
    return
  }
  const wanted = Math.ceil(elements * type.perElement)
  if (values.count !== null && values.count < wanted)
    broken('tensor-too-short', `has ${values.count} values where its shape needs ${wanted}.`)
}

const dataOf = (draft: TensorDraft, needed: number | null): TensorData => {
  if (draft.isExternal) return { kind: 'external', reference: { entries: draft.external } }
  if (!isEmptySpan(draft.raw)) return { kind: 'inline', offset: draft.raw?.start ?? null }
  if (draft.values.size === 0) return { kind: 'none' }
  const isPlain = draft.type === 1 || draft.type === 11 // packed floats lie as raw bytes do
  const piece = isPlain ? draft.values.get(draft.type === 1 ? 4 : 10)?.piece : null
  const isWhole = piece !== null && piece !== undefined && needed !== null && piece.end - piece.start >= needed
  return { kind: 'inline', offset: isWhole ? piece.start : null }
}
