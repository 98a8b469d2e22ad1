import type { Price } from '../../shared/contract/models.ts'
import { answerUsd } from './answerCost.ts'
import type { UsedTokens } from './runner.ts'

/** What may still be spent, in US dollars. */
export interface Spending {
  readonly leftUsd: number
  /** the dearest unit so far, or what the price list says of one; null: nothing is known */
  readonly eachUsd: number | null
  readonly price: Price | null
}

/**
 * What a person agreed to spend. Nothing is begun that would lead above it if each were as dear as the dearest so far. Counted in
 * units: requests of a load, texts of a batch.
 */
export interface Purse {
  /** With all that is under way as spent, at the price of the dearest; null: it costs nothing. */
  rest(): Spending | null
  /** Until answers tell what a unit costs, it is judged by its tokens and the price list. */
  expect(unit: Pick<UsedTokens, 'promptTokens' | 'completionTokens'>): void
  mayBegin(units?: number): boolean
  begin(units?: number): void
  /** Of units that were begun. What was not told counts as the dearest. null: they cost nothing, for nobody worked on them. */
  end(answer: UsedTokens | null, units?: number): void
}

export const createPurse = (spending: Spending | null): Purse => {
  let left = spending?.leftUsd ?? Number.POSITIVE_INFINITY
  let each = spending?.eachUsd ?? null
  let underWay = 0
  const price = spending?.price ?? null
  const costOf = (units: number): number => units * (each ?? 0)
  const learn = (unitUsd: number | null): void => {
    if (unitUsd !== null) each = Math.max(each ?? 0, unitUsd)
  }
  return {
    rest: () => spending && { leftUsd: Math.max(0, left - costOf(underWay)), eachUsd: each, price },
    expect: (unit) => learn(answerUsd({ ...unit, costUsd: null }, price)),
    mayBegin: (units = 1) => spending === null || (left > 0 && costOf(underWay + units) <= left),
    begin: (units = 1) => {
      underWay += units
    },
    end: (answer, units = 1) => {
      underWay -= units
      if (spending === null || answer === null) return
      const told = answerUsd(answer, price)
      learn(told === null ? null : told / units)
      left -= told ?? costOf(units)
    },
  }
}

/** Writes that are not urgent are this far apart. */
const quietMs = 1000

/**
 * A purse whose rest is written down before it is spent, so that a run that goes on after a crash has no more than what is left
 * for certain. Where many small amounts follow each other, more than the next one is written off at once, so that there are few
 * writes; `settle` writes what is really left.
 */
export const createKeptPurse = (
  spending: Spending | null,
  keep: (leftUsd: number) => void,
  now = () => performance.now(),
): Purse & { readonly settle: () => void } => {
  const purse = createPurse(spending)
  let kept = spending?.leftUsd ?? 0
  let ahead = 0
  let keptAt = Number.NEGATIVE_INFINITY
  const write = (usd: number): void => {
    if (usd !== kept) keep(usd)
    kept = usd
    keptAt = now()
  }
  const keepUp = (): void => {
    const rest = purse.rest()
    if (rest === null || rest.leftUsd >= kept) return
    const isOften = now() - keptAt < quietMs
    ahead = isOften ? Math.max(ahead * 2, kept - rest.leftUsd) : ahead / 2
    write(Math.max(0, rest.leftUsd - ahead))
  }
  return {
    ...purse,
    begin: (units) => {
      purse.begin(units)
      keepUp()
    },
    end: (answer, units) => {
      purse.end(answer, units)
      keepUp()
    },
    settle: () => {
      const rest = purse.rest()
      if (rest) write(rest.leftUsd)
    },
  }
}
