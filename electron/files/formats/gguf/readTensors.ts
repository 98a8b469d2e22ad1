import type { Findings } from '../findings.ts'
import { FormatError, type FormatErrorCode } from '../formatError.ts'
import { type Cursor, outOfFile } from './cursor.ts'
import { type GgmlType, ggmlTypes, tensorSizeBytes } from './ggmlTypes.ts'
import type { GgufTensor } from './ggufFile.ts'
import { limits } from './limits.ts'
import { decodeText } from './text.ts'

/** The longest valid entry: name, dimension count, dimensions, type, offset. */
const longestEntry = 8 + limits.tensorNameBytes + 4 + limits.dimensions * 8 + 4 + 8

/** Exact for every power of two and every safe integer. */
export const paddedTo = (alignment: number, offset: number): number => Math.ceil(offset / alignment) * alignment

interface Table {
  readonly version: number
  readonly tensorCount: number
  readonly alignment: number
}

/** Tensors must lie one behind the other, each aligned, in the order of the table: no holes, no sharing. */
export const readTensors = async (
  cursor: Cursor,
  { version, tensorCount, alignment }: Table,
  findings: Findings,
): Promise<GgufTensor[]> => {
  const tensors: GgufTensor[] = []
  const names = new Set<string>()
  let end = 0
  for (let index = 0; index < tensorCount; index++) {
    const loading = cursor.prefetch(longestEntry)
    if (loading !== undefined) await loading
    const tensor = readTensor(cursor, version, end, findings)
    if (names.has(tensor.name))
      throw new FormatError('DUPLICATE_TENSOR', `Two tensors are called "${tensor.name}".`, { offset: cursor.position })
    names.add(tensor.name)
    tensors.push(tensor)
    end = paddedTo(alignment, end + tensor.sizeBytes)
    if (end > Number.MAX_SAFE_INTEGER) throw overflow(tensor.name, cursor.position)
  }
  return tensors
}

const readTensor = (cursor: Cursor, version: number, expectedOffset: number, findings: Findings): GgufTensor => {
  const start = cursor.position
  const refuse = (code: FormatErrorCode, message: string) => new FormatError(code, message, { offset: start })
  const nameBytes = version === 1 ? cursor.u32() : cursor.u64()
  if (nameBytes > limits.tensorNameBytes) {
    if (nameBytes > cursor.left) throw outOfFile(start, nameBytes, cursor.position + cursor.left)
    throw refuse('NAME_TOO_LONG', `A tensor's name has ${nameBytes} bytes; ${limits.tensorNameBytes} are allowed.`)
  }
  const name = decodeText(cursor.slice(nameBytes))
  if (name.text.includes('\0')) throw refuse('NUL_IN_NAME', 'A tensor’s name contains a NUL byte.')
  if (name.invalid) findings.add('note', 'invalid-utf8', `The name of tensor "${name.text}" is not UTF-8.`, start)

  const dimensionCount = cursor.u32()
  if (dimensionCount > limits.dimensions)
    throw refuse('TOO_MANY_DIMENSIONS', `Tensor "${name.text}" has ${dimensionCount} dimensions; 4 are allowed.`)
  const dimensions = new Array<number>(dimensionCount).fill(0)
  for (let n = 0; n < dimensionCount; n++) {
    const length = version === 1 ? cursor.u32() : cursor.u64()
    if (length > Number.MAX_SAFE_INTEGER)
      throw refuse('BAD_DIMENSION', `Tensor "${name.text}" has a dimension that is negative or beyond 2^53.`)
    dimensions[n] = length
  }
  const elements = dimensions.reduce((product, length) => product * length, 1)
  // rounding cannot hide it: a product beyond 2^53 is never rounded below it
  if (elements > Number.MAX_SAFE_INTEGER) throw overflow(name.text, start)

  const type = tensorType(cursor.u32(), name.text, start)
  noteSupport(type, name.text, dimensionCount, start, findings)
  const rowLength = dimensions[0] ?? 1
  if (rowLength % type.blockSize !== 0)
    throw refuse(
      'BAD_ROW_LENGTH',
      `Tensor "${name.text}": a row of ${rowLength} values is not a whole number of ${type.name} blocks (${type.blockSize}).`,
    )
  const sizeBytes = tensorSizeBytes(type, dimensions, elements)
  if (sizeBytes > Number.MAX_SAFE_INTEGER) throw overflow(name.text, start)
  const offset = cursor.u64()
  if (offset !== expectedOffset)
    throw refuse(
      'BAD_OFFSET',
      `Tensor "${name.text}" should start at ${expectedOffset} of the data and starts at ${offset}: ${offset > expectedOffset ? 'there is a hole before it' : 'it overlaps another'}.`,
    )
  return { name: name.text, dimensions, type, elements, sizeBytes, offset }
}

const tensorType = (id: number, name: string, offset: number): GgmlType => {
  const type = ggmlTypes.get(id)
  if (type === undefined)
    throw new FormatError(
      'UNKNOWN_TENSOR_TYPE',
      `Tensor "${name}" has type ${id}, which Berth does not know: the file is newer, for another runtime, or damaged.`,
      { offset, details: { type: id } },
    )
  if (type.blockSize === 0)
    throw new FormatError(
      'REMOVED_TENSOR_TYPE',
      `Tensor "${name}" has type ${type.name}, which llama.cpp removed. Convert or quantise the model again.`,
      { offset, details: { type: id } },
    )
  return type
}

const noteSupport = (type: GgmlType, name: string, dimensions: number, offset: number, findings: Findings): void => {
  if (type.support === 'mainline') return
  if (type.support === 'ik_llama.cpp')
    findings.add('broken', 'ik-llama-type', `Tensor "${name}" is ${type.name}: only ik_llama.cpp runs this.`, offset)
  if (type.support === 'removed')
    findings.add(
      'broken',
      'removed-type',
      `Tensor "${name}" is ${type.name}, repacked for ARM as in 2024. Current llama.cpp does not load it; quantise again from Q4_0.`,
      offset,
    )
  if (type.support === 'intermediate' && dimensions > 1)
    findings.add(
      'warning',
      'intermediate-type',
      `Tensor "${name}" is ${type.name}: as a weight it loads and then crashes at the first token.`,
      offset,
    )
}

const overflow = (name: string, offset: number): FormatError =>
  new FormatError('SIZE_OVERFLOW', `The size of tensor "${name}" is beyond what any file can hold.`, { offset })
