import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { client } from '../lib/client.ts'
import { type Failure, failureOf } from '../lib/failure.ts'
import { useSecrets } from '../lib/store.ts'
import { ErrorView } from './ErrorView.tsx'

const shortest = 8

/**
 * The passphrase that keys are stored under; or, while they are only in memory, the first one. Nothing stands here where
 * no passphrase is needed. It is never inside another form.
 */
export function UnlockKeys() {
  const secrets = useSecrets()
  if (secrets === null || secrets.protection === 'os' || secrets.protection === 'passphrase') return null
  return <PassphraseForm isFirst={secrets.protection === 'memory'} />
}

function PassphraseForm({ isFirst }: { readonly isFirst: boolean }) {
  const [passphrase, setPassphrase] = useState('')
  const [repeated, setRepeated] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const differs = isFirst && repeated !== '' && repeated !== passphrase
  const usable = passphrase.length >= shortest && (!isFirst || repeated === passphrase)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!usable) return
    setBusy(true)
    setFailure(null)
    try {
      await client.secrets.unlock({ passphrase })
      setPassphrase('')
      setRepeated('')
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(false)
    }
  }
  const field = { w: 240, maxLength: 1000 } as const
  return (
    <form onSubmit={(event) => void submit(event)} aria-label={isFirst ? 'Choose a passphrase' : 'Unlock the keys'}>
      <Stack gap={8}>
        {isFirst && (
          <Text c="dimmed">
            Berth asks for the passphrase once after each start. Without it nobody can read the keys again, nor can you.
          </Text>
        )}
        <Group gap={8} align="flex-end">
          <PasswordInput
            {...field}
            label={isFirst ? `New passphrase (at least ${shortest} characters)` : 'Passphrase'}
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
          />
          {isFirst && (
            <PasswordInput
              {...field}
              label="Once more"
              value={repeated}
              onChange={(event) => setRepeated(event.currentTarget.value)}
            />
          )}
          <Button type="submit" variant="default" loading={busy} disabled={!usable}>
            {isFirst ? 'Store keys under it' : 'Unlock'}
          </Button>
        </Group>
        {differs && <Text c="var(--berth-stale)">The two are not the same yet.</Text>}
        {failure !== null && <ErrorView failure={failure} />}
      </Stack>
    </form>
  )
}
