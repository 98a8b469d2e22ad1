import { Button, Group, Modal, SegmentedControl } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { BenchmarkPreset } from '../../../../shared/contract/benchmarkSettings.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import { tellDone } from '../../../lib/actions.ts'
import { runWord, startBenchmark } from '../../../lib/benchmarkActions.ts'
import { kindWords, presetWords } from '../../../lib/benchmarks.ts'
import { failureOf } from '../../../lib/failure.ts'
import { routes } from '../../../lib/routes.ts'
import { useModel } from '../../../lib/store.ts'
import classes from '../benchmarks.module.css'
import { ConsentField, useConsent } from './ConsentField.tsx'
import { priceWords, timeWords } from './planWords.ts'
import { type Planned, sharesOf, sumOf } from './severalPlans.ts'
import { usePlans } from './usePlans.ts'

type SeveralDialogProps = { readonly models: readonly ModelId[]; readonly onClose: () => void }

const presets: readonly BenchmarkPreset[] = ['quick', 'standard', 'thorough']

/** Queues one run of each model with the same preset. */
export function SeveralDialog({ models, onClose }: SeveralDialogProps) {
  const [, navigate] = useHashLocation()
  const [preset, setPreset] = useState<BenchmarkPreset>('quick')
  const { plans, again } = usePlans(models, preset)
  const [isStarting, setStarting] = useState(false)
  const ready = plans.filter((each) => each.plan !== null)
  const isAsking = plans.some(({ plan, failure }) => plan === null && failure === null)
  const sum = sumOf(plans)
  const consent = useConsent(isAsking ? null : sum)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!consent.isGiven || ready.length === 0) return
    setStarting(true)
    const failed = await startAll(ready, preset, consent.usd)
    setStarting(false)
    if (failed.size < ready.length) tellDone(`${runWord(ready.length - failed.size)} queued.`)
    if (failed.size > 0) return again(failed)
    onClose()
    navigate(routes.benchmarks)
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Benchmark ${models.length} models`}
      size={680}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <SegmentedControl
          aria-label="Preset"
          data={presets.map((value) => ({ value, label: presetWords[value] }))}
          value={preset}
          onChange={(value) => setPreset(presets.find((each) => each === value) ?? 'quick')}
        />
        <div className={classes.scrollX}>
          <table className={classes.figures}>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className={classes.words}>
                  Kind
                </th>
                <th scope="col">Takes</th>
                <th scope="col">Price</th>
              </tr>
            </thead>
            <tbody>
              {plans.map((each) => (
                <PlanRow key={each.model} planned={each} />
              ))}
            </tbody>
          </table>
        </div>
        <div className={classes.formEnd}>
          <p className={classes.planLine} role="status">
            {isAsking
              ? 'Asking how long it takes…'
              : `${runWord(ready.length)}, one after the other: ${timeWords(sum)}.`}
          </p>
          {!isAsking && <ConsentField consent={consent} plan={sum} model={null} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isStarting} disabled={isAsking || ready.length === 0 || !consent.isGiven}>
              {ready.length === models.length ? 'Start' : `Start ${ready.length} of ${models.length}`}
            </Button>
          </Group>
        </div>
      </form>
    </Modal>
  )
}

/** Each gets its part of what may be spent. Resolves with why those failed that did. */
const startAll = async (planned: readonly Planned[], preset: BenchmarkPreset, usd: number | null) => {
  const shares = sharesOf(planned, usd ?? 0)
  const failed = new Map<ModelId, ReturnType<typeof failureOf>>()
  for (const { model } of planned) {
    const acceptedUsd = shares.get(model)
    try {
      await startBenchmark({ model, preset, ...(acceptedUsd === undefined ? {} : { acceptedUsd }) })
    } catch (error) {
      failed.set(model, failureOf(error))
    }
  }
  return failed
}

function PlanRow({ planned: { model: id, plan, failure } }: { readonly planned: Planned }) {
  const model = useModel(id)
  return (
    <tr>
      <th scope="row" title={id}>
        {model?.name ?? id}
      </th>
      {failure !== null ? (
        <td colSpan={3} className={classes.words}>
          <span className={classes.errors}>
            {failure.message} {failure.advice}
          </span>
        </td>
      ) : plan === null ? (
        <td colSpan={3}>asking…</td>
      ) : (
        <>
          <td className={classes.words}>{kindWords[plan.kind]}</td>
          <td>{timeWords(plan)}</td>
          <td>{priceWords(plan) ?? 'free'}</td>
        </>
      )}
    </tr>
  )
}
