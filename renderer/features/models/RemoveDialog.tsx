import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Removal } from '../../../shared/contract/modelCare.ts'
import type { Model } from '../../../shared/contract/models.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { formatDisk } from '../../lib/format.ts'
import { removeModel } from '../../lib/modelActions.ts'
import { routes, useModelInRoute } from '../../lib/routes.ts'
import { useProvider } from '../../lib/store.ts'
import classes from './models.module.css'

/** asking → known | failed; known → removing → gone | failed */
type Phase =
  | { readonly phase: 'asking' }
  | { readonly phase: 'known' | 'removing'; readonly removal: Removal }
  | { readonly phase: 'failed'; readonly failure: Failure }

type RemoveDialogProps = { readonly model: Model; readonly onClose: () => void }

/** Says what goes and how much that frees, before it goes. */
export function RemoveDialog({ model, onClose }: RemoveDialogProps) {
  const provider = useProvider(model.provider)
  const [phase, setPhase] = useState<Phase>({ phase: 'asking' })
  const { model: id } = model
  const [, navigate] = useHashLocation()
  const opened = useModelInRoute()
  useEffect(() => {
    const abort = new AbortController()
    client.models.removal({ model: id }, { signal: abort.signal }).then(
      (removal) => setPhase({ phase: 'known', removal }),
      (error: unknown) => {
        if (!abort.signal.aborted) setPhase({ phase: 'failed', failure: failureOf(error) })
      },
    )
    return () => abort.abort()
  }, [id])
  const remove = async (removal: Removal) => {
    setPhase({ phase: 'removing', removal })
    try {
      await removeModel(id)
      onClose()
      if (opened === id) navigate(routes.models) // its details have nothing left to show
    } catch (error) {
      setPhase({ phase: 'failed', failure: failureOf(error) })
    }
  }
  const frees = phase.phase === 'known' || phase.phase === 'removing' ? phase.removal.freedBytes : null
  return (
    <Modal opened onClose={onClose} title={`Remove ${model.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={12}>
        <Text>
          {provider?.name ?? model.provider} removes it from its disk. To have it again you pull or create it again.
        </Text>
        {phase.phase === 'asking' && <Skeleton height={20} width="70%" aria-label="Asking what that frees" />}
        {(phase.phase === 'known' || phase.phase === 'removing') && <What removal={phase.removal} />}
        {phase.phase === 'failed' && <ErrorView failure={phase.failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red"
            loading={phase.phase === 'removing'}
            disabled={phase.phase !== 'known'}
            onClick={() => phase.phase === 'known' && void remove(phase.removal)}
          >
            {frees ? `Remove (frees ${formatDisk(frees)})` : 'Remove'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

const freedWords = (bytes: number | null): string => {
  if (bytes === null) return 'How much space that frees is not known.'
  return bytes === 0 ? 'That frees no space.' : `That frees ${formatDisk(bytes)}.`
}

function What({ removal: { freedBytes, sharedWith, alsoRemoved, notes } }: { readonly removal: Removal }) {
  return (
    <>
      <Text>{freedWords(freedBytes)}</Text>
      {sharedWith.length > 0 && <Names text="Its weights stay, because these use them too:" models={sharedWith} />}
      {alsoRemoved.length > 0 && <Names text="These are the same files, and go with it:" models={alsoRemoved} />}
      {notes.map((note) => (
        <Text key={note} c="dimmed">
          {note}
        </Text>
      ))}
    </>
  )
}

function Names({ text, models }: { readonly text: string; readonly models: readonly string[] }) {
  return (
    <div>
      <Text>{text}</Text>
      <ul className={classes.parts}>
        {models.map((model) => (
          <li key={model}>{model}</li>
        ))}
      </ul>
    </div>
  )
}
