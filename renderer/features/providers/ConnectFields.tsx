import { PasswordInput, Select, Switch, Text, TextInput } from '@mantine/core'
import type { Provider } from '../../../shared/contract/providers.ts'
import { providerKinds } from '../../../shared/providerKinds.ts'
import type { ConnectedKind } from '../../lib/providers.ts'
import { useSecrets } from '../../lib/store.ts'
import { type ConnectForm, dropsKey, kindsToConnect, sendsKeyOpenly, withKind } from './connectForm.ts'
import classes from './providers.module.css'

type ConnectFieldsProps = {
  /** the provider that is edited; null for a new one */
  readonly before: Provider | null
  readonly form: ConnectForm
  readonly onForm: (form: ConnectForm) => void
}

export function ConnectFields({ before, form, onForm }: ConnectFieldsProps) {
  const facts = providerKinds[form.kind]
  const set = (change: Partial<ConnectForm>) => onForm({ ...form, ...change })
  return (
    <>
      <div className={classes.fields}>
        <Select
          label="Kind"
          data={kindsToConnect}
          value={form.kind}
          allowDeselect={false}
          readOnly={before !== null}
          maxDropdownHeight={320}
          // the list holds nothing but kinds
          onChange={(value) => value !== null && onForm(withKind(form, value as ConnectedKind))}
        />
        <TextInput
          label="Name"
          placeholder={before?.name ?? facts.label}
          maxLength={80}
          value={form.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
      </div>
      <TextInput
        data-autofocus
        label="Address"
        placeholder={facts.address ?? 'http://127.0.0.1:8000/v1'}
        description={
          facts.address === null
            ? 'Of the server, with the path before /chat/completions where there is one.'
            : undefined
        }
        maxLength={300}
        spellCheck={false}
        value={form.address}
        onChange={(event) => set({ address: event.currentTarget.value })}
      />
      {before !== null && dropsKey(form, before) && (
        <p className={classes.line} data-missing role="status">
          Its key belongs to {before.address}. Saved with this address, the key is dropped; enter it again if the new
          server needs one.
        </p>
      )}
      <KeyField before={before} form={form} onKey={(key) => set({ key })} />
      {facts.remote && (
        <Switch
          label="Hide models that cost money"
          checked={form.hidePaid}
          onChange={(event) => set({ hidePaid: event.currentTarget.checked })}
        />
      )}
    </>
  )
}

type KeyFieldProps = {
  readonly before: Provider | null
  readonly form: ConnectForm
  readonly onKey: (key: string) => void
}

function KeyField({ before, form, onKey }: KeyFieldProps) {
  const secrets = useSecrets()
  const facts = providerKinds[form.kind]
  const hasKey = before !== null && before.key.state !== 'none'
  const label = facts.key === 'required' ? 'Key' : 'Key (if the server asks for one)'
  return (
    <div>
      <PasswordInput
        label={label}
        placeholder={hasKey ? 'Leave it empty to keep the key that is stored' : ''}
        maxLength={4096}
        value={form.key}
        onChange={(event) => onKey(event.currentTarget.value)}
      />
      <Text c="dimmed" fz={12} mt={4}>
        {secrets?.text}
      </Text>
      {sendsKeyOpenly(form) && (
        <Text c="var(--berth-stale)" fz={12}>
          The key would travel to this address unencrypted. Use https where the server has it.
        </Text>
      )}
    </div>
  )
}
