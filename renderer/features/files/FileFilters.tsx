import { Button, Select } from '@mantine/core'
import { Heart } from 'lucide-react'
import { useMemo } from 'react'
import type { Verdict } from '../../../shared/contract/checks.ts'
import type { FileRow } from '../../../shared/contract/files.ts'
import type { ModelRole } from '../../../shared/contract/models.ts'
import { roleWord } from '../../../shared/modelRole.ts'
import { formatCount } from '../../lib/format.ts'
import { type FileFilter, rolesIn, tagsIn, type VerdictCounts } from './fileList.ts'
import { verdictWords } from './reportView.ts'

type FileFiltersProps = {
  readonly rows: readonly FileRow[]
  /** of what the other filters leave */
  readonly counts: VerdictCounts
  readonly filter: FileFilter
  readonly onFilter: (filter: FileFilter) => void
}

const verdicts: readonly Verdict[] = ['dangerous', 'broken', 'unknown', 'warnings', 'ok']
const shared = { w: 108, clearable: true, comboboxProps: { width: 200, position: 'bottom-start' } } as const

export function FileFilters({ rows, counts, filter, onFilter }: FileFiltersProps) {
  const roles = useMemo(() => rolesIn(rows), [rows])
  const tags = useMemo(() => tagsIn(rows), [rows])
  return (
    <>
      <Select
        {...shared}
        aria-label="Verdict"
        placeholder="Verdict"
        data={verdicts.map((value) => ({ value, label: `${verdictWords[value]} (${formatCount(counts[value])})` }))}
        value={filter.verdict}
        onChange={(verdict) => onFilter({ ...filter, verdict: verdicts.find((each) => each === verdict) ?? null })}
      />
      <Select
        {...shared}
        aria-label="Role"
        placeholder="Role"
        data={roles.map((role) => ({ value: role, label: roleWord(role) }))}
        value={filter.role}
        onChange={(role) => onFilter({ ...filter, role: role as ModelRole | null })} // its values are ours
      />
      <Select
        {...shared}
        aria-label="Tag"
        placeholder="Tag"
        searchable
        nothingFoundMessage="No file has such a tag"
        disabled={tags.length === 0}
        data={[...tags]}
        value={filter.tag}
        onChange={(tag) => onFilter({ ...filter, tag })}
      />
      <Button
        variant={filter.favourites ? 'light' : 'default'}
        aria-pressed={filter.favourites}
        leftSection={<Heart size={14} fill={filter.favourites ? 'currentColor' : 'none'} aria-hidden />}
        onClick={() => onFilter({ ...filter, favourites: !filter.favourites })}
      >
        Favourites
      </Button>
    </>
  )
}
