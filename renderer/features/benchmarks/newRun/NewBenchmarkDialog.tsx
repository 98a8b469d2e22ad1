import { Button, Group, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Benchmark, BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import { ErrorView } from '../../../components/ErrorView.tsx'
import { startBenchmark } from '../../../lib/benchmarkActions.ts'
import type { NewBenchmark } from '../../../lib/benchmarkDialogs.ts'
import { type Failure, failureOf } from '../../../lib/failure.ts'
import { optionWords } from '../../../lib/optionWords.ts'
import { routes } from '../../../lib/routes.ts'
import classes from '../benchmarks.module.css'
import { ConsentField, useConsent } from './ConsentField.tsx'
import { KindField } from './KindField.tsx'
import { ModelField } from './ModelField.tsx'
import { formFrom, type NewRunForm, requestOf } from './newRunForm.ts'
import { PlanLine, PlanNotes } from './PlanLine.tsx'
import { PresetField } from './PresetField.tsx'
import { SettingsFields } from './SettingsFields.tsx'
import { formOf } from './settingsForm.ts'
import { typingMs, usePlan } from './usePlan.ts'

type NewBenchmarkDialogProps = { readonly wish: NewBenchmark; readonly onClose: () => void }

/** Measure one model. Says before how long that takes and what it costs, and goes to the run when it is queued. */
export function NewBenchmarkDialog({ wish, onClose }: NewBenchmarkDialogProps) {
  const [, navigate] = useHashLocation()
  const [form, setForm] = useState<NewRunForm>(() => formFrom(wish))
  const { request, faults } = useMemo(() => requestOf(form), [form])
  const { label: _, ...planned } = request ?? { label: undefined } // a note changes nothing
  const answer = usePlan(
    request === null ? null : { ...planned, model: request.model },
    form.own === null ? 0 : typingMs,
  )
  const consent = useConsent(answer.plan)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [isStarting, setStarting] = useState(false)
  const set = (change: Partial<NewRunForm>) => {
    setFailure(null)
    setForm((before) => ({ ...before, ...change }))
  }
  const canStart = request !== null && answer.state === 'ready' && consent.isGiven && !isStarting
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!canStart || request === null) return
    setFailure(null)
    setStarting(true)
    let run: Benchmark
    try {
      run = await startBenchmark(consent.usd === null ? request : { ...request, acceptedUsd: consent.usd })
    } catch (error) {
      setFailure(failureOf(error))
      setStarting(false)
      return
    }
    onClose()
    navigate(routes.benchmark(run.benchmark))
  }
  return (
    <Modal opened onClose={onClose} title="New benchmark" size={680} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <ModelField
          model={form.model}
          isGiven={wish.model !== null}
          onModel={(model) => set({ model, kind: null, own: null, options: {} })}
        />
        {form.model !== null && <What form={form} plan={answer.plan} faults={faults} onChange={set} />}
        <PlanNotes plan={answer.plan} />
        <div className={classes.formEnd}>
          <PlanLine answer={answer} isIncomplete={form.model === null || request === null} />
          {answer.plan !== null && <ConsentField consent={consent} plan={answer.plan} model={form.model} />}
          {failure !== null && <ErrorView title="It was not started" failure={failure} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!canStart} loading={isStarting}>
              Start
            </Button>
          </Group>
        </div>
      </form>
    </Modal>
  )
}

type WhatProps = {
  readonly form: NewRunForm
  readonly plan: BenchmarkPlan | null
  readonly faults: Readonly<Record<string, string>>
  readonly onChange: (change: Partial<NewRunForm>) => void
}

/** Kind, preset or settings of one's own, how it is loaded, budget and note. */
function What({ form, plan, faults, onChange }: WhatProps) {
  const kind = form.own?.kind ?? form.kind ?? plan?.kind ?? null
  if (form.model === null) return null
  return (
    <>
      <KindField model={form.model} kind={kind} onKind={(chosen) => onChange({ kind: chosen, own: null })} />
      {form.own === null ? (
        <>
          <PresetField
            model={form.model}
            kind={form.kind}
            preset={form.preset}
            onPreset={(preset) => onChange({ preset })}
          />
          <Group>
            <Button
              size="compact-xs"
              variant="default"
              disabled={plan === null}
              onClick={() => plan !== null && onChange({ kind: plan.kind, own: formOf(plan.settings) })}
            >
              Customise…
            </Button>
          </Group>
        </>
      ) : (
        <SettingsFields
          form={form.own}
          faults={faults}
          onForm={(own) => onChange({ own })}
          onPreset={() => onChange({ own: null })}
        />
      )}
      <LoadedWith form={form} onChange={onChange} />
      <div className={classes.formGrid}>
        <TextInput
          label="Note"
          description="For you, for example what is new on this machine."
          maxLength={200}
          value={form.label}
          onChange={(event) => onChange({ label: event.currentTarget.value })}
        />
        <TextInput
          label="Budget"
          description="Minutes; what is measured by then is kept."
          placeholder={form.own === null ? 'As the preset says' : 'None'}
          inputMode="decimal"
          value={form.budget}
          onChange={(event) => onChange({ budget: event.currentTarget.value })}
          error={faults.budget}
        />
      </div>
    </>
  )
}

function LoadedWith({ form, onChange }: Pick<WhatProps, 'form' | 'onChange'>) {
  const words = optionWords(form.options)
  if (words.length === 0) return null
  return (
    <div className={classes.loadedWith}>
      <span>
        <span className={classes.dim}>Loaded with: </span>
        {words.join(' · ')}
      </span>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange({ options: {} })}>
        Use the defaults
      </Button>
    </div>
  )
}
