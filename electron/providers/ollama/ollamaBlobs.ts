import { AppError } from '../../lib/appError.ts'
import type { ReportTransfer } from '../provider.ts'
import type { OllamaApi } from './ollamaApi.ts'
import type { LocalFile } from './ollamaLocalFile.ts'

/** Longer than any upload: what stalls is ended before. */
const uploadMs = 7 * 86_400_000

/**
 * Brings files to Ollama as blobs; one that is there already is not sent.
 * @param stalledMs without a byte taken, or without an answer to the last
 * @returns their digests by name
 */
export const uploadBlobs = async (
  api: OllamaApi,
  files: readonly LocalFile[],
  stalledMs: number,
  report: ReportTransfer,
  signal: AbortSignal,
): Promise<Record<string, string>> => {
  const digests: Record<string, string> = {}
  for (const file of files) {
    const onBytes = (done: number) => report(hashing(file, done), null)
    digests[file.name] = `sha256:${await file.sha256(onBytes, signal)}`
  }
  const done = new Map(files.map((file) => [file, 0]))
  const tell = (text: string, file: LocalFile, bytes: number) => {
    done.set(file, bytes)
    report(text, transferOf(files, done))
  }
  for (const file of files) {
    const digest = digests[file.name] ?? ''
    const onBytes = (bytes: number) => tell(`Uploading ${file.name}`, file, bytes)
    onBytes(0)
    if (!(await hasBlob(api, digest, signal))) await uploadBlob(api, { file, digest, stalledMs }, onBytes, signal)
    tell(`Ollama has ${file.name}`, file, file.sizeBytes)
  }
  return digests
}

const hashing = ({ name, sizeBytes }: LocalFile, done: number): string =>
  `Computing the checksum of ${name}: ${Math.floor((done / sizeBytes) * 100)} %`

const transferOf = (files: readonly LocalFile[], done: ReadonlyMap<LocalFile, number>) => {
  const parts = files.map((file) => ({
    name: file.name,
    doneBytes: done.get(file) ?? 0,
    totalBytes: file.sizeBytes,
  }))
  return {
    doneBytes: parts.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
    totalBytes: parts.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    parts,
  }
}

const hasBlob = async (api: OllamaApi, digest: string, signal: AbortSignal): Promise<boolean> => {
  try {
    await api.http.whole({ method: 'HEAD', path: `/api/blobs/${digest}` }, signal)
    return true
  } catch (error) {
    if (error instanceof AppError && error.details?.status === 404) return false
    throw error
  }
}

interface Upload {
  readonly file: LocalFile
  readonly digest: string
  readonly stalledMs: number
}

const uploadBlob = async (
  api: OllamaApi,
  { file, digest, stalledMs }: Upload,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<void> => {
  const stalled = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const goesOn = () => {
    clearTimeout(timer)
    timer = setTimeout(() => stalled.abort(), stalledMs)
  }
  const content = file.content((done) => {
    goesOn()
    onBytes(done)
  })
  goesOn()
  try {
    await api.order(
      {
        path: `/api/blobs/${digest}`,
        upload: { content, sizeBytes: file.sizeBytes },
        limits: { answerMs: uploadMs },
      },
      AbortSignal.any([signal, stalled.signal]),
    )
  } catch (error) {
    if (stalled.signal.aborted && !signal.aborted)
      throw new AppError('PROVIDER_TIMEOUT', `Ollama took nothing of ${file.name} for ${stalledMs / 1000} s.`, {
        cause: error,
      })
    throw error
  } finally {
    clearTimeout(timer)
    content.destroy()
  }
}
