import { Button, Modal, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import { ErrorView } from '../../components/ErrorView.tsx'
import { client } from '../../lib/client.ts'
import { type Failure, failureOf } from '../../lib/failure.ts'
import { useCreators } from '../../lib/modelDialogs.ts'
import { useModels } from '../../lib/store.ts'
import { type CreateForm, emptyForm, parseParameters, requestOf } from './createForm.ts'
import { JobDialogEnd } from './JobDialogEnd.tsx'
import { JobProgress } from './JobProgress.tsx'
import classes from './models.module.css'
import { useDialogJob } from './useDialogJob.ts'
import { nameFault, useNameVerdict } from './useNameVerdict.ts'

const sources = [
  { value: 'file', label: 'GGUF file' },
  { value: 'folder', label: 'safetensors folder' },
  { value: 'model', label: 'Another model' },
] as const
const quantizations = ['q8_0', 'q4_K_M', 'q4_K_S'] as const

/** Makes a model of a file, a folder or another model. It goes on as a job when the dialog is closed. */
export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const creators = useCreators()
  const [chosen, setChosen] = useState<string | null>(null)
  const provider = creators.find(({ provider: id }) => id === chosen) ?? creators[0]
  const [form, setForm] = useState(emptyForm)
  const job = useDialogJob()
  const [failure, setFailure] = useState<Failure | null>(null)
  const set = (change: Partial<CreateForm>) => setForm({ ...form, ...change })
  const fault = nameFault(useNameVerdict(form.name.trim()))
  const request = provider === undefined ? null : requestOf(form, provider.provider)
  const isWhole = request !== null && fault === null && form.name.trim() !== '' && form.source.trim() !== ''
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!isWhole || job.isLocked || request === null) return
    setFailure(null)
    try {
      await job.begin(() => client.models.create(request))
    } catch (error) {
      setFailure(failureOf(error))
    }
  }
  return (
    <Modal opened onClose={onClose} title="Create a model" size={640} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <Stack gap={12}>
          {creators.length > 1 && (
            <Select
              label="Provider"
              data={creators.map(({ provider: id, name: label }) => ({ value: id, label }))}
              value={provider?.provider ?? null}
              onChange={setChosen}
              allowDeselect={false}
              disabled={job.isLocked}
            />
          )}
          <fieldset disabled={job.isLocked} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
            <Stack gap={12}>
              <SegmentedControl
                aria-label="Made of"
                data={sources.map((each) => ({ ...each }))}
                value={form.from}
                onChange={(from) => set({ from: from as CreateForm['from'], source: '' })} // its values are ours
              />
              <SourceField provider={provider?.provider ?? ''} form={form} onSource={(source) => set({ source })} />
              <TextInput
                label={`New name at ${provider?.name ?? 'the provider'}`}
                placeholder="my-model:q4"
                value={form.name}
                onChange={(event) => set({ name: event.currentTarget.value })}
                error={fault}
                maxLength={900}
                spellCheck={false}
              />
              <MoreFields form={form} onChange={set} />
            </Stack>
          </fieldset>
        </Stack>
        <div className={classes.formEnd}>
          {failure !== null && <ErrorView failure={failure} />}
          {job.id !== null && failure === null && <JobProgress job={job.id} />}
          <JobDialogEnd
            job={job}
            onClose={onClose}
            begin={
              <Button type="submit" disabled={!isWhole}>
                Create
              </Button>
            }
          />
        </div>
      </form>
    </Modal>
  )
}

type SourceFieldProps = {
  readonly provider: string
  readonly form: CreateForm
  readonly onSource: (source: string) => void
}

function SourceField({ provider, form, onSource }: SourceFieldProps) {
  const models = useModels()
  const keys = useMemo(
    () => models.filter((model) => model.provider === provider).map(({ key }) => key),
    [models, provider],
  )
  if (form.from === 'model')
    return (
      <Select
        label="Model"
        searchable
        limit={100}
        data={keys}
        value={form.source === '' ? null : form.source}
        onChange={(key) => onSource(key ?? '')}
      />
    )
  return (
    <TextInput
      data-autofocus
      label={form.from === 'file' ? 'Path of the file, or of its first shard' : 'Path of the folder'}
      description="On the machine where Berth runs; it is uploaded to the provider."
      value={form.source}
      onChange={(event) => onSource(event.currentTarget.value)}
      maxLength={4096}
      spellCheck={false}
    />
  )
}

type MoreFieldsProps = { readonly form: CreateForm; readonly onChange: (change: Partial<CreateForm>) => void }

function MoreFields({ form, onChange }: MoreFieldsProps) {
  const parsed = parseParameters(form.parameters)
  return (
    <>
      <Textarea
        label="System prompt"
        autosize
        minRows={1}
        maxRows={6}
        value={form.system}
        onChange={(event) => onChange({ system: event.currentTarget.value })}
      />
      <Textarea
        label="Parameters"
        description="One a line, for example num_ctx 8192."
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        value={form.parameters}
        onChange={(event) => onChange({ parameters: event.currentTarget.value })}
        error={'wrong' in parsed ? `This line is no parameter: ${parsed.wrong.slice(0, 80)}` : null}
      />
      <Textarea
        label="Chat template"
        description="Left empty, that of the source is used."
        autosize
        minRows={1}
        maxRows={8}
        spellCheck={false}
        value={form.template}
        onChange={(event) => onChange({ template: event.currentTarget.value })}
      />
      <Select
        label="Quantise to"
        description="Only from F32, F16 or BF16 weights."
        placeholder="As they are"
        clearable
        data={[...quantizations]}
        value={form.quantization}
        onChange={(value) => onChange({ quantization: quantizations.find((each) => each === value) ?? null })}
      />
    </>
  )
}
