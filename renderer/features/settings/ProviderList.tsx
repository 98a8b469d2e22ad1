import { Button, Group, Switch, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Provider } from '../../../shared/contract/providers.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import { changeSettings, checkProvider } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { formatCount } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { useProviders, useSettings } from '../../lib/store.ts'
import classes from './SettingsPage.module.css'

export function ProviderList() {
  const providers = useProviders()
  return (
    <ul className={classes.providers}>
      {providers.map((provider) => (
        <ProviderRow key={provider.provider} provider={provider} />
      ))}
    </ul>
  )
}

const sources: Record<Provider['addressSource'], string> = {
  settings: 'set here',
  environment: 'from OLLAMA_HOST',
  default: 'the default on this machine',
  none: '',
}

function ProviderRow({ provider }: { readonly provider: Provider }) {
  const now = useNow()
  const { tone, word, text, failure } = providerWords(provider, now)
  const isOllama = provider.kind === 'ollama'
  return (
    <li className={classes.provider}>
      <div className={classes.providerHead}>
        <Text fw={600}>{provider.name}</Text>
        <Badge tone={tone} word={word} />
        <Text c="dimmed">
          {formatCount(provider.models)} {provider.models === 1 ? 'model' : 'models'}, {formatCount(provider.instances)}{' '}
          loaded
        </Text>
        <span className={classes.space} />
        {isOllama && <Enabled />}
        <Button
          size="compact-xs"
          variant="default"
          disabled={provider.status.state === 'off' || provider.status.state === 'checking'}
          aria-label={`Check ${provider.name} again`}
          onClick={() => void checkProvider(provider.provider)}
        >
          Check again
        </Button>
      </div>
      {failure === null ? <Text c="dimmed">{text}</Text> : <ErrorView failure={failure} />}
      {isOllama && <Address provider={provider} />}
    </li>
  )
}

function Enabled() {
  const enabled = useSettings()?.ollama.enabled ?? true
  return (
    <Switch
      label="Use it"
      checked={enabled}
      onChange={(event) => void changeSettings({ ollama: { enabled: event.currentTarget.checked } })}
    />
  )
}

function Address({ provider }: { readonly provider: Provider }) {
  const saved = useSettings()?.ollama.address ?? null
  const [draft, setDraft] = useState<string | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const save = async (address: string | null) => {
    setFailure(null)
    try {
      await client.settings.change({ ollama: { address } })
      setDraft(null)
    } catch (error) {
      setFailure(failureOf(error))
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void save(draft === null || draft.trim() === '' ? null : draft.trim())
  }
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap={8} mt={8}>
        <TextInput
          label={`Address (${sources[provider.addressSource]})`}
          w={320}
          placeholder={provider.address ?? 'http://127.0.0.1:11434'}
          value={draft ?? saved ?? ''}
          onChange={(event) => setDraft(event.currentTarget.value)}
          spellCheck={false}
        />
        <Button type="submit" variant="default" disabled={draft === null || draft === (saved ?? '')}>
          Save address
        </Button>
        {saved !== null && (
          <Button variant="subtle" color="gray" onClick={() => void save(null)}>
            Use the default
          </Button>
        )}
      </Group>
      {failure !== null && <ErrorView failure={failure} />}
    </form>
  )
}
