import { existsSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { type FileSource, openFileSource } from '../formats/byteSource.ts'
import { FormatError } from '../formats/formatError.ts'
import { parseDigest } from './digest.ts'
import { sideFiles } from './sideFiles.ts'

/** What stands beside or around a file about its content. A claim to compare with, never a measurement. */
export interface KnownHash {
  /** 64 lower-case hex digits */
  readonly sha256: string
  /** where it was read, for people */
  readonly source: string
  /** page of the file or model on its hub */
  readonly url: string | null
  /** `org/name` on Hugging Face */
  readonly repository: string | null
  /** commit of that repository, 40 hex digits */
  readonly revision: string | null
}

/** One text file of a few lines, or a record as a hub answers it. */
const sideFileBytes = 1 << 20
/** folders between a file and the one it was downloaded into */
const deepestDownload = 6
const commitPattern = /^[0-9a-f]{40}$/
const repositoryPattern = /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/

const commitOf = (text: string | undefined): string | null =>
  text !== undefined && commitPattern.test(text) ? text : null

/** `models/blobs/sha256-<hex>`; very old stores have a colon. Parts of a download have something behind the digits. */
const fromOllama = (real: string): KnownHash | null => {
  const name = basename(real)
  if (basename(dirname(real)) !== 'blobs' || !/^sha256[:-]/.test(name)) return null
  const sha256 = parseDigest(name.slice('sha256-'.length))
  if (sha256 === null) return null
  return { sha256, source: 'Ollama blob name', url: null, repository: null, revision: null }
}

/** `models--org--name`; a name without an organisation is an old one. */
const repositoryOf = (folder: string): string | null => {
  const [kind, ...parts] = folder.split('--')
  const repository = parts.join('/')
  return kind === 'models' && parts.length <= 2 && repositoryPattern.test(repository) ? repository : null
}

/**
 * `models--org--name/blobs/<etag>`, mostly reached by a link in `…/snapshots/<commit>/<path>`. 64 digits are the SHA-256
 * of a large file; 40 are git's own hash of a small one, which is something else.
 */
const fromHubCache = (found: string, real: string): KnownHash | null => {
  const [blobs, store] = [dirname(real), dirname(dirname(real))]
  const sha256 = basename(blobs) === 'blobs' && basename(store).includes('--') ? parseDigest(basename(real)) : null
  if (!sha256) return null
  const repository = repositoryOf(basename(store))
  // the folder as it was found may be reached by other links, so it is known by its name
  const parts = found.split(sep)
  const at = parts.lastIndexOf(basename(store))
  const revision = parts[at + 1] === 'snapshots' ? commitOf(parts[at + 2]) : null
  const file = parts.slice(at + 3).map(encodeURIComponent)
  const url =
    repository && `https://huggingface.co/${repository}${revision ? `/blob/${revision}/${file.join('/')}` : ''}`
  return { sha256, source: 'Hugging Face cache', url, repository, revision }
}

/** Null: it is not there, not a plain file, or larger than any such file. */
const readSmall = async (path: string): Promise<string | null> => {
  // Mostly there is none, and to be told so by an error costs more than all the rest; this runs in a worker.
  if (!existsSync(path)) return null
  let source: FileSource | undefined
  try {
    source = await openFileSource(path)
    if (source.sizeBytes > sideFileBytes) return null
    return Buffer.from(await source.read(0, source.sizeBytes)).toString('utf8')
  } catch (error) {
    if (error instanceof FormatError) return null
    throw error
  } finally {
    await source?.close()
  }
}

/**
 * `<folder>/.cache/huggingface/download/<file>.metadata`: commit, etag and time in three lines, as downloads into a
 * folder leave it. Of a file that was written later it says nothing any more.
 */
const fromDownload = async (found: string, modifiedAt: number): Promise<KnownHash | null> => {
  let folder = dirname(found)
  for (let depth = 0; depth < deepestDownload; depth++, folder = dirname(folder)) {
    const text = await readSmall(join(folder, '.cache/huggingface/download', `${relative(folder, found)}.metadata`))
    if (text === null) continue
    const [commit, etag = '', seconds] = text.split('\n', 3).map((line) => line.trim())
    const sha256 = parseDigest(etag)
    const isCurrent = modifiedAt / 1000 - 1 <= Number(seconds) // as huggingface_hub decides it
    if (!sha256 || !isCurrent) return null
    return { sha256, source: 'Hugging Face download record', url: null, repository: null, revision: commitOf(commit) }
  }
  return null
}

/** What image tools keep beside a model: `<name>.civitai.info` and its likes. */
const fromSideFiles = async (found: string, sizeBytes: number): Promise<KnownHash | null> => {
  const name = basename(found)
  const stem = name.lastIndexOf('.') > 0 ? name.slice(0, name.lastIndexOf('.')) : name
  for (const { suffix, parse } of sideFiles) {
    const text = await readSmall(join(dirname(found), `${stem}${suffix}`))
    const claim = text === null ? null : parse(text, { name, sizeBytes })
    const sha256 = claim && parseDigest(claim.sha256)
    if (!sha256) continue
    return { sha256, source: `side file ${stem}${suffix}`, url: claim.url, repository: null, revision: null }
  }
  return null
}

/**
 * The SHA-256 that a file should have, from the store or the side files it lies among.
 *
 * @param found the file as it was found
 * @param real its links resolved
 * @param file what it is now: bytes, Unix milliseconds
 */
export const knownHash = async (
  found: string,
  real: string,
  { sizeBytes, modifiedAt }: { readonly sizeBytes: number; readonly modifiedAt: number },
): Promise<KnownHash | null> => {
  const named = fromOllama(real) ?? fromHubCache(found, real)
  if (named) return named
  return (await fromDownload(found, modifiedAt)) ?? (await fromSideFiles(found, sizeBytes))
}
