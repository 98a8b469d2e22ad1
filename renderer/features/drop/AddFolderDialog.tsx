import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { ErrorView } from '../../components/ErrorView.tsx'
import { addFolder } from '../../lib/actions.ts'
import { bridge } from '../../lib/bridge.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { closeAddFolder, useView } from '../../lib/view.ts'

export function AddFolderDialog() {
  const opened = useView((view) => view.addingFolder)
  return (
    <Modal
      opened={opened}
      onClose={closeAddFolder}
      title="Add a folder"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <AddFolderForm />
    </Modal>
  )
}

function AddFolderForm() {
  const [path, setPath] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await addFolder(path.trim())
      closeAddFolder()
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(false)
    }
  }
  const browse = async () => {
    const picked = await bridge?.pickFolder()
    if (picked) setPath(picked)
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={12}>
        <Text>
          Berth looks through the folder and everything below it for models. It only reads; the files stay where they
          are.
        </Text>
        <Group align="flex-end" wrap="nowrap">
          <TextInput
            data-autofocus
            flex={1}
            label={bridge === null ? 'Path on the machine where Berth runs' : 'Path'}
            placeholder={bridge?.platform === 'win32' ? 'D:\\models' : '/home/me/models'}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            spellCheck={false}
          />
          {bridge !== null && (
            <Button variant="default" leftSection={<FolderOpen size={14} />} onClick={() => void browse()}>
              Browse…
            </Button>
          )}
        </Group>
        {failure !== null && <ErrorView failure={failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={closeAddFolder}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={path.trim() === ''}>
            Add folder
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
