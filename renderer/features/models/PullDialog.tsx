import { Button, Checkbox, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { ModelId } from '../../../shared/contract/modelId.ts'
import type { ProviderKind } from '../../../shared/contract/providers.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { usePullers } from '../../lib/modelDialogs.ts'
import { JobDialogEnd } from './JobDialogEnd.tsx'
import { JobProgress } from './JobProgress.tsx'
import { useDialogJob } from './useDialogJob.ts'
import { nameFault, useNameVerdict } from './useNameVerdict.ts'

const hints: Partial<Record<ProviderKind, string>> = {
  ollama: 'For example qwen3:8b, or hf.co/USER/REPOSITORY:Q4_K_M.',
  lmstudio: 'A name of its catalogue, or https://huggingface.co/USER/REPOSITORY.',
  'llama-server': 'USER/REPOSITORY:Q4_K_M on Hugging Face.',
  lemonade: 'A name of its catalogue, for example Qwen3-4B-GGUF.',
}

type PullDialogProps = { readonly preferred: string | null; readonly onClose: () => void }

/** Asks a provider to download a model. It goes on as a job when the dialog is closed. */
export function PullDialog({ preferred, onClose }: PullDialogProps) {
  const pullers = usePullers()
  const [chosen, setChosen] = useState(preferred)
  const provider = pullers.find(({ provider: id }) => id === chosen) ?? pullers[0]
  const [name, setName] = useState('')
  const [quantization, setQuantization] = useState('')
  const [insecure, setInsecure] = useState(false)
  const job = useDialogJob()
  const [failure, setFailure] = useState<Failure | null>(null)
  const isAddress = /^https?:/.test(name.trim())
  const fault = nameFault(useNameVerdict(isAddress ? '' : name.trim()))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (job.isLocked || provider === undefined || name.trim() === '' || fault !== null) return
    setFailure(null)
    try {
      await job.begin(() =>
        client.models.pull({
          model: `${provider.provider}/${name.trim()}` as ModelId, // checked by main
          ...(quantization.trim() === '' ? {} : { quantization: quantization.trim() }),
          ...(insecure ? { insecure } : {}),
        }),
      )
    } catch (error) {
      setFailure(failureOf(error))
    }
  }
  return (
    <Modal opened onClose={onClose} title="Pull a model" size={520} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap={12}>
          <Select
            label="Provider"
            data={pullers.map(({ provider: id, name: label }) => ({ value: id, label }))}
            value={provider?.provider ?? null}
            onChange={setChosen}
            allowDeselect={false}
            disabled={job.isLocked}
          />
          <TextInput
            data-autofocus
            label="Model"
            description={provider && hints[provider.kind]}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fault}
            maxLength={900}
            spellCheck={false}
            disabled={job.isLocked}
          />
          {provider?.kind === 'lmstudio' && isAddress && (
            <TextInput
              label="Quantisation"
              placeholder="Q4_K_M"
              value={quantization}
              onChange={(event) => setQuantization(event.currentTarget.value)}
              maxLength={64}
              disabled={job.isLocked}
            />
          )}
          {provider?.kind === 'ollama' && (
            <Checkbox
              label="From a registry of your own, without encryption"
              checked={insecure}
              onChange={(event) => setInsecure(event.currentTarget.checked)}
              disabled={job.isLocked}
            />
          )}
          {failure !== null && <ErrorView failure={failure} />}
          {job.id !== null && failure === null && <JobProgress job={job.id} />}
          {job.id === null && (
            <Text c="dimmed">
              {provider?.name ?? 'The provider'} downloads it by itself, to where it keeps its models.
            </Text>
          )}
          <JobDialogEnd
            job={job}
            onClose={onClose}
            begin={
              <Button type="submit" disabled={provider === undefined || name.trim() === '' || fault !== null}>
                Pull
              </Button>
            }
          />
        </Stack>
      </form>
    </Modal>
  )
}
