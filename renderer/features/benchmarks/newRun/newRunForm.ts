import type { BenchmarkKind, BenchmarkPreset, BenchmarkRequest } from '../../../../shared/contract/benchmarkSettings.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import type { LoadOptions } from '../../../../shared/contract/models.ts'
import type { NewBenchmark } from '../../../lib/benchmarkDialogs.ts'
import { type Faults, readNumber } from './readFields.ts'
import { formOf, type SettingsForm, settingsOf } from './settingsForm.ts'

export interface NewRunForm {
  readonly model: ModelId | null
  /** null: what suits the model */
  readonly kind: BenchmarkKind | null
  readonly preset: BenchmarkPreset
  /** settings of the person's own in place of the preset's */
  readonly own: SettingsForm | null
  readonly options: LoadOptions
  /** minutes; empty: as the preset says, or none */
  readonly budget: string
  readonly label: string
}

export const emptyForm = (model: ModelId | null): NewRunForm => ({
  model,
  kind: null,
  preset: 'quick',
  own: null,
  options: {},
  budget: '',
  label: '',
})

/** A form that asks for what was asked for before. What a file of others measured has no settings to repeat. */
export const formFrom = ({ model, options = {}, like }: NewBenchmark): NewRunForm => {
  const form = { ...emptyForm(model), options }
  if (like === undefined) return form
  return {
    ...form,
    kind: like.kind,
    preset: like.preset ?? form.preset,
    own: like.preset === null && like.settings !== null ? formOf(like.settings) : null,
    label: like.label ?? '',
  }
}

const budget = { from: 0.1, to: 1440 }

/** What is sent without the consent to its price; `faults` by the name of the field; null while no model is chosen. */
export const requestOf = (form: NewRunForm): { readonly request: BenchmarkRequest | null; readonly faults: Faults } => {
  const faults: Record<string, string> = {}
  const read = form.own === null ? null : settingsOf(form.own)
  if (read !== null && 'faults' in read) Object.assign(faults, read.faults)
  const minutes = form.budget.trim() === '' ? null : readNumber(form.budget, budget, 'budget', faults)
  if (form.model === null || Object.keys(faults).length > 0) return { request: null, faults }
  const request: BenchmarkRequest = {
    model: form.model,
    ...(read === null
      ? { preset: form.preset, ...(form.kind === null ? {} : { kind: form.kind }) }
      : 'settings' in read
        ? { settings: read.settings }
        : {}),
    ...(Object.keys(form.options).length === 0 ? {} : { options: form.options }),
    ...(minutes === null ? {} : { budgetSeconds: minutes * 60 }),
    ...(form.label.trim() === '' ? {} : { label: form.label.trim() }),
  }
  return { request, faults }
}
