import type { FileRow } from '../../../shared/contract/files.ts'
import type { Folder } from '../../../shared/contract/folders.ts'
import type { Job } from '../../../shared/contract/jobs.ts'
import { isActive } from '../../lib/jobs.ts'
import { belowFolder } from './paths.ts'

/** A folder on the left of the Files page, with what lies below it. */
export interface PlaceSummary {
  readonly path: string
  readonly files: number
  readonly sizeBytes: number
  readonly broken: number
  readonly dangerous: number
  /** false: it was validated once */
  readonly inLibrary: boolean
}

const summaryOf = (path: string, inLibrary: boolean, rows: readonly FileRow[]): PlaceSummary => {
  const isHere = belowFolder(path)
  let files = 0
  let sizeBytes = 0
  let broken = 0
  let dangerous = 0
  for (const row of rows) {
    if (!isHere(row.path)) continue
    files += 1
    sizeBytes += row.sizeBytes
    if (row.verdict === 'broken') broken += 1
    if (row.verdict === 'dangerous') dangerous += 1
  }
  return { path, files, sizeBytes, broken, dangerous, inLibrary }
}

/**
 * The library's folders, then those that were validated once and still have something to show.
 * @param wanted a folder that somebody asked to see; null: none
 */
export const placesOf = (
  folders: readonly Folder[],
  jobs: readonly Job[],
  rows: readonly FileRow[],
  wanted: string | null,
): readonly PlaceSummary[] => {
  const library = folders.map(({ path }) => summaryOf(path, true, rows))
  const known = new Set(folders.map(({ path }) => path))
  const validations = jobs.filter(({ kind, subject }) => kind === 'validate' && !known.has(subject))
  const active = new Set(validations.filter(isActive).map(({ subject }) => subject))
  const asked = wanted === null || known.has(wanted) ? [] : [wanted]
  const others = [...new Set([...asked, ...validations.map(({ subject }) => subject)])]
    .map((path) => summaryOf(path, false, rows))
    .filter(({ path, files }) => files > 0 || active.has(path))
  return [...library, ...others]
}
