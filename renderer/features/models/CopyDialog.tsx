import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Model } from '../../../shared/contract/models.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { tellDone } from '../../lib/actions.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { copyModel, renameModel } from '../../lib/modelActions.ts'
import { routes } from '../../lib/routes.ts'
import { useProvider } from '../../lib/store.ts'
import { nameFault, useNameVerdict } from './useNameVerdict.ts'

const words = {
  copy: { title: 'Copy', button: 'Copy', done: 'The copy is called' },
  rename: { title: 'Rename', button: 'Rename', done: 'It is now called' },
} as const

type CopyDialogProps = { readonly model: Model; readonly how: keyof typeof words; readonly onClose: () => void }

/** A second name for a model, or another one. Neither copies its weights. */
export function CopyDialog({ model, how, onClose }: CopyDialogProps) {
  const provider = useProvider(model.provider)
  const [, navigate] = useHashLocation()
  const [name, setName] = useState(model.key)
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const wanted = name.trim()
  const fault = nameFault(useNameVerdict(wanted))
  const { title, button, done } = words[how]
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      const id = await (how === 'copy' ? copyModel(model.model, wanted) : renameModel(model.model, wanted))
      onClose()
      navigate(routes.model(id))
      tellDone(`${done} ${id}.`)
    } catch (error) {
      setBusy(false)
      setFailure(failureOf(error))
    }
  }
  return (
    <Modal opened onClose={onClose} title={`${title} ${model.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap={12}>
          <TextInput
            data-autofocus
            label={`New name at ${provider?.name ?? model.provider}`}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value)
              setFailure(null)
            }}
            error={fault}
            maxLength={900}
            spellCheck={false}
          />
          <Text c="dimmed">
            {how === 'copy'
              ? 'Both names use the same weights: a copy takes hardly any space.'
              : 'Programs that use the old name will not find it any more.'}
          </Text>
          {failure !== null && <ErrorView failure={failure} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={wanted === '' || wanted === model.key || fault !== null}>
              {button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
