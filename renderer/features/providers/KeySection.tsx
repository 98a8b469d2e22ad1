import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Provider } from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Section } from '../../components/Section.tsx'
import { UnlockKeys } from '../../components/UnlockKeys.tsx'
import { changeProvider } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { keyWords } from '../../lib/providers.ts'
import { useSecrets } from '../../lib/store.ts'
import classes from './providers.module.css'

const enterWords = {
  none: 'Enter key…',
  stored: 'Replace key…',
  environment: 'Enter key…',
  locked: 'Replace key…',
  lost: 'Enter key again…',
} as const satisfies Record<Provider['key']['state'], string>

/** How its key is kept and what can be done about it. The key itself never comes back from Berth. */
export function KeySection({ provider }: { readonly provider: Provider }) {
  const [entering, setEntering] = useState(false)
  if (provider.kind === 'embedded') return null
  const { key } = provider
  const { text, missing } = keyWords(key)
  const needed = key.state === 'none' && providerKinds[provider.kind].key === 'required'
  return (
    <Section title="Key">
      <p className={classes.line} data-missing={missing || needed || undefined}>
        {text} {needed && `${providerKinds[provider.kind].label} does not work without one.`}
      </p>
      {key.state === 'locked' && (
        <div className={classes.line}>
          <UnlockKeys />
        </div>
      )}
      <Group gap={8} mt={8}>
        <Button size="compact-xs" variant="default" onClick={() => setEntering(true)}>
          {enterWords[key.state]}
        </Button>
        {key.state !== 'none' && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => void changeProvider(`Remove the key of ${provider.name}`, provider.provider, { key: null })}
          >
            {key.state === 'environment' ? 'Do not use it' : 'Remove key'}
          </Button>
        )}
      </Group>
      {entering && <KeyDialog provider={provider} onClose={() => setEntering(false)} />}
    </Section>
  )
}

type KeyDialogProps = { readonly provider: Provider; readonly onClose: () => void }

function KeyDialog({ provider, onClose }: KeyDialogProps) {
  const [key, setKey] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const secrets = useSecrets()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await client.providers.change({ provider: provider.provider, key: key.trim() })
      onClose()
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size={480}
      title={`Key of ${provider.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap={12}>
          <PasswordInput
            data-autofocus
            label="Key"
            description={`It is sent to ${provider.address} and nowhere else, and never shown again.`}
            maxLength={4096}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          <Text c="dimmed">{secrets?.text}</Text>
          {failure !== null && <ErrorView failure={failure} />}
        </Stack>
        <Group justify="flex-end" gap={8} mt={16}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={key.trim() === ''}>
            Save key
          </Button>
        </Group>
      </form>
      {failure?.code === 'SECRETS_LOCKED' && <UnlockKeys />}
    </Modal>
  )
}
