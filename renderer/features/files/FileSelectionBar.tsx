import { Button, Group } from '@mantine/core'
import type { FileRow } from '../../../shared/contract/files.ts'
import { forgetFiles, hashFiles } from '../../lib/fileActions.ts'
import { formatCount, formatDisk } from '../../lib/format.ts'
import { validateRound } from '../../lib/validations.ts'
import classes from './files.module.css'

type FileSelectionBarProps = {
  readonly rows: readonly FileRow[]
  readonly onTag: () => void
  readonly onCompare: (left: string, right: string) => void
  readonly onClear: () => void
}

/** What can be done with several files at once. */
export function FileSelectionBar({ rows, onTag, onCompare, onClear }: FileSelectionBarProps) {
  const paths = rows.map(({ path }) => path)
  const bytes = rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const [left, right] = paths
  return (
    <Group className={classes.selectionBar} gap={8} role="toolbar" aria-label="What to do with the selected files">
      <span className={classes.selectionText}>
        {formatCount(rows.length)} selected, {formatDisk(bytes)}
      </span>
      <Button onClick={() => void validateRound(paths)}>Validate again</Button>
      <Button variant="default" onClick={onTag}>
        Tag…
      </Button>
      <Button variant="default" onClick={() => void hashFiles(paths)}>
        Hash
      </Button>
      <Button
        variant="default"
        disabled={rows.length !== 2}
        title={rows.length === 2 ? undefined : 'Select exactly two files.'}
        onClick={() => {
          if (left !== undefined && right !== undefined) onCompare(left, right)
        }}
      >
        Compare
      </Button>
      <Button variant="default" title="The files stay on the disk." onClick={() => void forgetFiles(paths)}>
        Forget
      </Button>
      <Button variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </Group>
  )
}
