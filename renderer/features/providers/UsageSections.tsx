import type { Provider, UsageFigures } from '../../../shared/contract/providers.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { Figure } from '../../components/Figure.tsx'
import { Section } from '../../components/Section.tsx'
import sheet from '../../components/sheet.module.css'
import { formatCount, formatMoment, formatUsd } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { FactLine } from './FactLine.tsx'
import { cannotLines, ignoredLines } from './providerList.ts'
import classes from './providers.module.css'

export function Usage({ usage }: Pick<Provider, 'usage'>) {
  const rows: readonly (readonly [string, (figures: UsageFigures) => string])[] = [
    ['Answers', ({ requests }) => formatCount(requests)],
    ['Faults', ({ faults }) => formatCount(faults)],
    ['Tokens in', ({ promptTokens }) => formatCount(promptTokens)],
    ['Tokens out', ({ completionTokens }) => formatCount(completionTokens)],
    ['Cost', ({ costUsd }) => formatUsd(costUsd)],
  ]
  return (
    <Section title="Used through Berth">
      <table className={classes.usage}>
        <thead>
          <tr>
            <td />
            <th scope="col" title="since midnight UTC">
              Today
            </th>
            <th scope="col">In all</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, of]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {[usage.today, usage.total].map((figures, index) => (
                <td key={index === 0 ? 'today' : 'total'}>
                  <Figure text={of(figures)} why="It has not told a price." />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

export function LastFault({ provider: { lastFault } }: { readonly provider: Provider }) {
  const now = useNow(10_000)
  if (lastFault === null) return null
  return (
    <Section title="Last fault">
      <p className={classes.line}>
        <Copyable text={`${lastFault.code}: ${lastFault.message}`} what="last fault">
          {lastFault.message}
        </Copyable>
      </p>
      <div className={sheet.source}>
        {formatMoment(lastFault.at, now)} · {lastFault.code}
      </div>
    </Section>
  )
}

export function Limits({ provider }: { readonly provider: Provider }) {
  const cannot = cannotLines(provider)
  const ignored = ignoredLines(provider)
  if (cannot.length === 0 && ignored.length === 0) return null
  return (
    <>
      {cannot.length > 0 && (
        <Section title="What it cannot do">
          <dl className={sheet.facts}>
            {cannot.map(([verbs, why]) => (
              <FactLine key={why} label={verbs} value={why} />
            ))}
          </dl>
        </Section>
      )}
      {ignored.length > 0 && (
        <Section title="Load options it does not take">
          <dl className={sheet.facts}>
            {ignored.map(([options, why]) => (
              <FactLine key={why} label={options} value={why} />
            ))}
          </dl>
        </Section>
      )}
    </>
  )
}
