import type { ByteSource } from '../byteSource.ts'
import { createFindings } from '../findings.ts'
import type { InspectOptions } from '../format.ts'
import { FormatError } from '../formatError.ts'
import type { Inspection, TensorRow } from '../modelFile.ts'
import { openZip, type ZipArchive } from '../zip/readZip.ts'
import type { ZipEntry } from '../zip/zipEntry.ts'
import { checkConfig } from './checkConfig.ts'
import { findSuperblock } from './hdf5Header.ts'
import { addUnread } from './inspectHdf5.ts'
import { inspectionOf } from './kerasInspection.ts'
import { createPagedReader } from './pagedReader.ts'
import { readHdf5 } from './readHdf5.ts'

export const archiveNames = new Set(['metadata.json', 'config.json', 'model.weights.h5', 'model.weights.npz'])

const mostConfigBytes = 4 << 20

/** A Keras 3 archive: metadata, configuration, weights. */
export const inspectArchive = async (source: ByteSource, options: InspectOptions): Promise<Inspection> => {
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
