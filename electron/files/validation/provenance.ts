import type { Check, Outcome } from '../../../shared/contract/checks.ts'
import type { FileRow } from '../../../shared/contract/files.ts'
import type { StoredPlace } from '../../catalog/fileRepository.ts'
import { checkOf } from '../formats/findings.ts'

type Hashed = Pick<StoredPlace, 'known' | 'sha256' | 'rotted'>

/** Does the full hash agree with what is known; null: one of them is missing. */
export const matchesKnown = ({ known, sha256 }: Hashed): boolean | null =>
  known === null || sha256 === null ? null : known.sha256 === sha256

/** What the full hash tells, which comes after the report and may change under it: it belongs to the place. */
export const provenanceChecks = (place: Hashed): Check[] => {
  const check = (outcome: Outcome, code: string, message: string, advice?: string) =>
    checkOf('provenance', outcome, code, message, { ...(advice !== undefined && { advice }) })
  const source = place.known?.source ?? ''
  const matches = matchesKnown(place)
  return [
    ...(place.rotted
      ? [
          check(
            'broken',
            'rotted',
            'It holds other bytes than when it was first hashed, and its date is the same.',
            'The disk may be failing, or something wrote to the file and kept its date. Download it again.',
          ),
        ]
      : []),
    ...(matches === true
      ? [check('passed', 'known', `Known and confirmed: the SHA-256 is the one of its ${source}.`)]
      : []),
    ...(matches === false
      ? [
          check(
            'broken',
            'differs',
            `The SHA-256 differs from the one of its ${source}.`,
            'It was changed, damaged or cut off after it was published. Download it again.',
          ),
        ]
      : []),
  ]
}

/** What a list shows of a place, with what its full hash told since. */
export const rowOf = (place: StoredPlace): FileRow => {
  const { files: _, fingerprint: _f, known: _k, hashedAt: _h, rules: _r, rotted: _o, ...row } = place
  const wrong = provenanceChecks(place).filter(({ outcome }) => outcome === 'broken')
  const [first] = wrong
  const matches = matchesKnown(place)
  if (first === undefined) return { ...row, matches }
  const isBad = row.verdict === 'dangerous' || row.verdict === 'broken'
  return {
    ...row,
    matches,
    issues: row.issues + wrong.length,
    ...(!isBad && { verdict: 'broken', worstIssue: first.message }),
  }
}
