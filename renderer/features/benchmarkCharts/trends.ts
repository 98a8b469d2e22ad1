import type { BenchmarkTrend } from '../../../shared/contract/benchmarks.ts'
import { differingIn, optionsText } from './engineSeries.ts'
import { type Point, point } from './series.ts'

type TrendPoint = BenchmarkTrend['points'][number]

/** A small chart shows no more; what is older stands in the list of runs. */
export const mostTrendPoints = 120

export type Trend = {
  readonly id: string
  /** the test, with its options where the same test was measured with several */
  readonly title: string
  readonly trend: BenchmarkTrend
  /** the newest, oldest first */
  readonly points: readonly TrendPoint[]
  readonly drawn: readonly Point[]
  /** where another version was first measured */
  readonly versions: readonly { readonly at: number; readonly version: string }[]
  readonly regressions: readonly TrendPoint[]
}

const versionsOf = (points: readonly TrendPoint[]): Trend['versions'] => {
  const marks: { at: number; version: string }[] = []
  let known: string | null = null
  for (const { version, at } of points) {
    if (version === null || version === known) continue
    marks.push({ at, version })
    known = version
  }
  return marks
}

/** Ready to be drawn, in the order of the answer. */
export const trendsOf = (trends: readonly BenchmarkTrend[]): readonly Trend[] =>
  trends.map((trend) => {
    const alike = trends.filter(({ name }) => name === trend.name)
    const differing = differingIn(alike.map(({ options }) => options))
    const points = trend.points.slice(-mostTrendPoints)
    return {
      id: `${trend.name} ${JSON.stringify(trend.options)}`,
      title: differing.length === 0 ? trend.name : `${trend.name}, ${optionsText(trend.options, differing)}`,
      trend,
      points,
      drawn: points.map(({ at, value, interval }) => point(at, value, interval)),
      versions: versionsOf(points),
      regressions: points.filter(({ verdict }) => verdict === 'worse'),
    }
  })

export type Regression = { readonly trend: Trend; readonly point: TrendPoint; readonly isOver: boolean }

/** Newest first. `isOver`: what was measured after it was better again. */
export const regressionsOf = (trends: readonly Trend[]): readonly Regression[] =>
  trends
    .flatMap((trend) =>
      trend.regressions.map((each) => ({
        trend,
        point: each,
        isOver: trend.points.some(({ at, verdict }) => at > each.at && verdict === 'better'),
      })),
    )
    .sort((a, b) => b.point.at - a.point.at)

/** Small charts: those with something to see come first, so that single points do not fill the page. */
export const byInterest = (trends: readonly Trend[]): readonly Trend[] => {
  const rank = ({ regressions, points }: Trend): number => (regressions.length > 0 ? 0 : points.length > 1 ? 1 : 2)
  return [...trends].sort((a, b) => rank(a) - rank(b))
}
