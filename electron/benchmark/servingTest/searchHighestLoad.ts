import type { ServingFigures } from '../../../shared/contract/benchmarkResults.ts'
import type { Load, ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import { loadName } from '../../../shared/testName.ts'
import type { RunContext } from '../runner.ts'
import { highestGood, keepsLimits, loadOf, maxSearchSteps, nextLoad, sizeOf, type TriedLoad } from './highestLoad.ts'
import type { Serving } from './measureServing.ts'

/** After the loads, from what they told. Each step is a result of its own; the last one says what was found. */
export const searchHighestLoad = async (
  context: RunContext,
  settings: ServingSettings,
  { measure }: Serving,
  known: ReadonlyMap<number, ServingFigures>,
): Promise<void> => {
  const { loads } = settings
  const kind = loads.at(-1)?.by ?? 'concurrency'
  const tried: TriedLoad[] = []
  for (const [position, load] of loads.entries()) {
    const figures = known.get(position)
    if (figures && load.by === kind) tried.push({ size: sizeOf(load), keepsLimits: keepsLimits(figures) })
  }

  for (let step = 0; step < maxSearchSteps; step++) {
    const size = nextLoad(kind, tried)
    if (size === null || (context.deadline !== null && performance.now() >= context.deadline)) return
    const load = loadOf(kind, size)
    const position = loads.length + step
    const before = context.done.get(position)?.serving
    if (before) {
      tried.push({ size, keepsLimits: keepsLimits(before) })
      continue
    }
    const measured = await measure({
      load,
      position,
      isSearch: true,
      name: `Looking for the highest load, ${loadName(load)}`,
      fraction: () => null,
      notes: (figures) => {
        const all = [...tried, { size, keepsLimits: keepsLimits(figures) }]
        const isLast = step === maxSearchSteps - 1 || nextLoad(kind, all) === null
        return isLast ? [foundNote(highestGood(all), kind)] : []
      },
    })
    if (measured.figures === null || measured.end !== 'whole') return
    tried.push({ size, keepsLimits: keepsLimits(measured.figures) })
  }
}

const foundNote = (good: number | null, kind: Load['by']): string =>
  good === null
    ? 'No load was found that keeps the limits.'
    : `The highest load that was found to keep the limits: ${loadName(loadOf(kind, good))}.`
