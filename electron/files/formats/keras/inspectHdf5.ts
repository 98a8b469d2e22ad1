import type { ByteSource } from '../byteSource.ts'
import { createFindings } from '../findings.ts'
import type { InspectOptions } from '../format.ts'
import type { Inspection, MetadataRow } from '../modelFile.ts'
import { checkConfig } from './checkConfig.ts'
import type { Hdf5Attribute } from './hdf5Attributes.ts'
import { inspectionOf } from './kerasInspection.ts'
import { type Hdf5Contents, readHdf5 } from './readHdf5.ts'

/** An HDF5 file: of Keras before version 3, weights alone, or of anything else. */
export const inspectHdf5 = async (source: ByteSource, options: InspectOptions): Promise<Inspection> => {
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

export const addUnread = ({ unread }: Hdf5Contents, structure: ReturnType<typeof createFindings>): void => {
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
