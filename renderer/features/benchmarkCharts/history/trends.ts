import type { BenchmarkTrend } from '../../../../shared/contract/benchmarkAnswers.ts'
import { type Point, point } from '../charts/series.ts'

type TrendPoint = BenchmarkTrend['points'][number]

/** A small chart shows no more; what is older stands in the list of runs. */
export const mostTrendPoints = 120

export type Trend = {
  readonly id: string
  /** the test, and what tells it from others of the same test */
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

/**
 * The first of each version that is worse than the version before. Every later point of that version is compared with the
 * same one before it, and would say the same once more.
 */
const firstWorse = (points: readonly TrendPoint[]): readonly TrendPoint[] => {
  const told = new Set<string | null>()
  return points.filter(({ verdict, version }) => {
    if (verdict !== 'worse' || told.has(version)) return false
    told.add(version)
    return true
  })
}

/** Ready to be drawn, in the order of the answer. */
export const trendsOf = (trends: readonly BenchmarkTrend[]): readonly Trend[] =>
  trends.map((trend, index) => {
    const points = trend.points.slice(-mostTrendPoints)
    return {
      id: `${index} ${trend.name}`,
      title: trend.name,
      trend,
      points,
      drawn: points.map(({ at, value, interval }) => point(at, value, interval)),
      versions: versionsOf(points),
      regressions: firstWorse(points),
    }
  })

/** Measured again with the same version it was no longer worse, or a later version was better. */
const isOver = ({ points }: Trend, since: TrendPoint): boolean => {
  const later = points.filter(({ at }) => at > since.at)
  const again = later.findLast(({ version }) => version === since.version)
  return again?.verdict === 'noise' || later.some(({ verdict }) => verdict === 'better')
}

export type Regression = { readonly trend: Trend; readonly point: TrendPoint; readonly isOver: boolean }

/** Newest first. `isOver`: what was measured after it did not show it any more. */
export const regressionsOf = (trends: readonly Trend[]): readonly Regression[] =>
  trends
    .flatMap((trend) =>
      trend.regressions.map((each) => ({
        trend,
        point: each,
        isOver: isOver(trend, each),
      })),
    )
    .sort((a, b) => b.point.at - a.point.at)

/** Small charts: those with something to see come first, so that single points do not fill the page. */
export const byInterest = (trends: readonly Trend[]): readonly Trend[] => {
  const rank = ({ regressions, points }: Trend): number => (regressions.length > 0 ? 0 : points.length > 1 ? 1 : 2)
  return [...trends].sort((a, b) => rank(a) - rank(b))
}

/** The most that one test was measured with. */
export const versionsIn = (trends: readonly Trend[]): number =>
  Math.max(0, ...trends.map(({ versions }) => new Set(versions.map(({ version }) => version)).size))
