import type { BenchmarkPlan } from '../../../shared/contract/benchmarks.ts'
import type { PlanFacts } from './plan.ts'
import { isShortened } from './presets.ts'

type Planned = Omit<BenchmarkPlan, 'notes'>

const labels = { quick: 'Quick', standard: 'Standard', thorough: 'Thorough' } as const

const span = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

/** How long it takes, where nothing shows the plan’s own figures. */
export const durationNote = ({
  preset,
  estimatedSeconds,
  budgetSeconds,
}: Pick<BenchmarkPlan, 'preset' | 'estimatedSeconds' | 'budgetSeconds'>): string => {
  const label = preset === null ? 'This' : labels[preset]
  const limit = budgetSeconds === null ? null : `begins nothing new after ${span(budgetSeconds)}`
  if (estimatedSeconds === null)
    return `${label}: how long it takes is not known, as nothing is known of this model’s speed${limit === null ? '' : `; it ${limit}`}.`
  const isCut = budgetSeconds !== null && estimatedSeconds >= budgetSeconds
  if (isCut) return `${label} takes about ${span(budgetSeconds)}: it ${limit}, and keeps what it has.`
  return `${label} takes about ${span(estimatedSeconds)}${limit === null ? '' : `, and ${limit}`}.`
}

const loadNote = ({ settings }: Planned, { model }: PlanFacts): string | null => {
  if (!model.verbs.load || !model.verbs.unload) return null
  if (model.state !== 'loaded') return 'It is loaded for this, and unloaded afterwards.'
  return settings.kind === 'engine' && settings.measureLoad
    ? 'It is loaded now; it is unloaded for this and loaded again afterwards.'
    : 'It is loaded now; where that is with other options, it is unloaded for this and loaded again afterwards.'
}

const costNote = ({ needsConsent, estimatedUsd }: Planned): string | null => {
  if (!needsConsent) return null
  return estimatedUsd === null
    ? 'Its provider may charge for it, and tells no price.'
    : `Its provider costs money: at most about $${estimatedUsd.toPrecision(2)}.`
}

const queueNote = ({ settings }: Planned, { provider }: PlanFacts): string | null => {
  if (settings.kind !== 'serving' || provider.kind !== 'embedded') return null
  return 'The embedded engine answers one at a time: of several requests at once the others wait.'
}

/** What a person should know before, besides how long it takes, which the plan has in figures. */
export const planNotes = (plan: Planned, facts: PlanFacts, contextLength: number | null): string[] =>
  [
    loadNote(plan, facts),
    costNote(plan),
    queueNote(plan, facts),
    plan.preset === 'quick' ? 'Quick figures are rough: few repetitions, one length.' : null,
    plan.preset !== null && isShortened(plan.kind, plan.preset, contextLength)
      ? `Lengths are shorter than usual, to fit its context of ${contextLength} tokens.`
      : null,
  ].filter((note) => note !== null)
