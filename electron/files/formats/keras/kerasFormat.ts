import type { ByteSource } from '../byteSource.ts'
import type { InspectOptions, ModelFileFormat } from '../format.ts'
import type { Inspection } from '../modelFile.ts'
import { startsLikeZip } from '../zip/readZip.ts'
import { archiveNames, inspectArchive } from './inspectArchive.ts'
import { inspectHdf5 } from './inspectHdf5.ts'

/** Keras 3 archives and HDF5 files, of Keras or of anything else. */
export const kerasFormat: ModelFileFormat = {
  name: 'Keras',
  recognizes: (head) => isKerasZip(head) || hasHdf5Head(head),
  summarize: async (source, options) => (await inspect(source, options)).summary,
  inspect: (source, options) => inspect(source, options),
}

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
