import { Button, Group } from '@mantine/core'
import { navigate } from 'wouter/use-hash-location'
import type { Benchmark } from '../../../../shared/contract/benchmarks.ts'
import { mostCompared, runWord } from '../../../lib/benchmarkActions.ts'
import { openBenchmarkDialog } from '../../../lib/benchmarkDialogs.ts'
import { isUnderWay } from '../../../lib/benchmarks.ts'
import { routes } from '../../../lib/routes.ts'
import classes from '../benchmarks.module.css'
import { ExportMenu } from '../exchange/ExportMenu.tsx'

type RunSelectionBarProps = { readonly runs: readonly Benchmark[]; readonly onClear: () => void }

/** What can be done with several runs at once. */
export function RunSelectionBar({ runs, onClear }: RunSelectionBarProps) {
  const ids = runs.map(({ benchmark }) => benchmark)
  const ended = runs.filter((run) => !isUnderWay(run)).map(({ benchmark }) => benchmark)
  const measured = runs.filter(({ headline }) => headline.results > 0).map(({ benchmark }) => benchmark)
  const whyNot =
    measured.length > mostCompared
      ? `Select at most ${mostCompared} runs.`
      : measured.length < 2
        ? 'Select at least two runs that measured something.'
        : undefined
  return (
    <Group className={classes.selectionBar} gap={8} role="toolbar" aria-label="What to do with the selected runs">
      <span className={classes.selectionText}>{runWord(runs.length)} selected</span>
      <Button disabled={whyNot !== undefined} title={whyNot} onClick={() => navigate(routes.compare(measured))}>
        {measured.length === runs.length || measured.length < 2
          ? 'Compare'
          : `Compare ${measured.length} of ${runs.length}`}
      </Button>
      <ExportMenu runs={ids} />
      <Button
        variant="default"
        disabled={ended.length === 0}
        onClick={() => openBenchmarkDialog({ dialog: 'remove', runs: ended })}
      >
        {ended.length === runs.length || ended.length === 0 ? 'Remove…' : `Remove ${ended.length} of ${runs.length}…`}
      </Button>
      <Button variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </Group>
  )
}
