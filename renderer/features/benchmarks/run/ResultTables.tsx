import { Button } from '@mantine/core'
import { useState } from 'react'
import type { BenchmarkResult } from '../../../../shared/contract/benchmarkResults.ts'
import type { BenchmarkWithResults } from '../../../../shared/contract/benchmarks.ts'
import { testName } from '../../../../shared/testName.ts'
import { Figure } from '../../../components/Figure.tsx'
import { Section } from '../../../components/Section.tsx'
import { formatInterval, formatMeasured, formatSpread } from '../../../lib/benchmarkFigures.ts'
import { formatCount, unknown } from '../../../lib/format.ts'
import classes from '../benchmarks.module.css'
import { EmbeddingTable } from './EmbeddingTable.tsx'
import { sweptOptions, sweptWords } from './results.ts'
import { SamplesDialog } from './SamplesDialog.tsx'
import { ServingTables } from './ServingTables.tsx'

/** More would hold the window; a sweep over everything makes thousands. */
const mostRows = 500

/** What the run measured: speeds with their spread, percentiles of requests, and the raw samples when they are asked for. */
export function ResultTables({ run: { benchmark, results } }: { readonly run: BenchmarkWithResults }) {
  const [sampled, setSampled] = useState<BenchmarkResult | null>(null)
  const swept = sweptOptions(results)
  const isServed = results.every(({ serving }) => serving !== null)
  const hasEnergy = results.some(({ tokensPerJoule }) => tokensPerJoule !== null)
  return (
    <>
      <Section title={results.length === 1 ? 'One result' : `${formatCount(results.length)} results`}>
        <div className={classes.scrollX}>
          <table className={classes.figures}>
            <thead>
              <tr>
                <th scope="col">Test</th>
                <th
                  scope="col"
                  title="Mean of the repetitions ± half the 95 % interval; below it the interval (Student’s t)."
                >
                  {isServed ? 'Throughput' : 'Mean ± 95 % interval'}
                </th>
                {hasEnergy && (
                  <th scope="col" title="Over the devices that tell their power.">
                    Energy
                  </th>
                )}
                <th scope="col">Samples</th>
              </tr>
            </thead>
            <tbody>
              {results.slice(0, mostRows).map((result) => (
                <tr key={result.position}>
                  <th scope="row">
                    {testName(result.test)}
                    {swept.size > 0 && <div className={classes.swept}>{sweptWords(result, swept)}</div>}
                  </th>
                  <td>
                    <Speed result={result} />
                  </td>
                  {hasEnergy && (
                    <td>
                      <Figure
                        text={formatMeasured(result.tokensPerJoule, 'tokens/J')}
                        why="No device tells its power, or it was too short to tell."
                      />
                    </td>
                  )}
                  <td>
                    <SamplesButton result={result} onShow={() => setSampled(result)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {results.length > mostRows && (
          <p className={classes.dim}>
            The first {formatCount(mostRows)} are listed; an export has all {formatCount(results.length)}.
          </p>
        )}
      </Section>
      <ServingTables results={results} />
      <EmbeddingTable results={results} />
      {sampled !== null && (
        <SamplesDialog run={benchmark.benchmark} result={sampled} onClose={() => setSampled(null)} />
      )}
    </>
  )
}

/** Mean ± half its interval, and the interval itself. */
function Speed({ result: { statistics, unit } }: { readonly result: BenchmarkResult }) {
  const { mean, interval, min, max } = statistics
  const spread = formatSpread(mean, interval, unit)
  return (
    <span title={`From ${formatMeasured(min, unit)} to ${formatMeasured(max, unit)}`}>
      <strong>{formatMeasured(mean, unit)}</strong>
      {spread !== null && <span className={classes.small}> {spread}</span>}
      {interval !== null && <div className={classes.small}>{formatInterval(interval, unit)}</div>}
    </span>
  )
}

type SamplesButtonProps = { readonly result: BenchmarkResult; readonly onShow: () => void }

function SamplesButton({ result: { statistics, serving, test }, onShow }: SamplesButtonProps) {
  const count = serving?.requests ?? statistics.count
  if (count === 0) return <Figure text={unknown} why="The file told the mean and no samples." />
  return (
    <Button
      size="compact-xs"
      variant="default"
      title="Each as it was measured"
      aria-label={`Show ${formatCount(count)} raw samples of ${testName(test)}`}
      onClick={onShow}
    >
      {formatCount(count)}…
    </Button>
  )
}
