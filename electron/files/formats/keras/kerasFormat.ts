import type { Check } from '../../../../shared/contract/checks.ts'
import type { ByteSource } from '../byteSource.ts'
import { factGroup } from '../factGroup.ts'
import { createFindings } from '../findings.ts'
import type { InspectOptions, ModelFileFormat } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection, MetadataRow, ModelFileSummary, TensorRow, TensorTypeShare } from '../modelFile.ts'
import { openZip, startsLikeZip, type ZipArchive } from '../zip/readZip.ts'
import type { ZipEntry } from '../zip/zipEntry.ts'
import { checkConfig, type KerasConfig } from './checkConfig.ts'
import type { Hdf5Attribute } from './hdf5Attributes.ts'
import { findSuperblock } from './hdf5Header.ts'
import { createPagedReader } from './pagedReader.ts'
import { type Hdf5Contents, readHdf5 } from './readHdf5.ts'

/** Keras 3 archives and HDF5 files, of Keras or of anything else. */
export const kerasFormat: ModelFileFormat = {
  name: 'Keras',
  recognizes: (head) => isKerasZip(head) || hasHdf5Head(head),
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

const archiveNames = new Set(['metadata.json', 'config.json', 'model.weights.h5', 'model.weights.npz'])

/** Keras writes these first; the name of the first member stands at byte 30. */
const isKerasZip = (head: Uint8Array): boolean => {
  if (!startsLikeZip(head) || head.length < 30) return false
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  return archiveNames.has(bytes.toString('latin1', 30, 30 + bytes.readUInt16LE(26)))
}

const hasHdf5Head = (head: Uint8Array): boolean => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  return [0, 512, 1024, 2048].some((at) => bytes.toString('latin1', at, at + 8) === '\x89HDF\r\n\x1a\n')
}

const inspect = async (source: ByteSource, options: InspectOptions = {}): Promise<Inspection> => {
  const head = await source.read(0, Math.min(4, source.sizeBytes))
  return startsLikeZip(head) ? await inspectArchive(source, options) : await inspectHdf5(source, options)
}

const inspectHdf5 = async (source: ByteSource, options: InspectOptions): Promise<Inspection> => {
  const findings = { structure: createFindings('structure'), safety: createFindings('safety') }
  const contents = await readHdf5(source, findings, options)
  const { attributes, tensors } = contents
  const isKeras = ['model_config', 'keras_version', 'layer_names'].some((name) => attributes.has(name))
  const described = attributes.get('model_config')
  const config = typeof described?.value === 'string' ? checkConfig(described.value, 'model_config', false) : null
  if (described !== undefined && config === null)
    findings.structure.add(
      'unknown',
      'config-not-read',
      'The description of the model could not be read: whether it runs code is not known.',
    )
  else if (isKeras && config === null)
    findings.structure.add(
      'note',
      'weights-only',
      'The file holds weights alone. The model itself is described elsewhere.',
    )
  addUnread(contents, findings.structure)
  if (contents.unread.length > 0 && config === null) await scanText(source, findings.safety)
  const version = textOf(attributes.get('keras_version'))
  return inspectionOf({
    format: isKeras ? 'Keras HDF5' : 'HDF5',
    formatVersion: version,
    config,
    backend: textOf(attributes.get('backend')),
    tensors,
    sizeBytes: source.sizeBytes,
    metadata: [...attributes.values()].map(metadataRow),
    checks: [...findings.structure.list, ...findings.safety.list, ...(config?.checks ?? [])],
  })
}

const addUnread = ({ unread }: Hdf5Contents, structure: ReturnType<typeof createFindings>): void => {
  if (unread.length > 0)
    structure.add('unknown', 'partial-check', `This is a partial check: ${unread.join(', ')} were not looked into.`)
}

const mostScanned = 1 << 20

/** Where the description cannot be found, its worst words may still stand in plain sight. */
const scanText = async (source: ByteSource, safety: ReturnType<typeof createFindings>): Promise<void> => {
  const bytes = await source.read(0, Math.min(mostScanned, source.sizeBytes))
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const found = ['"class_name": "Lambda"', '"class_name":"Lambda"', '"__lambda__"'].find((word) => text.includes(word))
  if (found !== undefined)
    safety.add(
      'dangerous',
      'keras-lambda',
      'A Lambda layer: the model carries Python code that runs when it is loaded. Keras has no protection against that in HDF5 files.',
      { offset: text.indexOf(found), text: found },
    )
}

const textOf = (attribute: Hdf5Attribute | undefined): string | null =>
  typeof attribute?.value === 'string' ? attribute.value.slice(0, 60) : null

const metadataRow = ({ name, type, value }: Hdf5Attribute): MetadataRow => {
  const text = value === null ? '' : `${value}`
  return { key: name.slice(0, 200), type, value: text.length > 2000 ? `${text.slice(0, 2000)}…` : text }
}

const mostConfigBytes = 4 << 20

const inspectArchive = async (source: ByteSource, options: InspectOptions): Promise<Inspection> => {
  const archive = await openZip(source, options)
  const findings = { structure: createFindings('structure'), safety: createFindings('safety') }
  const member = (name: string) => archive.entries.find((entry) => entry.name === name)
  const configText = await textOfMember(archive, member('config.json'))
  const metadata = parseMetadata(await textOfMember(archive, member('metadata.json')))
  if (configText === null)
    findings.structure.add('broken', 'no-config', 'The archive has no config.json: Keras cannot build the model.')
  const config = configText === null ? null : checkConfig(configText, 'config.json', true)
  addStrangers(archive, findings.safety)
  const weights = member('model.weights.h5')
  const tensors = weights === undefined ? [] : await readWeights(archive, weights, findings, options)
  if (weights === undefined && member('model.weights.npz') === undefined)
    findings.structure.add('broken', 'no-weights', 'The archive has no weights.')
  else if (weights === undefined)
    findings.structure.add(
      'unknown',
      'partial-check',
      'This is a partial check: weights in NumPy arrays were not looked into.',
    )
  return inspectionOf({
    format: 'Keras',
    formatVersion: metadata.get('keras_version') ?? null,
    config,
    backend: null,
    tensors,
    sizeBytes: source.sizeBytes,
    metadata: [...metadata].map(([key, value]) => ({ key, type: 'text', value })),
    checks: [...archive.checks, ...findings.structure.list, ...findings.safety.list, ...(config?.checks ?? [])],
  })
}

const textOfMember = async (archive: ZipArchive, entry: ZipEntry | undefined): Promise<string | null> =>
  entry === undefined ? null : Buffer.from(await archive.read(entry, mostConfigBytes)).toString('utf8')

const parseMetadata = (text: string | null): ReadonlyMap<string, string> => {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value !== 'object' || value === null) return new Map()
    return new Map(
      Object.entries(value)
        .slice(0, 50)
        .map(([key, inner]) => [key.slice(0, 100), `${inner}`.slice(0, 200)]),
    )
  } catch {
    return new Map()
  }
}

/** Beside these, Keras writes only what layers keep in `assets/`. */
const addStrangers = ({ entries }: ZipArchive, safety: ReturnType<typeof createFindings>): void => {
  for (const { name, isFolder } of entries) {
    if (isFolder || archiveNames.has(name) || name.startsWith('assets/')) continue
    const isCode = /\.(py|pyc|so|dll|pkl|pickle|exe|sh)$/i.test(name)
    safety.add(
      isCode ? 'dangerous' : 'warning',
      'keras-stranger-in-archive',
      `The archive holds "${name.slice(0, 120)}", which Keras does not write.`,
      { file: name.slice(0, 200) },
    )
  }
}

const readWeights = async (
  archive: ZipArchive,
  entry: ZipEntry,
  findings: Parameters<typeof readHdf5>[1],
  options: InspectOptions,
): Promise<readonly TensorRow[]> => {
  try {
    const source = await archive.source(entry)
    const start = await findSuperblock(createPagedReader(source, options))
    if (start === null) {
      findings.structure.add('broken', 'weights-not-hdf5', 'The weights in the archive are no HDF5 file.', {
        file: entry.name,
      })
      return []
    }
    const contents = await readHdf5(source, findings, options)
    addUnread(contents, findings.structure)
    return contents.tensors.map((tensor) => ({ ...tensor, file: entry.name }))
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const isTooLarge = error.code === 'TOO_MUCH_WORK'
    findings.structure.add(
      isTooLarge ? 'unknown' : 'broken',
      isTooLarge ? 'partial-check' : 'weights-damaged',
      `The weights in the archive could not be read: ${error.message}`,
      { file: entry.name },
    )
    return []
  }
}

interface Parts {
  readonly format: string
  readonly formatVersion: string | null
  readonly config: KerasConfig | null
  readonly backend: string | null
  readonly tensors: readonly TensorRow[]
  readonly sizeBytes: number
  readonly metadata: readonly MetadataRow[]
  readonly checks: readonly Check[]
}

const inspectionOf = (parts: Parts): Inspection => {
  const { config, tensors, metadata } = parts
  const summary = summaryOf(parts)
  const layers = [...(config?.layers ?? [])].sort(([, one], [, other]) => other - one).slice(0, 12)
  return {
    summary,
    facts: [
      factGroup('Identity', [
        ['Name', summary.name, 'model configuration'],
        ['Format', parts.format, 'file content'],
        ['Keras', parts.formatVersion, 'keras_version'],
        ['Backend', parts.backend, 'backend'],
      ]),
      factGroup('Architecture', [
        ['Model', config?.modelClass ?? null, 'model configuration'],
        ['Layers', layers.map(([name, count]) => `${name} × ${count}`).join(', '), 'model configuration'],
      ]),
      factGroup('Weights', [
        ['Values', summary.parameterCount, 'HDF5 datasets'],
        ['Tensors', summary.tensorCount, 'HDF5 datasets'],
      ]),
    ].filter(({ facts }) => facts.length > 0),
    metadata,
    tensors,
    templates: [],
  }
}

const summaryOf = ({ format, formatVersion, config, tensors, sizeBytes, checks }: Parts): ModelFileSummary => {
  const numeric = tensors.filter(({ type }) => /^B?F\d+$/.test(type))
  const elements = numeric.reduce((sum, tensor) => sum + tensor.elements, 0)
  const dataBytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0)
  const shares = sharesOf(tensors)
  return {
    format,
    formatVersion,
    name: config?.name ?? null,
    role: 'unknown',
    loadable: false,
    reason: 'The embedded engine runs GGUF models. Keras models run with Keras, in Python.',
    capabilities: [],
    architecture: config?.modelClass ?? null,
    parameterCount: numeric.length === 0 || !Number.isSafeInteger(elements) ? null : elements,
    activeParameterCount: null,
    quantization: null,
    bitsPerWeight: null,
    contextLength: null,
    geometry: null,
    tensorTypes: shares,
    tensorCount: tensors.length,
    dataBytes,
    sizeBytes,
    tokenizer: null,
    chatTemplate: null,
    license: null,
    author: null,
    baseModels: [],
    split: null,
    checks,
  }
}

/** Largest first. */
const sharesOf = (tensors: readonly TensorRow[]): TensorTypeShare[] =>
  [...Map.groupBy(tensors, ({ type }) => type)]
    .map(([type, rows]) => ({ type, tensors: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) }))
    .sort((one, other) => other.bytes - one.bytes)
