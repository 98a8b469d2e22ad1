import type { Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow } from '../../../shared/contract/files.ts'
import type { ModelRole } from '../../../shared/contract/models.ts'
import { roleWord } from '../../../shared/modelRole.ts'
import { type Compare, compareValues, type SortValue } from '../../components/keepOrder.ts'
import { typeWord } from './looks.ts'
import { shownName } from './paths.ts'

export interface FileFilter {
  readonly search: string
  readonly verdict: Verdict | null
  readonly role: ModelRole | null
  readonly tag: string | null
  readonly favourites: boolean
}
export const noFilter: FileFilter = { search: '', verdict: null, role: null, tag: null, favourites: false }

/** What a person calls it, or what the disk does. */
export const fileName = ({ path, labels }: Pick<FileRow, 'path' | 'labels'>): string => labels.name ?? shownName(path)

/** Rows are whole values that are replaced when they change, so what is searched in them can be kept by identity. */
const haystacks = new WeakMap<FileRow, string>()
const haystackOf = (row: FileRow): string => {
  const known = haystacks.get(row)
  if (known !== undefined) return known
  const { path, label, format, role, architecture, quantization, worstIssue, labels } = row
  const parts = [path, label, format, role && roleWord(role), architecture, quantization, worstIssue, labels.name]
  const haystack = [...parts, labels.notes, labels.versionLabel, ...labels.tags]
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase()
  haystacks.set(row, haystack)
  return haystack
}

/** Everything but the verdict, so that the filter by verdict can say how many of each there are. */
export const filterFiles = (rows: readonly FileRow[], filter: FileFilter): readonly FileRow[] => {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (filter.role !== null && row.role !== filter.role) return false
    if (filter.tag !== null && !row.labels.tags.includes(filter.tag)) return false
    if (filter.favourites && !row.labels.favourite) return false
    if (words.length === 0) return true
    const haystack = haystackOf(row)
    return words.every((word) => haystack.includes(word))
  })
}

export type VerdictCounts = Readonly<Record<Verdict, number>>

export const countVerdicts = (rows: readonly FileRow[]): VerdictCounts => {
  const counts = { ok: 0, warnings: 0, broken: 0, dangerous: 0, unknown: 0 }
  for (const { verdict } of rows) counts[verdict] += 1
  return counts
}

/** Every tag that some row has, from A. */
export const tagsIn = (rows: readonly FileRow[]): readonly string[] =>
  [...new Set(rows.flatMap(({ labels }) => labels.tags))].sort((a, b) => compareValues(a, b, false))

export const rolesIn = (rows: readonly FileRow[]): readonly ModelRole[] =>
  [...new Set(rows.flatMap(({ role }) => (role === null ? [] : [role])))].sort((a, b) =>
    compareValues(roleWord(a), roleWord(b), false),
  )

export type SortColumn =
  | 'type'
  | 'name'
  | 'verdict'
  | 'issues'
  | 'what'
  | 'architecture'
  | 'parameters'
  | 'quantization'
  | 'size'
  | 'tags'
  | 'rating'
  | 'hash'
  | 'checked'
export interface Sort {
  readonly column: SortColumn
  readonly descending: boolean
}

const verdictRank: Record<Verdict, number> = { dangerous: 0, broken: 1, unknown: 2, warnings: 3, ok: 4 }

/** What is known of the bytes, the worst first. */
export type HashState = 'differs' | 'matches' | 'hashed' | 'none'
export const hashStateOf = ({ sha256, matches }: Pick<FileRow, 'sha256' | 'matches'>): HashState =>
  matches === null ? (sha256 === null ? 'none' : 'hashed') : matches ? 'matches' : 'differs'
const hashRank: Record<HashState, number | null> = { differs: 0, matches: 1, hashed: 2, none: null }

const values: Record<SortColumn, (row: FileRow) => SortValue> = {
  type: typeWord,
  name: fileName,
  verdict: ({ verdict }) => verdictRank[verdict],
  issues: ({ issues }) => issues,
  what: ({ label }) => label,
  architecture: ({ architecture }) => architecture,
  parameters: ({ parameterCount }) => parameterCount,
  quantization: ({ quantization }) => quantization,
  size: ({ sizeBytes }) => sizeBytes,
  tags: ({ labels }) => labels.tags[0] ?? null,
  rating: ({ labels }) => labels.rating,
  hash: (row) => hashRank[hashStateOf(row)],
  checked: ({ checkedAt }) => checkedAt,
}

export const compareFiles = ({ column, descending }: Sort): Compare<FileRow> => {
  const value = values[column]
  return (a, b) =>
    compareValues(value(a), value(b), descending) ||
    compareValues(fileName(a), fileName(b), false) ||
    compareValues(a.path, b.path, false)
}
