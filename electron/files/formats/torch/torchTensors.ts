import { type Call, isCall, isGlobal, isNode, isTuple, nameOf, type PickleValue } from '../pickle/pickleValue.ts'
import { type DataType, dataTypes, typeOfNumpy, typeOfStorage } from './dataTypes.ts'

/** Where tensors keep their numbers: a member of the archive, or a part of the file. */
export interface Storage {
  readonly key: string
  readonly type: DataType
  /** elements of `type` */
  readonly count: number
}

/** One tensor as a pickle describes it; nothing of it is checked yet. */
export interface PickledTensor {
  /** path of keys to it, joined by dots */
  readonly name: string
  readonly type: DataType
  readonly shape: readonly number[]
  /** null: its bytes are in the pickle (NumPy) */
  readonly storage: Storage | null
  /** elements of the tensor's type, in the storage */
  readonly storageOffset: number
  readonly strides: readonly number[]
  /** of bytes in the pickle's source; null: there are none */
  readonly bytesAt: number | null
}

export interface TensorTree {
  readonly tensors: readonly PickledTensor[]
  /** tensors that say how large they are and have no data */
  readonly withoutData: number
  /** false: there was more than is listed */
  readonly isWhole: boolean
}

const deepest = 48
const mostVisits = 400_000
const mostTensors = 50_000

/** Walks a value with limits: pickles may hold themselves, and one list a million times. */
export const tensorsIn = (root: PickleValue): TensorTree => {
  const tensors: PickledTensor[] = []
  let visits = 0
  let withoutData = 0
  let isWhole = true
  const visit = (value: PickleValue, name: string, depth: number): void => {
    if (!isNode(value)) return
    visits += 1
    if (depth > deepest || visits > mostVisits || tensors.length >= mostTensors || name.length > 2000) {
      isWhole = false
      return
    }
    if (isCall(value)) {
      const found = tensorOf(value, name)
      if (found === 'without data') withoutData += 1
      else if (found !== null && 'inner' in found)
        for (const [key, part] of found.inner) visit(part, join(name, key), depth + 1)
      else if (found !== null) tensors.push(found)
      else visitCall(value, name, depth)
    } else if (value.kind === 'dict') visitPairs(value.keys, value.values, name, depth)
    else if ('items' in value)
      for (const [index, item] of value.items.entries()) visit(item, join(name, `${index}`), depth + 1)
  }
  const visitPairs = (keys: readonly PickleValue[], values: readonly PickleValue[], name: string, depth: number) => {
    for (const [index, key] of keys.entries())
      visit(values[index] ?? null, isNode(key) ? join(name, '?') : join(name, String(key)), depth + 1)
  }
  /** Of an object of a class: what was put into it, then its state. */
  const visitCall = (call: Call, name: string, depth: number): void => {
    const [first] = isTuple(call.args) ? call.args.items : []
    const isMapping = isGlobal(call.callable) && call.callable.module === 'collections'
    if (isMapping && isNode(first) && first.kind === 'list')
      for (const pair of first.items) {
        const [key, value] = isNode(pair) && 'items' in pair ? pair.items : []
        visitPairs([key ?? null], [value ?? null], name, depth)
      }
    else visit(call.args, name, depth + 1)
    visitPairs(call.keys, call.values, name, depth)
    for (const [index, item] of call.items.entries()) visit(item, join(name, `${index}`), depth + 1)
    if (call.state !== undefined && !isMapping) visit(call.state, name, depth + 1)
  }
  visit(root, '', 0)
  return { tensors, withoutData, isWhole }
}

/** A whole `nn.Module` keeps its parts under these; PyTorch's names leave them out. */
const hiddenKeys = new Set(['_parameters', '_buffers', '_modules'])

const join = (name: string, key: string): string => (hiddenKeys.has(key) ? name : name === '' ? key : `${name}.${key}`)

type Found =
  | PickledTensor
  | 'without data'
  | { readonly inner: readonly (readonly [key: string, value: PickleValue])[] }

/** Null: this call makes no tensor itself. */
const tensorOf = (call: Call, name: string): Found | null => {
  if (!isGlobal(call.callable) || !isTuple(call.args)) return null
  return rebuild(nameOf(call.callable), call.args.items, name, call)
}

const rebuild = (callable: string, args: readonly PickleValue[], name: string, call: Call | null): Found | null => {
  const [first = null, second = null, third = null] = args
  switch (callable) {
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_qtensor':
      return dense(args, name, null)
    case 'torch._utils._rebuild_tensor_v3':
      return dense(args, name, args[6] ?? null)
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
    case 'torch._utils._rebuild_nested_tensor':
      return isCall(first) ? tensorOf(first, name) : null
    case 'torch._tensor._rebuild_from_type_v2':
      return isGlobal(first) && isTuple(third) && nameOf(first) !== callable
        ? rebuild(nameOf(first), third.items, name, null)
        : null
    case 'torch._utils._rebuild_sparse_tensor':
      return isTuple(second) ? { inner: partsOfSparse(second.items) } : null
    case 'torch._utils._rebuild_meta_tensor_no_storage':
    case 'torch._utils._rebuild_wrapper_subclass':
      return 'without data'
    case 'numpy.core.numeric._frombuffer':
    case 'numpy._core.numeric._frombuffer':
      return numpyArray(second, third, first, name)
    case 'numpy.core.multiarray._reconstruct':
    case 'numpy._core.multiarray._reconstruct': {
      const state = call?.state
      return isTuple(state)
        ? numpyArray(state.items[2] ?? null, state.items[1] ?? null, state.items[4] ?? null, name)
        : null
    }
    case 'joblib.numpy_pickle.NumpyArrayWrapper': {
      const state = call?.state
      if (!isNode(state) || state.kind !== 'dict') return null
      const field = (key: string) => state.values[state.keys.indexOf(key)] ?? null
      return numpyArray(field('dtype'), field('shape'), null, name)
    }
    default:
      return null
  }
}

const partsOfSparse = (items: readonly PickleValue[]): [string, PickleValue][] =>
  items.map((item, index) => [`${index}`, item])

const dense = (args: readonly PickleValue[], name: string, dtype: PickleValue): Found | null => {
  const [from = null, offset, size, stride] = args
  const storage = storageOf(from)
  const shape = integersOf(size)
  const strides = integersOf(stride)
  if (storage === null || shape === null || strides === null || typeof offset !== 'number') return null
  const type = isGlobal(dtype) ? dataTypes.get(dtype.name) : storage.type
  if (type === undefined) return null
  return { name, type, shape, storage, storageOffset: offset, strides, bytesAt: null }
}

/** `('storage', type, key, location, count)`, before 1.6 with a sixth element. */
const storageOf = (value: PickleValue): Storage | null => {
  if (!isNode(value) || value.kind !== 'persistent' || !isTuple(value.id)) return null
  const [kind, type, key, , count] = value.id.items
  const of = isGlobal(type) ? typeOfStorage(type.name) : null
  if (kind !== 'storage' || of === null || typeof count !== 'number') return null
  if (typeof key !== 'string' && typeof key !== 'number') return null // torch.package counts its storages
  return { key: String(key), type: of, count }
}

/** All storages that a value names, whoever uses them; each part of it is looked at once. */
export const storagesIn = (root: PickleValue): Map<string, Storage> => {
  const storages = new Map<string, Storage>()
  const seen = new Set<PickleValue>()
  const waiting: PickleValue[] = [root]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (!isNode(value) || seen.has(value)) continue
    seen.add(value)
    const storage = storageOf(value)
    if (storage !== null && !storages.has(storage.key)) storages.set(storage.key, storage)
    if ('items' in value) pushAll(waiting, value.items)
    if ('keys' in value) pushAll(waiting, value.values)
    if (isCall(value)) waiting.push(value.args, value.state ?? null)
  }
  return storages
}

const pushAll = (waiting: PickleValue[], items: readonly PickleValue[]): void => {
  for (const item of items) if (isNode(item)) waiting.push(item)
}

const integersOf = (value: PickleValue | undefined): number[] | null => {
  const list = isCall(value) ? sizeItems(value) : isNode(value) && 'items' in value ? value.items : null
  return list !== null && list.length <= 64 && list.every((item) => typeof item === 'number') ? list : null
}

/** `torch.Size((2, 3))` */
const sizeItems = (value: Call): PickleValue[] | null => {
  const [inner] = isTuple(value.args) ? value.args.items : []
  return isNode(inner) && 'items' in inner ? inner.items : null
}

const numpyArray = (dtype: PickleValue, size: PickleValue, data: PickleValue, name: string): Found | null => {
  const shape = integersOf(size)
  const [descr] = isCall(dtype) && isTuple(dtype.args) ? dtype.args.items : []
  const type = typeof descr === 'string' ? typeOfNumpy(descr) : null
  if (shape === null || type === null || /^[|<>=]?O/.test(String(descr))) return null
  const bytesAt = isNode(data) && data.kind === 'bytes' ? data.offset : null
  return { name, type, shape, storage: null, storageOffset: 0, strides: [], bytesAt }
}
