import { Button, Modal, Stack, Text } from '@mantine/core'
import type { Model } from '../../../shared/contract/models.ts'
import { pushModel } from '../../lib/modelActions.ts'
import { JobDialogEnd } from './JobDialogEnd.tsx'
import { JobProgress } from './JobProgress.tsx'
import { useDialogJob } from './useDialogJob.ts'

type PushDialogProps = { readonly model: Model; readonly onClose: () => void }

/** An upload makes something public: it is asked for twice. */
export function PushDialog({ model, onClose }: PushDialogProps) {
  const job = useDialogJob()
  return (
    <Modal opened onClose={onClose} title={`Push ${model.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={12}>
        <Text>
          {model.key} is uploaded to the registry in its name, with the account that the provider is signed in with.
          Others may then be able to download it.
        </Text>
        {job.id !== null && <JobProgress job={job.id} />}
        <JobDialogEnd
          job={job}
          onClose={onClose}
          begin={<Button onClick={() => void job.begin(() => pushModel(model.model))}>Push</Button>}
        />
      </Stack>
    </Modal>
  )
}
