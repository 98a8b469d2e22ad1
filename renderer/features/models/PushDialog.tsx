import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Model } from '../../../shared/contract/models.ts'
import { pushModel } from '../../lib/modelActions.ts'
import { JobProgress } from './JobProgress.tsx'

type PushDialogProps = { readonly model: Model; readonly onClose: () => void }

/** An upload makes something public: it is asked for twice. */
export function PushDialog({ model, onClose }: PushDialogProps) {
  const [job, setJob] = useState<string | null>(null)
  return (
    <Modal opened onClose={onClose} title={`Push ${model.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={12}>
        <Text>
          {model.key} is uploaded to the registry in its name, with the account that the provider is signed in with.
          Others may then be able to download it.
        </Text>
        {job !== null && <JobProgress job={job} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {job === null ? 'Cancel' : 'Close'}
          </Button>
          {job === null && (
            <Button onClick={() => void pushModel(model.model).then((started) => setJob(started?.job ?? null))}>
              Push
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}
