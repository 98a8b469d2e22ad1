import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { fileSummary } from '../fileSummary.ts'
import { createFindings, type Findings } from '../findings.ts'
import type { InspectOptions, ModelFileFormat } from '../format.ts'
import { FormatError } from '../formatError.ts'
import { createPagedReader, type PagedReader } from '../keras/pagedReader.ts'
import type { Inspection, TensorRow } from '../modelFile.ts'
import { type FlatTable, type FlatVector, follow, rootTable, tableAt, textAt, vectorAt } from './flatBuffer.ts'

/** TensorFlow Lite, now LiteRT: a FlatBuffer with the identifier TFL3. Source: tensorflow/compiler/mlir/lite schema.fbs. */
export const tfliteFormat: ModelFileFormat = {
  name: 'TensorFlow Lite',
  recognizes: (head) => Buffer.from(head.subarray(4, 8)).toString('latin1') === 'TFL3',
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

/** TensorType */
const types: readonly (readonly [name: string, bits: number | null])[] = [
  ['F32', 32],
  ['F16', 16],
  ['I32', 32],
  ['U8', 8],
  ['I64', 64],
  ['STRING', null],
  ['BOOL', 8],
  ['I16', 16],
  ['C64', 64],
  ['I8', 8],
  ['F64', 64],
  ['C128', 128],
  ['U64', 64],
  ['RESOURCE', null],
  ['VARIANT', null],
  ['U32', 32],
  ['U16', 16],
  ['I4', 4],
  ['BF16', 16],
]

const limits = { tensors: 50_000, codes: 10_000, graphs: 1000 }

interface Contents {
  readonly version: number | null
  readonly description: string | null
  readonly customOperators: readonly string[]
  readonly graphs: number
  readonly operations: number
  readonly tensors: readonly TensorRow[]
}

const inspect = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  const [structure, safety] = [createFindings('structure'), createFindings('safety')]
  const reader = createPagedReader(source, options)
  if (!tfliteFormat.recognizes(await reader.read(0, Math.min(8, source.sizeBytes)), source.sizeBytes))
    throw new FormatError('UNKNOWN_FORMAT', 'This is not a TensorFlow Lite model.', { offset: 4 })
  const contents = await readContents(reader, structure)
  checkOperators(contents.customOperators, safety)
  if (structure.list.length === 0)
    structure.passed('tensors', `${contents.tensors.length} tensors, all inside the file.`)
  const { version, tensors } = contents
  const known = {
    format: 'TensorFlow Lite',
    formatVersion: version === null ? null : `v${version}`,
    sizeBytes: source.sizeBytes,
    checks: [...structure.list, ...safety.list],
    reason: 'The embedded engine runs GGUF models. These models run with LiteRT (TensorFlow Lite).',
    parameterCount: parametersOf(tensors),
  }
  const summary = fileSummary(known, tensors)
  return {
    summary,
    facts: [
      factGroup('Identity', [
        ['Description', contents.description, 'description'],
        ['Format', `TensorFlow Lite ${summary.formatVersion ?? ''}`.trim(), 'version'],
      ]),
      factGroup('Graph', [
        ['Graphs', contents.graphs, 'subgraphs'],
        ['Operations', contents.operations, 'operators'],
        ['Operators of others', contents.customOperators.join(', '), 'operator_codes'],
      ]),
    ].filter(({ facts }) => facts.length > 0),
    metadata: [],
    tensors,
    templates: [],
  }
}

const parametersOf = (tensors: readonly TensorRow[]): number | null => {
  const kept = tensors.filter(({ bytes }) => bytes > 0)
  return kept.length === 0 ? null : kept.reduce((sum, { elements }) => sum + elements, 0)
}

/** Model: version 0, operator_codes 1, subgraphs 2, description 3, buffers 4 */
const readContents = async (reader: PagedReader, structure: Findings): Promise<Contents> => {
  const root = await rootTable(reader)
  const [version, codes, graphs, description, buffers] = [
    await root.field(0),
    await root.field(1),
    await root.field(2),
    await root.field(3),
    await root.field(4),
  ]
  const bufferList = buffers === null ? null : await vectorAt(reader, buffers, 4)
  const tensors: TensorRow[] = []
  let operations = 0
  const graphList = graphs === null ? [] : await tablesIn(reader, await vectorAt(reader, graphs, 4), limits.graphs)
  for (const graph of graphList) {
    const [tensorField, operatorField] = [await graph.field(0), await graph.field(3)]
    if (operatorField !== null) operations += (await vectorAt(reader, operatorField, 4)).length
    if (tensorField === null) continue
    for (const table of await tablesIn(reader, await vectorAt(reader, tensorField, 4), limits.tensors - tensors.length))
      tensors.push(await readTensor(reader, table, bufferList, structure))
  }
  return {
    version: version === null ? null : (await reader.read(version, 4)).readUInt32LE(0),
    description: description === null ? null : await textAt(reader, description),
    customOperators: codes === null ? [] : await customCodes(reader, await vectorAt(reader, codes, 4)),
    graphs: graphList.length,
    operations,
    tensors,
  }
}

const tablesIn = async (
  reader: PagedReader,
  { start, length }: FlatVector,
  most: number,
): Promise<readonly FlatTable[]> => {
  if (length > most)
    throw new FormatError('TOO_MUCH_WORK', 'The file has more parts than any honest model.', { offset: start })
  const tables: FlatTable[] = []
  for (let index = 0; index < length; index++) tables.push(tableAt(reader, await follow(reader, start + 4 * index)))
  return tables
}

/** OperatorCode: custom_code 1 */
const customCodes = async (reader: PagedReader, codes: FlatVector): Promise<readonly string[]> => {
  const names = new Set<string>()
  for (const table of await tablesIn(reader, codes, limits.codes)) {
    const custom = await table.field(1)
    if (custom !== null && names.size < 200) names.add((await textAt(reader, custom)).slice(0, 80))
  }
  return [...names]
}

/** Tensor: shape 0, type 1, buffer 2, name 3 */
const readTensor = async (
  reader: PagedReader,
  table: FlatTable,
  buffers: FlatVector | null,
  structure: Findings,
): Promise<TensorRow> => {
  const [shapeField, typeField, bufferField, nameField] = [
    await table.field(0),
    await table.field(1),
    await table.field(2),
    await table.field(3),
  ]
  const shape = shapeField === null ? [] : await integers(reader, shapeField)
  const number = typeField === null ? 0 : (await reader.read(typeField, 1)).readInt8(0)
  const [type, bits] = types[number] ?? [`type ${number}`, null]
  const name = nameField === null ? '' : await textAt(reader, nameField)
  const product = shape.reduce((all, length) => all * length, 1)
  const elements = Number.isSafeInteger(product) && product >= 0 ? product : 0
  const index = bufferField === null ? 0 : (await reader.read(bufferField, 4)).readUInt32LE(0)
  const data = await bufferOf(reader, buffers, index)
  if (data !== null && bits !== null && data.length < Math.ceil((elements * bits) / 8))
    structure.add(
      'broken',
      'tensor-too-short',
      `The tensor "${name.slice(0, 120)}" has ${data.length} bytes of values where its shape needs ${Math.ceil((elements * bits) / 8)}.`,
      { offset: table.at, tensor: name.slice(0, 200) },
    )
  return { name, type, shape, elements, bytes: data?.length ?? 0, offset: data?.start ?? null, file: null }
}

const integers = async (reader: PagedReader, field: number): Promise<readonly number[]> => {
  const { start, length } = await vectorAt(reader, field, 4)
  if (length > 64) throw new FormatError('TOO_MANY_DIMENSIONS', `A tensor has ${length} dimensions.`, { offset: start })
  const bytes = await reader.read(start, 4 * length)
  return Array.from({ length }, (_, index) => bytes.readInt32LE(4 * index))
}

/** Buffer: data 0, or offset 1 and size 2 for data behind the FlatBuffer. Buffer 0 is always empty. Null: no values. */
const bufferOf = async (reader: PagedReader, buffers: FlatVector | null, index: number): Promise<FlatVector | null> => {
  if (buffers === null || index === 0) return null
  if (index >= buffers.length)
    throw new FormatError('OUT_OF_FILE', 'A tensor refers to values that are not in the file. It is damaged.', {
      offset: buffers.start,
    })
  const table = tableAt(reader, await follow(reader, buffers.start + 4 * index))
  const data = await table.field(0)
  if (data !== null) {
    const vector = await vectorAt(reader, data, 1)
    return vector.length === 0 ? null : vector
  }
  const [offset, size] = [await table.field(1), await table.field(2)]
  if (offset === null || size === null) return null
  const [start, length] = [
    Number((await reader.read(offset, 8)).readBigUInt64LE(0)),
    Number((await reader.read(size, 8)).readBigUInt64LE(0)),
  ]
  if (start <= 1 || length === 0) return null
  if (start + length > reader.sizeBytes)
    throw new FormatError(
      'DATA_TRUNCATED',
      'The values of a tensor end behind the end of the file: it is incomplete. Download it again.',
      { offset: start },
    )
  return { start, length }
}

const checkOperators = (custom: readonly string[], safety: Findings): void => {
  const flex = custom.filter((name) => name.startsWith('Flex'))
  const own = custom.filter((name) => !name.startsWith('Flex'))
  if (flex.length > 0)
    safety.add(
      'note',
      'runtime-operators',
      `The model uses ${flex.length} operators of TensorFlow itself (${flex.slice(0, 5).join(', ')}): it needs the larger runtime.`,
    )
  if (own.length > 0)
    safety.add(
      'warning',
      'custom-operators',
      `The model uses operators that LiteRT does not have (${own.slice(0, 5).join(', ')}): someone must supply native code for them.`,
      { text: own.slice(0, 5).join(', '), advice: 'Native code can do anything. Take it only from someone you trust.' },
    )
  if (own.length === 0) safety.passed('standard-operators', 'The model asks for no native code of others.')
}
