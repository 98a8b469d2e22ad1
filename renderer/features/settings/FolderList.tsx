import { Button, Group, Modal, Text, VisuallyHidden } from '@mantine/core'
import { useState } from 'react'
import type { Folder } from '../../../shared/contract/folders.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { Badge, type Tone } from '../../components/StateBadge.tsx'
import { removeFolder, scanFolder } from '../../lib/actions.ts'
import { formatCount, formatDisk, formatRelative } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { useFolders } from '../../lib/store.ts'
import classes from './SettingsPage.module.css'

const states: Record<Folder['state'], { tone: Tone; word: string }> = {
  ok: { tone: 'loaded', word: 'scanned' },
  scanning: { tone: 'loading', word: 'scanning' },
  missing: { tone: 'stale', word: 'not there now' },
  unreadable: { tone: 'failed', word: 'unreadable' },
}

const advice: Record<Folder['state'], string | null> = {
  ok: null,
  scanning: null,
  missing: 'Connect its disk and scan again; until then its models stay in the list.',
  unreadable: 'Let Berth read it and scan again.',
}

const howCurrent = ({ watched, lastScanAt }: Folder, now: number): string => {
  const scan = lastScanAt === null ? 'not scanned yet' : `scanned ${formatRelative(lastScanAt, now)}`
  return `${scan}, ${watched ? 'changes are seen at once' : 'changes are seen at the next scan'}`
}

export function FolderList() {
  const folders = useFolders()
  const now = useNow(10_000)
  const [removing, setRemoving] = useState<Folder | null>(null)
  if (folders.length === 0) return <Text c="dimmed">No folder yet. Add one, or drop it into the window.</Text>
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>Folder</th>
            <th>State</th>
            <th data-align="right">Models</th>
            <th data-align="right">On disk</th>
            <th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {folders.map((folder) => (
            <tr key={folder.path}>
              <td>
                <Copyable text={folder.path} what="path" />
                <div className={classes.small}>{howCurrent(folder, now)}</div>
                {folder.reason !== null && (
                  <div className={classes.reason} data-state={folder.state}>
                    {folder.reason} {advice[folder.state]}
                  </div>
                )}
              </td>
              <td>
                <Badge {...states[folder.state]} />
              </td>
              <td data-align="right">{formatCount(folder.artifacts)}</td>
              <td data-align="right">{formatDisk(folder.sizeBytes)}</td>
              <td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={folder.state === 'scanning'}
                    aria-label={`Scan ${folder.path} again`}
                    onClick={() => void scanFolder(folder.path)}
                  >
                    Scan again
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Remove ${folder.path}`}
                    onClick={() => setRemoving(folder)}
                  >
                    Remove…
                  </Button>
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Modal
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title="Remove this folder from the library?"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Text style={{ overflowWrap: 'anywhere' }}>{removing?.path}</Text>
        <Text c="dimmed" mt={4}>
          Its {formatCount(removing?.artifacts)} models ({formatDisk(removing?.sizeBytes)}) leave the list. The files
          stay where they are, and adding the folder again brings them back.
        </Text>
        <Group justify="flex-end" mt={16}>
          <Button variant="default" onClick={() => setRemoving(null)}>
            Cancel
          </Button>
          <Button
            onClick={() => {
              if (removing !== null) void removeFolder(removing.path)
              setRemoving(null)
            }}
          >
            Remove folder
          </Button>
        </Group>
      </Modal>
    </>
  )
}
