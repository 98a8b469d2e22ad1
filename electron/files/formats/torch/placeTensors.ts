import { createFindings } from '../findings.ts'
import type { TensorRow } from '../modelFile.ts'
import { shownText } from '../text.ts'
import { grouped } from '../words.ts'
import type { PickledTensor, Storage, TensorTree } from './torchTensors.ts'

/** Where a storage's bytes are. */
export interface StoragePlace {
  /** in the file; null: compressed */
  readonly offset: number | null
  readonly bytes: number
}

export interface PlacedTensors {
  readonly tensors: readonly TensorRow[]
  readonly dataBytes: number
  readonly parameterCount: number | null
  readonly checks: ReturnType<typeof createFindings>['list']
}

interface Used {
  readonly storage: Storage
  elements: number
}

/** Compares what the pickle says of its tensors with the data that is there. PyTorch refuses what is broken here. */
export const placeTensors = (tree: TensorTree, placeOf: (storage: Storage) => StoragePlace | null): PlacedTensors => {
  const findings = createFindings('structure')
  const used = new Map<string, Used>()
  const rows: TensorRow[] = []
  let bytesElsewhere = 0
  let elementsElsewhere = 0
  for (const tensor of tree.tensors) {
    const fault = faultOf(tensor)
    if (fault !== null) {
      findings.add('broken', 'bad-tensor', `The tensor "${shownText(tensor.name)}" ${fault}.`, { tensor: tensor.name })
      continue
    }
    const elements = product(tensor.shape)
    const bytes = elements * tensor.type.bytes
    const { storage } = tensor
    if (storage === null) {
      bytesElsewhere += bytes
      elementsElsewhere += elements
      rows.push(rowOf(tensor, elements, tensor.bytesAt))
      continue
    }
    const known = used.get(storage.key)
    if (known === undefined) {
      used.set(storage.key, { storage, elements })
      checkStorage(tensor, storage, placeOf(storage), findings)
    } else {
      known.elements += elements
      if (bytesOf(known.storage) !== bytesOf(storage))
        findings.add(
          'broken',
          'storage-sizes-disagree',
          `The data "${shownText(storage.key)}" has two different sizes.`,
          {
            tensor: tensor.name,
          },
        )
    }
    const place = placeOf(storage)
    const isPlain = isContiguous(tensor)
    const offset =
      place === null || place.offset === null || !isPlain
        ? null
        : place.offset + tensor.storageOffset * tensor.type.bytes
    rows.push(rowOf(tensor, elements, offset))
  }
  if (!tree.isWhole) findings.add('unknown', 'too-many-tensors', 'The file holds more tensors than are listed.')
  if (tree.withoutData > 0)
    findings.add('note', 'tensors-without-data', `${tree.withoutData} tensors have a shape and no data.`)
  const storages = [...used.values()]
  const dataBytes = bytesElsewhere + storages.reduce((sum, { storage }) => sum + bytesOf(storage), 0)
  const own = storages.reduce((sum, { storage, elements }) => sum + Math.min(elements, Math.max(storage.count, 0)), 0)
  if (rows.length > 0 && findings.list.every(({ outcome }) => outcome === 'note'))
    findings.passed('tensors-in-file', `${grouped(rows.length)} tensors, all inside the file.`)
  return {
    tensors: rows,
    dataBytes,
    parameterCount: rows.length === 0 ? null : own + elementsElsewhere,
    checks: findings.list,
  }
}

const rowOf = ({ name, type, shape }: PickledTensor, elements: number, offset: number | null): TensorRow => ({
  name,
  type: type.label,
  shape,
  elements,
  bytes: elements * type.bytes,
  offset,
  file: null,
})

const bytesOf = ({ count, type }: Storage) => count * type.bytes
const product = (shape: readonly number[]) => shape.reduce((all, side) => all * side, 1)

/** Null: nothing is wrong with it by itself. A stride of 0 repeats an element and takes no room, whatever the size. */
const faultOf = ({ shape, strides, storage, storageOffset, type }: PickledTensor): string | null => {
  if (!shape.every((side) => Number.isSafeInteger(side) && side >= 0)) return 'has a negative size'
  if (!Number.isSafeInteger(product(shape) * type.bytes)) return 'is larger than any memory'
  if (storage === null) return null
  if (strides.length !== shape.length) return 'has sizes and steps that do not belong together'
  if (!strides.every((step) => Number.isSafeInteger(step) && step >= 0)) return 'has a negative step'
  if (!Number.isSafeInteger(storageOffset) || storageOffset < 0) return 'begins before its data'
  if (storage.count < 0) return 'has data of negative size'
  if (shape.includes(0)) return null
  const last = shape.reduce((sum, side, index) => sum + (side - 1) * (strides[index] ?? 0), storageOffset)
  return (last + 1) * type.bytes <= bytesOf(storage) ? null : 'goes beyond its data'
}

const isContiguous = ({ shape, strides }: PickledTensor): boolean => {
  let step = 1
  for (let index = shape.length - 1; index >= 0; index--) {
    if (shape[index] !== 1 && strides[index] !== step) return false
    step *= shape[index] ?? 1
  }
  return true
}

const checkStorage = (
  tensor: PickledTensor,
  storage: Storage,
  place: StoragePlace | null,
  findings: ReturnType<typeof createFindings>,
): void => {
  const where = { tensor: tensor.name }
  if (place === null)
    findings.add(
      'broken',
      'tensor-data-missing',
      `The data of the tensor "${shownText(tensor.name)}" is missing.`,
      where,
    )
  else if (place.bytes !== bytesOf(storage))
    findings.add(
      'broken',
      'tensor-data-size',
      `The tensor "${shownText(tensor.name)}" needs ${bytesOf(storage)} bytes of data and ${place.bytes} are there; PyTorch refuses that.`,
      where,
    )
}
