import { createHash, type Hash } from 'node:crypto'
import { lstat, rm } from 'node:fs/promises'
import { AppError } from '../../../lib/appError.ts'
import { writeNewFile } from '../../writeNewFile.ts'
import { type ByteSource, type FileSource, openFileSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { encodeHeader } from './encodeHeader.ts'
import { readSafetensors } from './readSafetensors.ts'
import type { SafetensorsFile } from './safetensorsFile.ts'

export interface WriteMetadataOptions {
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** 0 to 1 */
  readonly report?: ((fraction: number) => void) | undefined
}

const chunkBytes = 4 << 20
/** Copying is the first part of the work, reading back the second. */
const copyShare = 0.6

/**
 * Writes a copy of a file with other metadata: the tensors' bytes stay as they are, and so does their hash (AutoV3). The
 * copy is read back and compared before this returns; on any failure nothing is left behind.
 * @param target a name that does not exist yet
 * @param changes by key; null takes it out. `__metadata__` itself is left away when nothing is in it.
 * @throws FormatError when the source is not whole; AppError DISK_FULL, PATH_UNUSABLE
 */
export const writeSafetensorsMetadata = async (
  source: FileSource,
  target: string,
  changes: ReadonlyMap<string, string | null>,
  options: WriteMetadataOptions = {},
): Promise<void> => {
  const file = await readSafetensors(source, options)
  refuseBroken(file)
  const metadata = applied(file.metadata, changes)
  const header = encodeHeader(file.tensors, file.dataOffset, metadata)
  await refuseExisting(target)
  const copied = createHash('sha256')
  await writeNewFile(target, header.length + file.dataBytes, async (handle) => {
    await handle.write(header)
    await eachChunk(source, file.dataOffset, options, [0, copyShare], async (chunk) => {
      copied.update(chunk)
      for (let done = 0; done < chunk.length; )
        done += (await handle.write(chunk, done, chunk.length - done)).bytesWritten
    })
    await refuseExisting(target) // something else may have taken the name meanwhile
  })
  try {
    await verify(target, { file, metadata, copied }, options)
  } catch (error) {
    await rm(target, { force: true }).catch(() => {}) // what failed first is what to tell
    throw error
  }
}

const refuseBroken = (file: SafetensorsFile): void => {
  const broken = file.findings.find((finding) => finding.outcome === 'broken')
  if (broken !== undefined)
    throw new FormatError(
      file.isTruncated ? 'DATA_TRUNCATED' : 'TRAILING_DATA',
      `Only a whole file is copied. ${broken.message}`,
    )
}

const refuseExisting = async (target: string): Promise<void> => {
  if ((await lstat(target).catch(() => null)) !== null)
    throw new AppError('PATH_UNUSABLE', `${target} exists already. Choose another name.`)
}

const applied = (
  metadata: ReadonlyMap<string, string>,
  changes: ReadonlyMap<string, string | null>,
): Map<string, string> => {
  const changed = new Map(metadata)
  for (const [key, value] of changes)
    if (value === null) changed.delete(key)
    else changed.set(key, value)
  return changed
}

/** The source's bytes from an offset to the end, in order. */
const eachChunk = async (
  source: ByteSource,
  from: number,
  { signal, report }: WriteMetadataOptions,
  [start, end]: readonly [number, number],
  use: (chunk: Uint8Array) => Promise<void>,
): Promise<void> => {
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, Math.max(0, source.sizeBytes - from)))
  for (let at = from; at < source.sizeBytes; at += chunkBytes) {
    signal?.throwIfAborted()
    await use(await source.read(at, Math.min(chunkBytes, source.sizeBytes - at), buffer))
    const fraction = Math.min(1, (at + chunkBytes - from) / (source.sizeBytes - from))
    report?.(start + (end - start) * fraction)
  }
  signal?.throwIfAborted()
}

interface Wanted {
  readonly file: SafetensorsFile
  readonly metadata: ReadonlyMap<string, string>
  readonly copied: Hash
}

/** Reads the copy as any reader would. */
const verify = async (
  target: string,
  { file, metadata, copied }: Wanted,
  options: WriteMetadataOptions,
): Promise<void> => {
  const written = await openFileSource(target)
  try {
    const again = await readSafetensors(written, options)
    refuseBroken(again)
    const read = createHash('sha256')
    await eachChunk(written, again.dataOffset, options, [copyShare, 1], async (chunk) => {
      read.update(chunk)
    })
    const isSame =
      tableOf(again) === tableOf(file) &&
      JSON.stringify([...again.metadata]) === JSON.stringify([...metadata]) &&
      read.digest('hex') === copied.digest('hex')
    if (!isSame)
      throw new FormatError('READ_FAILED', 'The copy does not read back as it was written. The disk may be failing.')
    options.report?.(1)
  } finally {
    await written.close()
  }
}

const tableOf = ({ tensors, dataOffset }: SafetensorsFile): string =>
  JSON.stringify(
    tensors.map(({ name, type, shape, bytes, offset }) => [name, type, shape, bytes, (offset ?? 0) - dataOffset]),
  )
