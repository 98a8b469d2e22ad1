import type { FileRow, LabelChange } from '../../shared/contract/files.ts'
import { attempt, tellDone } from './actions.ts'
import { client } from './client.ts'
import { download } from './download.ts'
import { formatCount } from './format.ts'
import { validateRound } from './validations.ts'

export const fileWord = (count: number): string => `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`

/** What one request takes. */
const mostPaths = 10_000
const inParts = (paths: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(paths.length / mostPaths) }, (_, part) =>
    paths.slice(part * mostPaths, (part + 1) * mostPaths),
  )

/** The full SHA-256 as a job; what was hashed before is compared. */
export const hashFiles = (paths: readonly string[]) =>
  attempt(`Verify ${fileWord(paths.length)}`, async () => {
    for (const part of inParts(paths)) await client.files.hash({ paths: part })
  })

/** Null when it failed, which the person was told. */
export const labelFiles = (paths: readonly string[], change: LabelChange): Promise<boolean | null> =>
  attempt('Save what you say of the file', async () => {
    for (const part of inParts(paths)) await client.files.label({ paths: part, change })
    return true
  })

/** Tags of one or many files, with a way back: what each had before is put there again. */
export const changeTags = async (
  rows: readonly FileRow[],
  change: Pick<LabelChange, 'tags' | 'addTags' | 'removeTags'>,
): Promise<void> => {
  const paths = rows.map(({ path }) => path)
  if ((await labelFiles(paths, change)) === null) return
  const byTags = Map.groupBy(rows, ({ labels }) => JSON.stringify(labels.tags))
  const undo = () => {
    for (const same of byTags.values())
      void labelFiles(
        same.map(({ path }) => path),
        { tags: same[0]?.labels.tags ?? [] },
      )
  }
  tellDone(`Tags of ${fileWord(rows.length)} changed.`, { label: 'Undo', run: undo })
}

/** They leave the list, not the disk; looking into them again brings them back. */
export const forgetFiles = (paths: readonly string[]) =>
  attempt(`Forget ${fileWord(paths.length)}`, async () => {
    for (const part of inParts(paths)) await client.files.forget({ paths: part })
    tellDone(`${fileWord(paths.length)} left the list.`, { label: 'Undo', run: () => void validateRound(paths) })
  })

/** Saves the last report as a document, where the browser or the desktop puts downloads. */
export const exportReport = (path: string, as: 'json' | 'html') =>
  attempt('Export the report', async () => {
    download(await client.files.export({ path, as }))
  })
