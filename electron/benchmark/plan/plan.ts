import type { BenchmarkKind, BenchmarkRequest, BenchmarkSettings } from '../../../shared/contract/benchmarkSettings.ts'
import type { BenchmarkPlan } from '../../../shared/contract/benchmarks.ts'
import type { LoadOptions, Model } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { Provider } from '../../providers/provider.ts'
import { planNotes } from './planNotes.ts'
import { presetBudgets, presetSettings } from './presets.ts'
import { costOf } from './price.ts'
import { type KnownSpeed, secondsOf, workOf } from './work.ts'

/** What a plan is made of. */
export interface PlanFacts {
  readonly model: Model
  readonly provider: Provider
  /** where its provider is; null: this machine */
  readonly host: string | null
  readonly known: KnownSpeed
}

const kinds: readonly BenchmarkKind[] = ['engine', 'serving', 'embedding']

/** Null: it can be measured so. */
const whyNot = (kind: BenchmarkKind, { model, provider }: PlanFacts): string | null => {
  const verb = kind === 'embedding' ? 'embed' : 'chat'
  if (!model.verbs[verb])
    return model.cannot[verb] ?? provider.cannot[verb] ?? `${model.name} cannot ${verb} at ${provider.name}.`
  if (kind === 'engine' && !provider.measure)
    return `${provider.name} does not tell what its engine takes without the network. Measure it as a server instead.`
  return null
}

/** @throws AppError VERB_NOT_SUPPORTED, INVALID_INPUT */
const kindOf = (request: BenchmarkRequest, facts: PlanFacts): BenchmarkKind => {
  const { kind = request.settings?.kind, settings } = request
  if (settings && kind !== settings.kind)
    throw new AppError('INVALID_INPUT', `The settings are for ${settings.kind}, and ${kind} is asked for.`)
  const chosen = kind ?? kinds.find((each) => whyNot(each, facts) === null) ?? 'serving'
  const why = whyNot(chosen, facts)
  if (why !== null) throw new AppError('VERB_NOT_SUPPORTED', why)
  return chosen
}

const sweptOptions = (settings: BenchmarkSettings): string[] =>
  settings.kind === 'engine'
    ? Object.entries(settings.sweep).flatMap(([name, values]) => (values.length > 0 ? [name] : []))
    : []

/** A load would refuse them too, in the middle of the run. @throws AppError VERB_NOT_SUPPORTED */
const checkOptions = (options: LoadOptions, settings: BenchmarkSettings, { model, provider }: PlanFacts): void => {
  const named = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  const asked = [...named, ...sweptOptions(settings)]
  if (asked.length > 0 && !model.verbs.load)
    throw new AppError(
      'VERB_NOT_SUPPORTED',
      `${provider.name} loads ${model.name} by itself, with options of its own.`,
      {
        advice: 'Leave out the load options.',
      },
    )
  for (const name of asked) {
    const why = Object.entries(provider.ignoredOptions).find(([ignored]) => ignored === name)?.[1]
    if (why !== undefined) throw new AppError('VERB_NOT_SUPPORTED', why)
  }
}

/** Each is a result with its samples; a sweep multiplies them. */
const mostTests = 10_000

/** @throws AppError INVALID_INPUT */
const checkCount = (tests: number): void => {
  if (tests <= mostTests) return
  throw new AppError('INVALID_INPUT', `That would be ${tests} tests; a run has at most ${mostTests}.`, {
    advice: 'Give fewer values to sweep over, or make several runs of it.',
  })
}

/** Tokens that a prompt and its answer may take together; null: unknown. */
const roomOf = ({ options = {} }: BenchmarkRequest, { model }: PlanFacts): number | null => {
  const limits = [options.contextLength, model.contextLength].filter((each) => typeof each === 'number')
  return limits.length === 0 ? null : Math.min(...limits)
}

/**
 * What a run would do, how long it would take, and what it would cost. Without settings and preset it is the quick one.
 * @throws AppError VERB_NOT_SUPPORTED, INVALID_INPUT
 */
export const planRun = (request: BenchmarkRequest, facts: PlanFacts): BenchmarkPlan => {
  const kind = kindOf(request, facts)
  const preset = request.settings ? null : (request.preset ?? 'quick')
  const room = roomOf(request, facts)
  const settings = request.settings ?? presetSettings(kind, preset ?? 'quick', room)
  checkOptions(request.options ?? {}, settings, facts)
  const work = workOf(settings)
  checkCount(work.tests)
  const budgetSeconds = request.budgetSeconds ?? (preset && presetBudgets[preset])
  const seconds = secondsOf(work, facts.known)
  const plan = {
    kind,
    preset,
    settings,
    tests: work.tests,
    estimatedSeconds: seconds === null || budgetSeconds === null ? seconds : Math.min(seconds, budgetSeconds),
    budgetSeconds,
    ...costOf(facts.model, facts.provider.kind, facts.host, workOf(settings, 'most')),
  }
  return { ...plan, notes: planNotes(plan, facts, room) }
}

/** @throws AppError COST_NOT_ACCEPTED */
export const checkConsent = ({ needsConsent, estimatedUsd }: BenchmarkPlan, acceptedUsd: number | undefined): void => {
  if (!needsConsent || (acceptedUsd !== undefined && acceptedUsd > 0 && acceptedUsd >= (estimatedUsd ?? 0))) return
  const words =
    estimatedUsd === null
      ? 'Its provider may charge for it and tells no price.'
      : `It would cost about $${estimatedUsd.toPrecision(2)}.`
  throw new AppError('COST_NOT_ACCEPTED', words, { details: { estimatedUsd } })
}
