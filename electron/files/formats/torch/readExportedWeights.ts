import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { type Json, readJson } from '../json/readJson.ts'
import type { ZipArchive } from '../zip/readZip.ts'
import { type DataType, dataTypes } from './dataTypes.ts'
import { entryCalled } from './torchKind.ts'
import type { PickledTensor, TensorTree } from './torchTensors.ts'

/** torch.export numbers element types from 1. Source: PyTorch torch/_export/serde/schema.py, ScalarType. */
const names = `uint8 int8 int16 int32 int64 float16 float32 float64 complex32 complex64 complex128 bool bfloat16 uint16
  float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz`.split(/\s+/)

const mostBytes = 8 << 20

/** Tensors of a `.pt2` archive: listed in a JSON file, each in a member of its own. Null: it has no such list. */
export const readExportedWeights = async (archive: ZipArchive, folder: string): Promise<TensorTree | null> => {
  const entry =
    entryCalled(archive, `${folder}data/weights/model_weights_config.json`) ??
    archive.entries.find(({ name }) => /\/data\/weights\/[^/]*_weights_config\.json$/.test(name))
  if (entry === undefined || entry === null) return null
  try {
    const { value } = await readJson(bytesSource(await archive.read(entry, mostBytes)))
    const config = field(value, 'config')
    if (!(config instanceof Map)) return null
    const tensors = [...config].flatMap(([name, weight]) => tensorOf(name, weight) ?? [])
    return { tensors, withoutData: 0, isWhole: tensors.length === config.size }
  } catch (error) {
    if (error instanceof FormatError) return { tensors: [], withoutData: 0, isWhole: false }
    throw error
  }
}

const field = (value: Json | undefined, key: string): Json | undefined =>
  value instanceof Map ? value.get(key) : undefined

const integers = (value: Json | undefined): number[] | null => {
  if (!Array.isArray(value)) return null
  const list = value.map((item: Json) => field(item, 'as_int'))
  return list.every((item) => typeof item === 'number') ? list : null
}

const tensorOf = (name: string, weight: Json): PickledTensor | null => {
  const meta = field(weight, 'tensor_meta')
  const key = field(weight, 'path_name')
  const code = field(meta, 'dtype')
  const shape = integers(field(meta, 'sizes'))
  const strides = integers(field(meta, 'strides'))
  const offset = field(field(meta, 'storage_offset'), 'as_int')
  const type: DataType | undefined = typeof code === 'number' ? dataTypes.get(names[code - 1] ?? '') : undefined
  if (type === undefined || typeof key !== 'string' || shape === null || strides === null || typeof offset !== 'number')
    return null
  const count = shape.includes(0)
    ? 0
    : shape.reduce((sum, side, at) => sum + (side - 1) * (strides[at] ?? 0), offset + 1)
  return { name, type, shape, strides, storage: { key, type, count }, storageOffset: offset, bytesAt: null }
}
