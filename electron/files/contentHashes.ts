import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Job } from '../../shared/contract/jobs.ts'
import type { FileDigest, FileHash, FileHashRepository } from '../catalog/fileHashRepository.ts'
import type { PlaceFile, PlaceHash, StoredPlace } from '../catalog/fileRepository.ts'
import { AppError } from '../lib/appError.ts'
import type { FileStamp, HashService } from './hashing/hashService.ts'
import type { FileList } from './validation/fileList.ts'
import { plainPath } from './validation/paths.ts'

export interface ContentHashesDeps {
  readonly list: Pick<FileList, 'all' | 'find' | 'holding' | 'loaded' | 'setHashes'>
  readonly hashes: FileHashRepository
  readonly hasher: Pick<HashService, 'hash' | 'addBackground' | 'dropBackground'>
  readonly mayHashInBackground: () => boolean
  readonly now: () => number
  /** bytes changed without their date changing: the person must know */
  readonly onRot: (path: string) => void
  /** what was found could not be written; it is tried again with the next */
  readonly onFault: (error: unknown) => void
}

/** Of a model in several files: over the hashes of its files as text, one a line, in their order. */
const combined = (digests: readonly string[]): string => {
  const [first, ...rest] = digests
  if (first !== undefined && rest.length === 0) return first
  return createHash('sha256').update(digests.join('\n')).digest('hex')
}

const count = (files: number): string => `${files.toLocaleString('en')} file${files === 1 ? '' : 's'}`

/** Written together: small files are hashed by the hundred, and each write of its own waits for the disk. */
const writeEveryMs = 300
/** Looked at in one go: what waits for the main thread waits for no more. */
const pageSize = 100
const mostUnwritten = 32
const mostNamed = 3

/** The full hashes of what is in the list: made in the background, compared with what is known, looked at again on demand. */
export const createContentHashes = ({
  list,
  hashes,
  hasher,
  mayHashInBackground,
  now,
  onRot,
  onFault,
}: ContentHashesDeps) => {
  const unwritten = new Map<string, FileHash>()
  /** what each verification under way has read so far, by path */
  const verifying = new Set<Map<string, FileHash>>()
  let writing: NodeJS.Timeout | undefined

  const digestOf = (file: PlaceFile): FileDigest | null => {
    const fresh = unwritten.get(file.path)
    const isOfFile = fresh?.sizeBytes === file.sizeBytes && fresh.modifiedAt === file.modifiedAt
    return isOfFile ? fresh : hashes.find(file)
  }

  /** Null: not all of them were hashed as they are now. */
  const digestsOf = (files: readonly PlaceFile[]): FileDigest[] | null => {
    const digests = files.map(digestOf).filter((digest) => digest !== null)
    return digests.length === 0 || digests.length < files.length ? null : digests
  }
  const sha256Of = (digests: readonly FileDigest[]): string =>
    combined(digests.map((digest) => digest.found ?? digest.sha256))

  /** A place has a hash when all its files have. */
  const hashOf = ({ path, files }: StoredPlace): PlaceHash[] => {
    const digests = digestsOf(files)
    if (digests === null) return []
    const sha256 = sha256Of(digests)
    return [{ path, files, sha256, rotted: digests.some(({ found }) => found !== null), at: now() }]
  }

  const write = (): void => {
    clearTimeout(writing)
    writing = undefined
    const fresh = [...unwritten.values()]
    if (fresh.length === 0) return
    hashes.save(fresh)
    unwritten.clear()
    const places = new Map(fresh.flatMap(({ path }) => list.holding(path)).map((place) => [place.path, place]))
    list.setHashes([...places.values()].flatMap(hashOf))
  }

  /** Nobody hears what this throws, and a full disk must not end the host: the next write tries again. */
  const writeNow = (): void => {
    try {
      write()
    } catch (error) {
      onFault(error)
    }
  }

  const consider = (places: readonly StoredPlace[]): void => {
    const without = places.filter(({ sha256 }) => sha256 === null)
    const known = without.flatMap(hashOf)
    if (known.length > 0) list.setHashes(known)
    if (!mayHashInBackground()) return
    const files = without.flatMap((place) => place.files).filter((file) => digestOf(file) === null)
    if (files.length > 0) hasher.addBackground(files)
  }

  return {
    /**
     * What the hash service found; it is in the catalog a moment later. What was hashed first under this size and date
     * stays what the file should be: rot is found again each time, until the right bytes are back or the date is another.
     */
    record: (path: string, { sizeBytes, modifiedAt }: FileStamp, sha256: string): void => {
      const file = { path, sizeBytes, modifiedAt }
      const first = digestOf(file)?.sha256 ?? sha256
      const found = first === sha256 ? null : sha256
      if (found !== null) onRot(path)
      const hash = { ...file, sha256: first, found, at: now() }
      unwritten.set(path, hash)
      for (const seen of verifying) seen.set(path, hash)
      if (unwritten.size >= mostUnwritten) writeNow()
      else writing ??= setTimeout(writeNow, writeEveryMs)
    },

    /** Of a model in these files, first shard first; null: not all of them were hashed as they are now. */
    sha256Of: (files: readonly PlaceFile[]): string | null => {
      const digests = digestsOf(files)
      return digests && sha256Of(digests)
    },

    /** Reports were made: what has no hash yet gets one when there is time. */
    consider: (paths: readonly string[]): void => consider(paths.flatMap((path) => list.find(path) ?? [])),

    /** After a start, or when hashing in the background was switched on: what was not done before. */
    considerAll: async (): Promise<void> => {
      if (!mayHashInBackground()) return
      await list.loaded()
      for await (const places of pagesOf(list.all())) {
        if (!mayHashInBackground()) return
        consider(places)
      }
    },

    /** Hashing in the background was switched off: what waits is forgotten, and what is under way ends. */
    stopBackground: (): void => hasher.dropBackground(),

    /** Reads every byte now, also of files that have a hash. @throws AppError FILE_NOT_KNOWN */
    verify: async (paths: readonly string[]): Promise<Job> => {
      await list.loaded()
      const places = paths.map(plainPath).map((path) => {
        const place = list.find(path)
        if (place === null) throw new AppError('FILE_NOT_KNOWN', `Berth has no report of ${path}.`)
        return place
      })
      const files = places.flatMap((place) => place.files)
      const before = new Set<string>()
      for await (const some of pagesOf(files)) for (const file of some) if (digestOf(file)) before.add(file.path)
      const seen = new Map<string, FileHash>()
      verifying.add(seen)
      return hasher.hash(
        files.map(({ path }) => path),
        {
          why: places.length === 1 && places[0] ? places[0].path : count(places.length),
          conclude: () => {
            write() // whoever hears that it is done finds it done
            return conclusion(places, before, seen)
          },
          onEnd: () => verifying.delete(seen),
        },
      )
    },

    /** Writes what is left. */
    close: write,
  }
}

/** Of ten thousand files that differ a sentence names the first. */
const named = (all: readonly { readonly path: string }[]): string => {
  const first = all.slice(0, mostNamed).map(({ path }) => path)
  return all.length <= mostNamed ? first.join(', ') : `${first.join(', ')} and ${all.length - mostNamed} more`
}

/** The main thread is let go between them. */
async function* pagesOf<T>(all: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let first = 0; first < all.length; first += pageSize) {
    yield all.slice(first, first + pageSize)
    await setImmediate()
  }
}

const rotAdvice = 'The disk may be failing, or something wrote to the file and kept its date. Download it again.'

/**
 * @param before files that had been hashed
 * @param seen what was read now, by path
 * @throws AppError FILE_INVALID when bytes are others than they were, or than they should be
 */
const conclusion = (
  places: readonly StoredPlace[],
  before: ReadonlySet<string>,
  seen: ReadonlyMap<string, FileHash>,
): string => {
  // of another size or date than when it was validated: what was known of it says nothing about it
  const isOther = ({ path, sizeBytes, modifiedAt }: PlaceFile): boolean => {
    const now = seen.get(path)
    return now !== undefined && (now.sizeBytes !== sizeBytes || now.modifiedAt !== modifiedAt)
  }
  const isRotten = (file: PlaceFile): boolean => !isOther(file) && (seen.get(file.path)?.found ?? null) !== null
  const rotten = places.flatMap(({ files }) => files.filter(isRotten))
  if (rotten.length > 0)
    throw new AppError('FILE_INVALID', `${named(rotten)}: other bytes than when first hashed.`, { advice: rotAdvice })
  const published = places.filter(({ known, files }) => known !== null && !files.some(isOther))
  const wrong = published.filter(({ known, files: [file] }) => known?.sha256 !== (file && seen.get(file.path)?.sha256))
  if (wrong.length > 0)
    throw new AppError('FILE_INVALID', `${named(wrong)}: not the bytes that were published.`, {
      advice: 'Download it again.',
    })
  const others = places.flatMap(({ files }) => files.filter(isOther)).length
  const confirmed = places.flatMap(({ files }) =>
    files.filter((file) => before.has(file.path) && !isOther(file)),
  ).length
  const [only] = seen.values()
  const some = (part: number, whole: number, said: string) => (part === whole ? said : `${count(part)} ${said}`)
  return [
    seen.size === 1 && only !== undefined ? `SHA-256 ${only.sha256}` : `${count(seen.size)} hashed`,
    confirmed > 0 ? some(confirmed, seen.size, 'the same as when first hashed') : null,
    published.length > 0 ? some(published.length, places.length, 'as published') : null,
    others > 0 ? some(others, seen.size, 'changed since it was validated: validate it again') : null,
  ]
    .filter((part) => part !== null)
    .join(', ')
    .concat('.')
}

export type ContentHashes = ReturnType<typeof createContentHashes>
