import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { BenchmarkResult, ServingFigures, TokenCount } from '../../../../shared/contract/benchmarkResults.ts'
import { loadName, testName } from '../../../../shared/testName.ts'
import { Figure } from '../../../components/Figure.tsx'
import { Section } from '../../../components/Section.tsx'
import { formatMeasured } from '../../../lib/benchmarkFigures.ts'
import { formatCount, formatPercent, formatUsd } from '../../../lib/format.ts'
import classes from '../benchmarks.module.css'
import { PercentileTable } from './PercentileTable.tsx'

const metrics = [
  { value: 'ttftMs', label: 'TTFT', text: 'Time to the first token, from the planned arrival of each request.' },
  { value: 'itlMs', label: 'ITL', text: 'Between two pieces of an answer, of all answers.' },
  { value: 'tpotMs', label: 'TPOT', text: 'Mean time per token after the first, of each answer.' },
  { value: 'e2eMs', label: 'E2E', text: 'From the planned arrival of each request to the end of its answer.' },
  {
    value: 'lateMs',
    label: 'Late',
    text: 'How late requests left, beside their plan: what the client itself was behind.',
  },
] as const
type Metric = (typeof metrics)[number]['value']

interface Served {
  readonly position: number
  readonly name: string
  readonly serving: ServingFigures
}
const servedOf = (results: readonly BenchmarkResult[]): readonly Served[] =>
  results.flatMap(({ position, test, serving }) => {
    if (serving === null) return []
    const name = test.type === 'serving' ? `${loadName(test.load)}${test.search ? ' (search)' : ''}` : testName(test)
    return [{ position, name, serving }]
  })

/** Each load: its percentiles by metric, then what it got through. */
export function ServingTables({ results }: { readonly results: readonly BenchmarkResult[] }) {
  const [metric, setMetric] = useState<Metric>('ttftMs')
  const served = servedOf(results)
  if (served.length === 0) return null
  const chosen = metrics.find(({ value }) => value === metric)
  return (
    <>
      <Section title="Latency">
        <SegmentedControl
          aria-label="Latency of what"
          size="xs"
          data={metrics.map(({ value, label }) => ({ value, label }))}
          value={metric}
          onChange={(value) => setMetric(value as Metric)} // its values are ours
        />
        <p className={classes.hint}>{chosen?.text}</p>
        <PercentileTable
          rows={served.map(({ position, name, serving }) => ({ id: position, name, percentiles: serving[metric] }))}
        />
      </Section>
      <Section title="Requests">
        <RequestTable served={served} />
        <TokenCounts served={served} />
      </Section>
    </>
  )
}

function RequestTable({ served }: { readonly served: readonly Served[] }) {
  const hasGoodput = served.some(({ serving }) => serving.goodput !== null)
  const hasCost = served.some(({ serving }) => serving.costUsd !== null)
  return (
    <div className={classes.scrollX}>
      <table className={classes.figures}>
        <thead>
          <tr>
            <th scope="col">Load</th>
            <th scope="col">Succeeded</th>
            <th scope="col">Requests</th>
            {hasGoodput && (
              <th scope="col" title="Requests that kept all limits.">
                Goodput
              </th>
            )}
            <th scope="col">Tokens in</th>
            <th scope="col">Tokens out</th>
            {hasCost && <th scope="col">Cost</th>}
          </tr>
        </thead>
        <tbody>
          {served.map(({ position, name, serving }) => (
            <tr key={position}>
              <th scope="row">
                {name}
                <Errors errors={serving.errors} />
              </th>
              <td>
                {formatCount(serving.succeeded)} of {formatCount(serving.requests)}
              </td>
              <td>{formatMeasured(serving.requestsPerSecond, 'requests/s')}</td>
              {hasGoodput && (
                <td>
                  <Goodput goodput={serving.goodput} />
                </td>
              )}
              <td>
                <Figure text={formatMeasured(serving.inputTokensPerSecond, 'tokens/s')} why="Nobody counted them." />
              </td>
              <td>
                <Figure text={formatMeasured(serving.outputTokensPerSecond, 'tokens/s')} why="Nobody counted them." />
              </td>
              {hasCost && (
                <td>
                  <Figure text={formatUsd(serving.costUsd)} why="The provider did not tell." />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Goodput({ goodput }: Pick<ServingFigures, 'goodput'>) {
  if (goodput === null) return <Figure text="–" why="No limit was set." />
  return (
    <>
      {formatMeasured(goodput.requestsPerSecond, 'requests/s')}
      <div className={classes.small}>{formatPercent(goodput.part)} of all</div>
    </>
  )
}

/** By code, as they were counted. */
function Errors({ errors }: Pick<ServingFigures, 'errors'>) {
  const words = Object.entries(errors).map(([code, count]) => `${formatCount(count)} × ${code}`)
  if (words.length === 0) return null
  return <div className={classes.errors}>{words.join(', ')}</div>
}

const counts: Readonly<Record<TokenCount, string>> = {
  server: 'Tokens were counted by the server.',
  tokenizer: 'Tokens were counted by the tokenizer of the model.',
  approximate: 'Tokens are approximate: pieces of the answers were counted.',
}

function TokenCounts({ served }: { readonly served: readonly Served[] }) {
  const ways = [...new Set(served.map(({ serving }) => serving.tokenCount))]
  return <p className={classes.hint}>{ways.map((way) => counts[way]).join(' ')}</p>
}
