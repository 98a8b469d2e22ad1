import type { BenchmarkPlan } from '../../../../shared/contract/benchmarks.ts'
import type { ModelId } from '../../../../shared/contract/modelId.ts'
import type { Failure } from '../../../lib/failure.ts'

/** Neither plan nor failure: it is being asked. */
export interface Planned {
  readonly model: ModelId
  readonly plan: BenchmarkPlan | null
  readonly failure: Failure | null
}

/** What several runs need together; a part that is not known makes the sum unknown. */
export const sumOf = (
  plans: readonly Pick<Planned, 'plan'>[],
): Pick<BenchmarkPlan, 'estimatedSeconds' | 'budgetSeconds' | 'estimatedUsd' | 'needsConsent'> => {
  const known = plans.flatMap(({ plan }) => (plan === null ? [] : [plan]))
  const paid = known.filter(({ needsConsent }) => needsConsent)
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>((total, value) => (total === null || value === null ? null : total + value), 0)
  return {
    // a budget that is below the estimate ends the run
    estimatedSeconds: sum(
      known.map(({ estimatedSeconds: takes, budgetSeconds: most }) =>
        takes === null ? most : most === null ? takes : Math.min(takes, most),
      ),
    ),
    budgetSeconds: null,
    estimatedUsd: paid.length === 0 ? null : sum(paid.map(({ estimatedUsd }) => estimatedUsd)),
    needsConsent: paid.length > 0,
  }
}

/** What each paid run may spend of a sum, in US dollars: its estimate, and an equal part of the rest, as no run knows of the others. */
export const sharesOf = (
  planned: readonly Pick<Planned, 'model' | 'plan'>[],
  usd: number,
): ReadonlyMap<ModelId, number> => {
  const paid = planned.flatMap(({ model, plan }) =>
    plan?.needsConsent === true ? [{ model, usd: plan.estimatedUsd ?? 0 }] : [],
  )
  const estimated = paid.reduce((sum, each) => sum + each.usd, 0)
  const covered = estimated === 0 ? 1 : Math.min(1, usd / estimated)
  const rest = Math.max(0, usd - estimated) / paid.length
  return new Map(paid.map((each) => [each.model, each.usd * covered + rest]))
}
