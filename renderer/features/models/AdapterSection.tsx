import { Button, Group, NumberInput, TextInput } from '@mantine/core'
import { type FormEvent, useCallback, useEffect, useState } from 'react'
import type { Adapter, AdapterChange, Adapters } from '../../../shared/contract/modelCare.ts'
import type { Model } from '../../../shared/contract/models.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Section } from '../../components/Section.tsx'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import classes from './models.module.css'

/** LoRA adapters of a model that runs, asked for once; each change answers with all of them. */
const useAdapters = (model: Model['model']) => {
  const [known, setKnown] = useState<Adapters | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  useEffect(() => {
    const abort = new AbortController()
    client.models.adapters({ model }, { signal: abort.signal }).then(setKnown, (error: unknown) => {
      if (!abort.signal.aborted) setFailure(failureOf(error))
    })
    return () => abort.abort()
  }, [model])
  const change = useCallback(
    async (wanted: AdapterChange): Promise<void> => {
      setFailure(null)
      try {
        setKnown(await client.models.changeAdapter({ model, change: wanted }))
      } catch (error) {
        setFailure(failureOf(error))
      }
    },
    [model],
  )
  return { known, failure, change }
}

export function AdapterSection({ model }: { readonly model: Model }) {
  const { known, failure, change } = useAdapters(model.model)
  if (known === null && failure === null) return null
  const { adapters, can } = known ?? { adapters: [], can: { scale: false, add: false, remove: false } }
  return (
    <Section title="LoRA adapters">
      {failure !== null && <ErrorView failure={failure} />}
      {known !== null && adapters.length === 0 && (
        <p className={classes.dim}>None. {can.add ? '' : 'They are given where its server starts.'}</p>
      )}
      <ul className={classes.places}>
        {adapters.map((adapter) => (
          <AdapterLine key={adapter.id} adapter={adapter} can={can} onChange={change} />
        ))}
      </ul>
      {can.add && <AddAdapter onAdd={(name, path) => change({ change: 'add', name, path })} />}
    </Section>
  )
}

type AdapterLineProps = {
  readonly adapter: Adapter
  readonly can: Adapters['can']
  readonly onChange: (change: AdapterChange) => Promise<void>
}

function AdapterLine({ adapter: { id, name, path, scale }, can, onChange }: AdapterLineProps) {
  const [draft, setDraft] = useState<number | null>(null)
  return (
    <li>
      <span className={classes.placeName} title={path ?? name}>
        {name}
      </span>
      {scale !== null && (
        <NumberInput
          w={84}
          aria-label={`Scale of ${name}`}
          min={-100}
          max={100}
          step={0.1}
          decimalScale={3}
          disabled={!can.scale}
          value={draft ?? scale}
          onChange={(value) => setDraft(typeof value === 'number' ? value : null)}
        />
      )}
      {draft !== null && draft !== scale && (
        <Button
          size="compact-xs"
          onClick={() => void onChange({ change: 'scale', id, scale: draft }).then(() => setDraft(null))}
        >
          Apply
        </Button>
      )}
      {can.remove && (
        <Button size="compact-xs" variant="default" onClick={() => void onChange({ change: 'remove', id })}>
          Unload
        </Button>
      )}
    </li>
  )
}

function AddAdapter({ onAdd }: { readonly onAdd: (name: string, path: string) => Promise<void> }) {
  const [name, setName] = useState('')
  const [path, setPath] = useState('')
  const isWhole = name.trim() !== '' && path.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isWhole) return
    void onAdd(name.trim(), path.trim()).then(() => {
      setName('')
      setPath('')
    })
  }
  return (
    <form onSubmit={submit}>
      <Group gap={8} wrap="nowrap" align="flex-end" mt={8}>
        <TextInput label="Name" w={120} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="Path on the server's machine"
          flex={1}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          spellCheck={false}
        />
        <Button type="submit" variant="default" disabled={!isWhole}>
          Load
        </Button>
      </Group>
    </form>
  )
}
