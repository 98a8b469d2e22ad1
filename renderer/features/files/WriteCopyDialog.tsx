import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Group,
  Modal,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { Plus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Report } from '../../../shared/contract/files.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { tellDone } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import classes from './files.module.css'
import { copyPath } from './paths.ts'
import { type Change, changesOf, faultOf } from './writeCopy.ts'

type WriteCopyDialogProps = { readonly report: Report; readonly onClose: () => void }

const newChange = (id: number): Change => ({ id, key: '', value: '', removes: false })

/** The file itself stays as it is: what is changed goes into a copy, which is verified before it has its name. */
export function WriteCopyDialog({ report, onClose }: WriteCopyDialogProps) {
  const [changes, setChanges] = useState<readonly Change[]>([newChange(0)])
  const [target, setTarget] = useState(copyPath(report.path))
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const fault = faultOf(changes, target, report.path)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await client.files.writeMetadata({ path: report.path, target: target.trim(), changes: changesOf(changes) })
      tellDone(`${target.trim()} is being written. Its progress stands in Activity.`)
      onClose()
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(false)
    }
  }
  const replace = (next: Change) => setChanges(changes.map((each) => (each.id === next.id ? next : each)))
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title="Write a copy with other metadata"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap={12}>
          <Text c="dimmed">
            The file itself stays as it is. The copy is read back and compared before it gets its name.
          </Text>
          <div className={classes.changes}>
            {changes.map((change) => (
              <ChangeLine
                key={change.id}
                change={change}
                report={report}
                onChange={replace}
                onRemove={changes.length === 1 ? null : () => setChanges(changes.filter(({ id }) => id !== change.id))}
              />
            ))}
          </div>
          <Group>
            <Button
              variant="default"
              leftSection={<Plus size={14} />}
              onClick={() => setChanges([...changes, newChange(Math.max(...changes.map(({ id }) => id)) + 1)])}
            >
              Another key
            </Button>
          </Group>
          <TextInput
            label="The copy"
            value={target}
            spellCheck={false}
            onChange={(event) => setTarget(event.currentTarget.value)}
          />
          {failure !== null && <ErrorView failure={failure} />}
          <Group justify="flex-end">
            {fault !== null && (
              <Text c="dimmed" flex={1}>
                {fault}
              </Text>
            )}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={fault !== null}>
              Write the copy
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** More keys than this in one list nobody reads; typing narrows it. */
const listedKeys = 100

type ChangeLineProps = {
  readonly change: Change
  readonly report: Report
  readonly onChange: (change: Change) => void
  readonly onRemove: (() => void) | null
}

function ChangeLine({ change, report, onChange, onRemove }: ChangeLineProps) {
  const present = report.keyValues.find(({ key }) => key === change.key.trim())
  return (
    <div className={classes.change}>
      <Autocomplete
        size="xs"
        aria-label="Key"
        placeholder="Key, for example general.name"
        data={report.keyValues.map(({ key }) => key)}
        limit={listedKeys}
        value={change.key}
        onChange={(key) => onChange({ ...change, key })}
      />
      <TextInput
        aria-label="New value"
        placeholder={change.removes ? 'is removed' : present === undefined ? 'New value' : `now: ${present.value}`}
        disabled={change.removes}
        value={change.removes ? '' : change.value}
        onChange={(event) => onChange({ ...change, value: event.currentTarget.value })}
      />
      <Checkbox
        label="Remove"
        checked={change.removes}
        disabled={present === undefined}
        onChange={(event) => onChange({ ...change, removes: event.currentTarget.checked })}
      />
      <Tooltip label="Leave this key as it is">
        <ActionIcon aria-label="Leave this key as it is" disabled={onRemove === null} onClick={() => onRemove?.()}>
          <X size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  )
}
