import { Button, Group, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Copyable } from '../../components/CopyButton.tsx'
import { ErrorView } from '../../components/ErrorView.tsx'
import { changeSettings } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { useSettings } from '../../lib/store.ts'
import classes from './SettingsPage.module.css'

/** The machines that a search for servers asks beside this one; each was typed by the person. */
export function LanHosts() {
  const settings = useSettings()
  const [host, setHost] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const hosts = settings?.lanHosts ?? []
  const typed = host.trim()
  const isThere = hosts.includes(typed)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (typed === '' || isThere) return
    setFailure(null)
    try {
      await client.settings.change({ lanHosts: [...hosts, typed] })
      setHost('')
    } catch (error) {
      setFailure(failureOf(error))
    }
  }
  return (
    <>
      <ul className={classes.hosts}>
        {hosts.map((each) => (
          <li key={each} className={classes.host}>
            <Copyable text={each} what="host" />
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Remove ${each}`}
              onClick={() => void changeSettings({ lanHosts: hosts.filter((other) => other !== each) })}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <form onSubmit={(event) => void submit(event)}>
        <Group align="flex-end" gap={8}>
          <TextInput
            label="Host name or IP address"
            w={320}
            placeholder="gpu-box.local or 192.168.1.20"
            maxLength={253}
            spellCheck={false}
            value={host}
            onChange={(event) => {
              setHost(event.currentTarget.value)
              setFailure(null)
            }}
          />
          <Button type="submit" variant="default" disabled={typed === '' || isThere || settings === null}>
            {isThere ? 'Is in the list' : 'Add host'}
          </Button>
        </Group>
        {failure !== null && <ErrorView failure={failure} />}
      </form>
    </>
  )
}
