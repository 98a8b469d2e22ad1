import { Tooltip } from '@mantine/core'
import { Heart, Star } from 'lucide-react'
import type { ReactNode } from 'react'
import type { FileRow } from '../../../shared/contract/files.ts'
import type { Column } from '../../components/DataTable.tsx'
import { Figure } from '../../components/Figure.tsx'
import { formatCount, formatDisk, formatMoment, formatParameters, formatRelative, unknown } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { fileName, type HashState, hashStateOf, type SortColumn } from './fileList.ts'
import classes from './files.module.css'
import { typeIcon, typeWord, verdictLooks } from './looks.ts'
import { parentOf } from './paths.ts'
import { VerdictBadge } from './VerdictBadge.tsx'

type FileColumn = Column<FileRow> & { readonly id: SortColumn | 'actions' }

const notTold = 'The file does not tell.'

/** A column is shown from where it fits beside those that matter more, so that nothing is cut off. */
export const fileColumns = (rowActions: (row: FileRow) => ReactNode): readonly FileColumn[] => [
  { id: 'type', header: 'Type', width: 124, sortable: true, shownFrom: 560, cell: (row) => <Type row={row} /> },
  { id: 'name', header: 'Name', width: 184, grow: 3, sortable: true, cell: (row) => <Name row={row} /> },
  {
    id: 'verdict',
    header: 'Verdict',
    width: 108,
    sortable: true,
    cell: ({ verdict }) => <VerdictBadge verdict={verdict} />,
  },
  {
    id: 'issues',
    header: 'Findings',
    tip: 'How many checks did not pass, and the worst of them.',
    width: 160,
    grow: 3,
    sortable: true,
    shownFrom: 720,
    cell: (row) => <Issues row={row} />,
  },
  {
    id: 'what',
    header: 'What it is',
    width: 168,
    sortable: true,
    shownFrom: 1640,
    cell: ({ label }) => <Clipped text={label} />,
  },
  {
    id: 'architecture',
    header: 'Architecture',
    width: 104,
    sortable: true,
    shownFrom: 1240,
    cell: ({ architecture }) =>
      architecture === null ? <Figure text={unknown} why={notTold} /> : <Clipped text={architecture} />,
  },
  {
    id: 'parameters',
    header: 'Parameters',
    width: 104,
    align: 'right',
    sortable: true,
    shownFrom: 1052,
    cell: ({ parameterCount }) => <Figure text={formatParameters(parameterCount)} why={notTold} />,
  },
  {
    id: 'quantization',
    header: 'Quantisation',
    width: 104,
    sortable: true,
    shownFrom: 960,
    cell: ({ quantization }) => <Figure text={quantization ?? unknown} why={notTold} />,
  },
  {
    id: 'size',
    header: 'Size',
    width: 80,
    align: 'right',
    sortable: true,
    cell: ({ sizeBytes }) => formatDisk(sizeBytes),
  },
  { id: 'tags', header: 'Tags', width: 128, sortable: true, shownFrom: 1380, cell: (row) => <Tags row={row} /> },
  {
    id: 'rating',
    header: 'Rating',
    width: 84,
    sortable: true,
    shownFrom: 1480,
    cell: ({ labels }) => <RatingStars rating={labels.rating} />,
  },
  {
    id: 'hash',
    header: 'Hash',
    tip: 'The full SHA-256: whether it was computed, and whether it is the one the hub gives.',
    width: 124,
    sortable: true,
    shownFrom: 1160,
    cell: (row) => <Hash row={row} />,
  },
  {
    id: 'checked',
    header: 'Checked',
    width: 84,
    align: 'right',
    sortable: true,
    shownFrom: 856,
    cell: ({ checkedAt }) => <Checked at={checkedAt} />,
  },
  { id: 'actions', header: '', width: 48, align: 'right', onDemand: true, cell: rowActions },
]

function Clipped({ text }: { readonly text: string }) {
  return (
    <Tooltip label={text}>
      <span className={classes.clipped}>{text}</span>
    </Tooltip>
  )
}

function Type({ row }: { readonly row: FileRow }) {
  const Icon = typeIcon(row)
  return (
    <Tooltip label={row.label}>
      <span className={classes.type}>
        <Icon size={14} aria-hidden />
        <span className={classes.clipped}>{typeWord(row)}</span>
      </span>
    </Tooltip>
  )
}

function Name({ row }: { readonly row: FileRow }) {
  return (
    <span className={classes.name} title={row.path}>
      {row.labels.favourite && (
        <Heart size={12} className={classes.heart} fill="currentColor" role="img" aria-label="favourite" />
      )}
      <span className={classes.clipped}>{fileName(row)}</span>
      <span className={classes.folder}>{parentOf(row.path)}</span>
    </span>
  )
}

function Issues({ row: { issues, worstIssue, verdict } }: { readonly row: FileRow }) {
  if (issues === 0) return <span className={classes.dim}>none</span>
  return (
    <Tooltip label={worstIssue} disabled={worstIssue === null}>
      <span className={classes.clipped}>
        <b style={{ color: verdictLooks[verdict].tone }}>{formatCount(issues)}</b> {worstIssue}
      </span>
    </Tooltip>
  )
}

function Tags({ row: { labels } }: { readonly row: FileRow }) {
  return (
    <span className={classes.tags} title={labels.tags.join(', ')}>
      {labels.tags.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  )
}

const mostStars = 5

function RatingStars({ rating }: { readonly rating: number | null }) {
  if (rating === null) return <span title="Not rated yet.">{unknown}</span>
  return (
    <span className={classes.stars} role="img" aria-label={`${rating} of ${mostStars} stars`}>
      {Array.from({ length: mostStars }, (_, index) => (
        <Star
          // biome-ignore lint/suspicious/noArrayIndexKey: the stars have no other identity than their place
          key={index}
          size={12}
          fill={index < rating ? 'currentColor' : 'none'}
          aria-hidden
        />
      ))}
    </span>
  )
}

const hashWords: Record<HashState, { readonly word: string; readonly tone: string; readonly tip: string }> = {
  matches: {
    word: 'matches the hub',
    tone: 'var(--berth-loaded)',
    tip: 'Its SHA-256 is the one the hub gives for this file.',
  },
  differs: {
    word: 'differs',
    tone: 'var(--berth-failed)',
    tip: 'Its SHA-256 is not the one that is known for this file: it was changed, damaged or cut off.',
  },
  hashed: { word: 'hashed', tone: 'inherit', tip: 'Its SHA-256 was computed; there is none to compare it with.' },
  none: { word: unknown, tone: 'inherit', tip: 'Its SHA-256 was not computed yet.' },
}

function Hash({ row }: { readonly row: FileRow }) {
  const { word, tone, tip } = hashWords[hashStateOf(row)]
  return (
    <Tooltip label={tip}>
      <span className={classes.clipped} style={{ color: tone }}>
        {word}
      </span>
    </Tooltip>
  )
}

function Checked({ at }: { readonly at: number }) {
  const now = useNow(10_000)
  return (
    <Tooltip label={formatMoment(at, now)}>
      <span>{formatRelative(at, now)}</span>
    </Tooltip>
  )
}
