import { Button, Group, Modal, Text } from '@mantine/core'
import type { Provider } from '../../../shared/contract/providers.ts'
import { removeProvider } from '../../lib/actions.ts'
import { formatCount } from '../../lib/format.ts'
import classes from './providers.module.css'

type RemoveDialogProps = { readonly provider: Provider; readonly onClose: () => void }

/** Says what is lost with it and what is not. */
export function RemoveDialog({ provider, onClose }: RemoveDialogProps) {
  const { key, models, usage } = provider
  const lost = [
    ...(key.state === 'stored' || key.state === 'locked' || key.state === 'lost' ? ['its key'] : []),
    `the count of its answers (${formatCount(usage.total.requests)} so far)`,
  ]
  const leaving =
    models === 0
      ? 'Nothing changes on the server, which keeps running.'
      : `${models === 1 ? 'Its model leaves' : `Its ${formatCount(models)} models leave`} the list, but nothing is removed from the server, which keeps running.`
  return (
    <Modal opened onClose={onClose} title="Remove this provider?" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Text className={classes.anywhere ?? ''}>
        <b>{provider.name}</b> {provider.address}
      </Text>
      <Text c="dimmed" mt={8}>
        Berth forgets {lost.join(' and ')}. {leaving}
      </Text>
      <Group justify="flex-end" mt={16}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          onClick={() => {
            onClose()
            void removeProvider(provider)
          }}
        >
          Remove provider
        </Button>
      </Group>
    </Modal>
  )
}
