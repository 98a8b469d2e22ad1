import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { AppError } from '../../../lib/appError.ts'
import { writeNewFile } from '../../writeNewFile.ts'
import { type ByteSource, type FileSource, openFileSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { checkChanged, type GgufChanges, type GgufWriteValue, invalid, stretchesOf } from './changeMetadata.ts'
import type { GgufFile } from './ggufFile.ts'
import { readGguf } from './readGguf.ts'
import { splicedSource } from './splicedSource.ts'

export type { GgufWriteValue }

export interface GgufCopyOptions {
  readonly signal?: AbortSignal
  /** 0–1: the first half is writing, the second reading back */
  readonly report?: (fraction: number) => void
}

const chunkBytes = 4 << 20

/** What the tensor data depends on, and what only all shards together could change. */
const isFixed = (key: string): boolean =>
  key === 'general.architecture' || key === 'general.alignment' || key.startsWith('split.')

/**
 * Writes a copy with other metadata: a value replaces or adds its key, null removes it. Every other key, the tensor table
 * and the data stay byte for byte what they were. The copy is read back before it gets its name; on any failure there is
 * nothing under it.
 *
 * @param target must not exist yet
 * @throws AppError INVALID_INPUT for a key that is fixed or a value that its type cannot hold, PATH_UNUSABLE, DISK_FULL;
 *   FormatError when the source is no readable GGUF file of version 2 or 3; the signal's reason
 */
export const writeGgufMetadata = async (
  source: FileSource,
  target: string,
  changes: GgufChanges,
  { signal, report = () => {} }: GgufCopyOptions = {},
): Promise<void> => {
  for (const key of changes.keys())
    if (isFixed(key)) throw invalid(`"${key}" cannot be changed: the tensors depend on it, or other files do.`)
  if (await lstat(target).catch(() => null))
    throw new AppError('PATH_UNUSABLE', `${target} exists already. Nothing was written.`)
  const file = await readGguf(source, { signal })
  const copy = splicedSource(source, await stretchesOf(source, file, changes))
  await checkPlan(copy, file, changes) // before gigabytes are copied
  await writeNewFile(target, copy.sizeBytes, async (handle) => {
    const written = await throughChunks(
      copy,
      signal,
      (done) => report(done / 2),
      async (chunk, offset) => {
        for (let done = 0; done < chunk.length; )
          done += (await handle.write(chunk, done, chunk.length - done, offset + done)).bytesWritten
      },
    )
    await handle.sync()
    const back = await openFileSource(`${target}.part`) // its name until it is whole
    try {
      const read = await throughChunks(
        back,
        signal,
        (done) => report(0.5 + done / 2),
        async () => {},
      )
      if (read !== written || back.sizeBytes !== copy.sizeBytes) throw differs(target)
      checkChanged(file, await readGguf(back, { signal }), changes)
    } finally {
      await back.close()
    }
  })
}

/** SHA-256 of all of it, which `use` sees piece by piece. */
const throughChunks = async (
  from: ByteSource,
  signal: AbortSignal | undefined,
  report: (fraction: number) => void,
  use: (chunk: Uint8Array, offset: number) => Promise<void>,
): Promise<string> => {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, from.sizeBytes))
  for (let offset = 0; offset < from.sizeBytes; offset += chunkBytes) {
    signal?.throwIfAborted()
    const chunk = await from.read(offset, Math.min(chunkBytes, from.sizeBytes - offset), buffer)
    hash.update(chunk)
    await use(chunk, offset)
    report(Math.min(1, (offset + chunk.length) / from.sizeBytes))
  }
  return hash.digest('hex')
}

const checkPlan = async (copy: ByteSource, file: GgufFile, changes: GgufChanges): Promise<void> => {
  const planned = await readGguf(copy).catch((error: unknown) => {
    if (error instanceof FormatError) throw invalid(`No runtime would read the result: ${error.message}`, error)
    throw error
  })
  checkChanged(file, planned, changes)
}

const differs = (target: string) =>
  new AppError('PATH_UNUSABLE', `${target} reads back differently from what was written. The copy was not kept.`, {
    advice: 'Check the disk, or write to another one.',
  })
