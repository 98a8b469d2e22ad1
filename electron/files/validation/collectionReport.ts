import { relative } from 'node:path'
import { type Check, type Outcome, Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow, Report } from '../../../shared/contract/files.ts'
import { checkOf } from '../formats/findings.ts'
import { issuesOf, metadataOf, type ReportContext, verdictOf } from './report.ts'

const outcomes: Readonly<Record<Verdict, Outcome>> = {
  ok: 'passed',
  warnings: 'warning',
  broken: 'broken',
  dangerous: 'dangerous',
  unknown: 'unknown',
}

/** Most members that are named in one report; the list of files has them all. */
const named = 500

const memberCheck = (folder: string, { path, label, verdict, worstIssue }: FileRow): Check => {
  const file = relative(folder, path)
  return checkOf('identity', outcomes[verdict], 'member', `${file}: ${worstIssue ?? label}`, { file })
}

/** A folder of many models: how many are well, and which are not. */
export const collectionReport = (
  folder: string,
  places: readonly FileRow[],
  { requestId, checkedAt, elapsedMs }: Omit<ReportContext, 'path' | 'fit'>,
): Report => {
  const members = Object.fromEntries(
    Verdict.options.map((verdict) => [verdict, places.filter((place) => place.verdict === verdict).length]),
  ) as Record<Verdict, number> // every verdict is a key
  const checks =
    places.length === 0
      ? [checkOf('identity', 'unknown', 'no-models', 'There is no model file in this folder.')]
      : issuesOf(places.filter(({ verdict }) => verdict !== 'ok').map((place) => memberCheck(folder, place))).slice(
          0,
          named,
        )
  const verdict = verdictOf(checks)
  return {
    requestId,
    path: folder,
    kind: 'collection',
    label: `a folder of ${places.length.toLocaleString('en-US')} models and other files`,
    isValid: verdict === 'ok' || verdict === 'warnings',
    verdict,
    checks,
    issues: issuesOf(checks),
    metadata: metadataOf(
      null,
      places.reduce((sum, place) => sum + place.sizeBytes, 0),
    ),
    facts: [],
    tensorTypes: [],
    templates: [],
    keyValues: [],
    files: [],
    content: null,
    members,
    checkedAt,
    elapsedMs,
  }
}
