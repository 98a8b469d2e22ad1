import { Button, Group, Modal, Stack } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { navigate } from 'wouter/use-hash-location'
import type { Provider } from '../../../shared/contract/providers.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { UnlockKeys } from '../../components/UnlockKeys.tsx'
import { connectProvider } from '../../lib/actions.ts'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import type { ConnectedKind } from '../../lib/providers.ts'
import { routes } from '../../lib/routes.ts'
import { useMirror } from '../../lib/store.ts'
import { type ConnectWish, closeConnect, openConnect, useView } from '../../lib/view.ts'
import { ConnectFields } from './ConnectFields.tsx'
import { addInput, type ConnectForm, changeInput, formFor, testInput, withKind } from './connectForm.ts'
import { TestResult, type TestState } from './TestResult.tsx'

/** Connects a server, or changes one that is connected; opened from anywhere in the window. */
export function ConnectDialog() {
  const wish = useView((view) => view.connectWish)
  return (
    <Modal
      opened={wish !== null}
      onClose={closeConnect}
      size={560}
      title={wish?.edits == null ? 'Connect a provider' : 'Edit the provider'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {wish !== null && <WishForm key={JSON.stringify(wish)} wish={wish} />}
    </Modal>
  )
}

/** What is edited is read once: what a person types is not overwritten by what the server says meanwhile. */
function WishForm({ wish }: { readonly wish: ConnectWish }) {
  const [before] = useState(
    () => useMirror.getState().providers.find(({ provider }) => provider === wish.edits) ?? null,
  )
  const [first] = useState(() => formFor(wish, before))
  return first === null ? 'This provider is not there any more.' : <ConnectionForm before={before} first={first} />
}

type ConnectionFormProps = { readonly before: Provider | null; readonly first: ConnectForm }

function ConnectionForm({ before, first }: ConnectionFormProps) {
  const [form, setForm] = useState(first)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const { result, test, forget } = useTest(before)
  const change = (next: ConnectForm) => {
    setForm(next)
    forget()
    setFailure(null)
  }
  const changeKind = (kind: ConnectedKind) => {
    if (before === null) change(withKind(form, kind))
    else openConnect(kind, form.address) // its kind is what makes it this provider: another kind is a new one
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      if (before === null) {
        const { provider } = await connectProvider(addInput(form))
        navigate(routes.provider(provider))
      } else await client.providers.change({ provider: before.provider, ...changeInput(form, before) })
      closeConnect()
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(false)
    }
  }
  const isEmpty = form.address.trim() === ''
  return (
    <>
      <form onSubmit={(event) => void submit(event)} aria-label={before === null ? 'New connection' : before.name}>
        <Stack gap={12}>
          <ConnectFields before={before} form={form} onForm={change} />
          <TestResult result={result} onKind={changeKind} />
          {failure !== null && <ErrorView failure={failure} />}
          <Group gap={8}>
            <Button
              variant="default"
              disabled={isEmpty || busy || result.state === 'testing'}
              onClick={() => void test(form)}
            >
              Test
            </Button>
            <Button variant="default" ml="auto" onClick={closeConnect}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={isEmpty}>
              {before === null ? 'Connect' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
      {failure?.code === 'SECRETS_LOCKED' && <UnlockKeys />}
    </>
  )
}

/** The newest test counts; one whose fields have changed since says nothing any more. */
const useTest = (before: Provider | null) => {
  const [result, setResult] = useState<TestState>({ state: 'idle' })
  const running = useRef<AbortController | null>(null)
  const forget = () => {
    running.current?.abort()
    setResult({ state: 'idle' })
  }
  const test = async (form: ConnectForm) => {
    const abort = new AbortController()
    running.current?.abort()
    running.current = abort
    setResult({ state: 'testing' })
    try {
      const said = await client.providers.test(testInput(form, before), { signal: abort.signal })
      if (!abort.signal.aborted) setResult({ state: 'said', test: said })
    } catch (error) {
      if (!abort.signal.aborted) setResult({ state: 'failed', failure: failureOf(error) })
    }
  }
  return { result, test, forget }
}
