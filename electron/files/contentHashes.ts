import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Job } from '../../shared/contract/jobs.ts'
import type { FileHash, FileHashRepository } from '../catalog/fileHashRepository.ts'
import type { PlaceFile, PlaceHash, StoredPlace } from '../catalog/fileRepository.ts'
import { AppError } from '../lib/appError.ts'
import type { FileStamp, HashService } from './hashing/hashService.ts'
import type { FileList } from './validation/fileList.ts'

export interface ContentHashesDeps {
  readonly list: Pick<FileList, 'all' | 'find' | 'holding' | 'loaded' | 'setHashes'>
  readonly hashes: FileHashRepository
  readonly hasher: Pick<HashService, 'hash' | 'addBackground'>
  readonly mayHashInBackground: () => boolean
  readonly now: () => number
  /** bytes changed without their date changing: the person must know */
  readonly onRot: (path: string) => void
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

/** The full hashes of what is in the list: made in the background, compared with what is known, looked at again on demand. */
export const createContentHashes = ({ list, hashes, hasher, mayHashInBackground, now, onRot }: ContentHashesDeps) => {
  const unwritten = new Map<string, FileHash>()
  let writing: NodeJS.Timeout | undefined

  const digestOf = (file: PlaceFile): string | null => {
    const fresh = unwritten.get(file.path)
    const isOfFile = fresh?.sizeBytes === file.sizeBytes && fresh.modifiedAt === file.modifiedAt
    return isOfFile ? fresh.sha256 : hashes.find(file)
  }

  /** A place has a hash when all its files have. */
  const hashOf = ({ path, files }: StoredPlace): PlaceHash[] => {
    const digests = files.map(digestOf).filter((digest) => digest !== null)
    return digests.length === 0 || digests.length < files.length
      ? []
      : [{ path, files, sha256: combined(digests), at: now() }]
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

  const consider = (places: readonly StoredPlace[]): void => {
    const without = places.filter(({ sha256 }) => sha256 === null)
    const known = without.flatMap(hashOf)
    if (known.length > 0) list.setHashes(known)
    if (!mayHashInBackground()) return
    const files = without.flatMap((place) => place.files)
    hasher.addBackground(files.filter((file) => digestOf(file) === null))
  }

  return {
    /** What the hash service found; it is in the catalog a moment later. */
    record: (path: string, { sizeBytes, modifiedAt }: FileStamp, sha256: string): void => {
      const file = { path, sizeBytes, modifiedAt }
      const before = digestOf(file)
      if (before !== null && before !== sha256) onRot(path)
      unwritten.set(path, { ...file, sha256, at: now() })
      writing ??= setTimeout(write, writeEveryMs)
    },

    /** Reports were made: what has no hash yet gets one when there is time. */
    consider: (paths: readonly string[]): void => consider(paths.flatMap((path) => list.find(path) ?? [])),

    /** After a start, or when hashing in the background was switched on: what was not done before. */
    considerAll: async (): Promise<void> => {
      if (!mayHashInBackground()) return
      await list.loaded()
      consider(list.all())
    },

    /** Reads every byte now, also of files that have a hash. @throws AppError FILE_NOT_KNOWN */
    verify: async (paths: readonly string[]): Promise<Job> => {
      await list.loaded()
      const places = paths.map((path) => {
        const place = list.find(path)
        if (place === null) throw new AppError('FILE_NOT_KNOWN', `Berth has no report of ${path}.`)
        return place
      })
      const files = places.flatMap((place) => place.files)
      const before = new Map(files.map((file) => [file.path, digestOf(file)]))
      return hasher.hash(
        files.map(({ path }) => path),
        {
          why: places.length === 1 && places[0] ? basename(places[0].path) : count(places.length),
          conclude: (digests) => {
            write() // whoever hears that it is done finds it done
            return conclusion(places, before, digests)
          },
        },
      )
    },

    /** Writes what is left. */
    close: write,
  }
}

/** @throws AppError FILE_INVALID when bytes are others than they were, or than they should be */
const conclusion = (
  places: readonly StoredPlace[],
  before: ReadonlyMap<string, string | null>,
  digests: ReadonlyMap<string, string>,
): string => {
  const rotten = [...digests].filter(([path, digest]) => (before.get(path) ?? digest) !== digest)
  if (rotten.length > 0)
    throw new AppError(
      'FILE_INVALID',
      `${rotten.map(([path]) => path).join(', ')}: other bytes than when last hashed.`,
      {
        advice: 'The disk may be failing, or something wrote to the file and kept its date. Download it again.',
      },
    )
  const wrong = places.filter(({ known, files }) => {
    const digest = files[0] && digests.get(files[0].path)
    return known !== null && digest !== undefined && known.sha256 !== digest
  })
  if (wrong.length > 0)
    throw new AppError(
      'FILE_INVALID',
      `${wrong.map(({ path }) => path).join(', ')}: not the bytes that were published.`,
      {
        advice: 'Download it again.',
      },
    )
  const confirmed = [...before.values()].filter((digest) => digest !== null).length
  const [only] = digests.values()
  const what = digests.size === 1 && only !== undefined ? `SHA-256 ${only}` : `${count(digests.size)} hashed`
  const known = places.filter((place) => place.known !== null).length
  return [
    what,
    confirmed > 0
      ? `${confirmed === digests.size ? 'the same as' : `${count(confirmed)} the same as`} when last hashed`
      : null,
    known > 0 ? `${known === places.length ? 'as' : `${count(known)} as`} published` : null,
  ]
    .filter((part) => part !== null)
    .join(', ')
    .concat('.')
}

export type ContentHashes = ReturnType<typeof createContentHashes>
