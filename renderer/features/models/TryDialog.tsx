import { Modal } from '@mantine/core'
import type { Model } from '../../../shared/contract/models.ts'
import { TryBox } from '../../components/TryBox.tsx'
import { failureOfState } from '../../lib/jobs.ts'
import { useJobs } from '../../lib/store.ts'
import { EmbedBox } from './EmbedBox.tsx'

/** One line to see that a model lives, or two texts to see what its vectors know. */
export function TryDialog({ model, onClose }: { readonly model: Model; readonly onClose: () => void }) {
  const failure = failureOfState(model, useJobs())?.failure ?? null
  return (
    <Modal opened onClose={onClose} title={`Try ${model.name}`} size={760} closeButtonProps={{ 'aria-label': 'Close' }}>
      {model.verbs.chat ? (
        <TryBox model={model.model} name={model.name} state={model.state} failure={failure} />
      ) : (
        <EmbedBox model={model} />
      )}
    </Modal>
  )
}
