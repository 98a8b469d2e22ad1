import type { RawArray } from './machine.ts'
import { type Call, isCall, isGlobal, isNode, isTuple, nameOf, type PickleValue } from './pickleValue.ts'

const wrapper = 'joblib.numpy_pickle.NumpyArrayWrapper'

/** joblib writes an array's bytes into the stream right after its wrapper. Null: this is no wrapper. */
export const joblibArrayOf = (target: PickleValue): RawArray | 'unknown-size' | null => {
  if (!isCall(target) || !isGlobal(target.callable) || nameOf(target.callable) !== wrapper) return null
  const state = fieldsOf(target)
  const shape = state.get('shape')
  const dtype = state.get('dtype')
  if (!isTuple(shape) || !isCall(dtype)) return 'unknown-size'
  const text = isTuple(dtype.args) ? dtype.args.items[0] : null
  if (typeof text !== 'string') return 'unknown-size'
  const isPadded = typeof state.get('numpy_array_alignment_bytes') === 'number'
  if (/^[|<>=]?O/.test(text)) return { bytes: null, isPadded: false }
  const size = itemSizeOf(text, dtype)
  const count = shape.items.reduce<number>(
    (product, side) => product * (typeof side === 'number' ? side : Number.NaN),
    1,
  )
  const bytes = count * (size ?? Number.NaN)
  return Number.isSafeInteger(bytes) && bytes >= 0 ? { bytes, isPadded } : 'unknown-size'
}

const fieldsOf = (target: Call): Map<string, PickleValue> => {
  const { state } = target
  const fields = new Map<string, PickleValue>()
  if (!isNode(state) || state.kind !== 'dict') return fields
  for (const [index, key] of state.keys.entries())
    if (typeof key === 'string') fields.set(key, state.values[index] ?? null)
  return fields
}

/** `f8`, `<U7` (4 bytes a character), `V16`; a record's size stands in its state. */
const itemSizeOf = (text: string, dtype: Call): number | null => {
  const match = /^[|<>=]?([biufcSaUVMm?])(\d{1,9})$/.exec(text)
  if (match === null) return null
  const [, kind, digits] = match
  if (kind === 'V' && isTuple(dtype.state)) {
    const size = dtype.state.items[5]
    const hasObjects = dtype.state.items[3] !== null
    return hasObjects || typeof size !== 'number' || size < 0 ? Number(digits) : size
  }
  return kind === 'U' ? 4 * Number(digits) : Number(digits)
}
