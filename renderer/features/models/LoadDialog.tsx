import { Button, Group, Modal } from '@mantine/core'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { defaultContextLength } from '../../../shared/contextLength.ts'
import type { LoadOptions, Model } from '../../../shared/contract/models.ts'
import { MemoryBars } from '../../components/MemoryBars.tsx'
import { estimated, formatMemory } from '../../lib/format.ts'
import type { IgnoredOptions } from '../../lib/ignoredOptions.ts'
import { optionWords } from '../../lib/optionWords.ts'
import { useHardware, useProvider, useResources } from '../../lib/store.ts'
import { planLoad } from '../../lib/view.ts'
import { cacheElementsPerToken, estimateLoad } from './estimateLoad.ts'
import { fitBytes, isThisMachine } from './fitModel.ts'
import { LoadFields } from './LoadFields.tsx'
import { formOf, type LoadForm, optionsOf, remarksOn } from './loadForm.ts'
import { startLoad } from './loadRefusals.ts'
import classes from './models.module.css'
import { PresetField } from './PresetField.tsx'
import { useModelDetails } from './useModelDetails.ts'

const takesAll: IgnoredOptions = {}

type LoadDialogProps = {
  readonly model: Model
  /** what its form begins with; what is not named is the provider's default */
  readonly options: LoadOptions
  readonly onClose: () => void
}

/** Load with options. The button says ≈ what it takes; the memory bars show where. */
export function LoadDialog({ model, options: given, onClose }: LoadDialogProps) {
  const provider = useProvider(model.provider)
  const hardware = useHardware()
  const { answer } = useModelDetails(model)
  const [form, setForm] = useState<LoadForm>(() => formOf(given))
  const ignored = provider?.ignoredOptions ?? takesAll
  const isHere = isThisMachine(provider?.address ?? null)
  const metadata = answer.state === 'ready' ? answer.details.metadata : null
  const elementsPerToken = useMemo(() => (metadata === null ? null : cacheElementsPerToken(metadata)), [metadata])
  const defaultContext = defaultContextLength(model.contextLength)
  const estimate = estimateLoad(model, elementsPerToken, defaultContext, form)
  const options = optionsOf(form, ignored)
  const changes = optionWords(options)
  const remarks = remarksOn(form, {
    trainedContext: model.contextLength,
    logicalCores: isHere ? (hardware?.cpu.logicalCores ?? null) : null,
  })
  const hasError = remarks.some(({ level }) => level === 'error')

  useEffect(() => {
    planLoad(estimate.bytes === null || !isHere ? null : { model: model.model, bytes: estimate.bytes })
  }, [model.model, estimate.bytes, isHere])
  useEffect(() => () => planLoad(null), [])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (hasError) return
    onClose()
    void startLoad(model, options)
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size={640}
      title={`Load ${model.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className={classes.form} onSubmit={submit}>
        <PresetField
          model={model}
          elementsPerToken={isHere ? elementsPerToken : null}
          ignored={ignored}
          form={form}
          onForm={setForm}
        />
        <LoadFields
          model={model}
          ignored={ignored}
          form={form}
          onForm={setForm}
          bytesPer1024Tokens={estimate.bytesPer1024Tokens}
          isHere={isHere}
        />
        {remarks.map(({ level, text }) => (
          <p key={text} className={classes.remark} data-level={level} role={level === 'error' ? 'alert' : undefined}>
            {text}
          </p>
        ))}
        <div className={classes.formEnd}>
          {isHere ? (
            <MemoryAfter model={model} bytes={estimate.bytes} isExact={estimate.exact} />
          ) : (
            <p className={classes.remark}>It runs on another machine, whose memory Berth does not see.</p>
          )}
          <Group gap={8} wrap="nowrap">
            <div className={classes.changes}>
              <span className={classes.dim}>Changed from the defaults: </span>
              {changes.length === 0 ? 'nothing' : changes.join(' · ')}
            </div>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={hasError} data-autofocus>
              {estimate.bytes === null ? 'Load' : `Load (${estimated(formatMemory(estimate.bytes))})`}
            </Button>
          </Group>
        </div>
      </form>
    </Modal>
  )
}

type MemoryAfterProps = { readonly model: Model; readonly bytes: number | null; readonly isExact: boolean }

/** The same bars as at the top of the window, which the dialog's shade covers, and the verdict in words. */
function MemoryAfter({ model, bytes, isExact }: MemoryAfterProps) {
  const resources = useResources()
  if (resources === null) return null
  const fit = bytes === null ? null : fitBytes(bytes, resources)
  return (
    <div className={classes.formBars}>
      <MemoryBars planned={bytes === null ? null : { model: model.model, bytes }} />
      <p
        className={classes.remark}
        data-level={fit?.fit === 'no' ? 'error' : fit?.fit === 'tight' ? 'warning' : 'plain'}
      >
        {bytes === null && 'What it needs could not be computed before the load.'}
        {fit?.fit === 'yes' && `It fits: ${estimated(formatMemory(fit.leftBytes))} stay free on ${fit.where}.`}
        {fit?.fit === 'tight' &&
          (fit.spills
            ? `Part of it goes to RAM and will be slow. ${estimated(formatMemory(fit.leftBytes))} stay free on ${fit.where}.`
            : `It is tight: ${estimated(formatMemory(fit.leftBytes))} stay free on ${fit.where}.`)}
        {fit?.fit === 'no' &&
          `It does not fit: ${fit.where} would need ${estimated(formatMemory(fit.missingBytes))} more.`}
        {!isExact && ' What the changed context or cache costs is not known for this architecture and is not counted.'}
      </p>
    </div>
  )
}
