import { Button, Skeleton } from '@mantine/core'
import type { Provider } from '../../../shared/contract/providers.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { FactList } from '../../components/FactList.tsx'
import { Section } from '../../components/Section.tsx'
import sheet from '../../components/sheet.module.css'
import { formatRelative } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { FactLine } from './FactLine.tsx'
import { accountLines } from './providerList.ts'
import classes from './providers.module.css'
import { useProviderHealth } from './useProviderHealth.ts'

/** What the server tells of itself and of the account behind its key. */
export function HealthSections({ provider: { provider, status } }: { readonly provider: Provider }) {
  const { asking, health, at, failure, again } = useProviderHealth(provider)
  const now = useNow(10_000)
  if (status.state === 'off') return null
  const groups = health?.groups ?? []
  const account = health?.account ?? null
  const isSaid = status.state === 'unreachable' && status.reason === health?.problem
  const problem = isSaid ? null : (health?.problem ?? null)
  const tellsNothing = health !== null && health.problem === null && groups.length === 0 && account === null
  return (
    <>
      <Section title="What it says of itself">
        <div className={classes.asked}>
          <span className={classes.dim} role="status">
            {asking ? 'Asking…' : at === null ? 'Not asked yet.' : `Asked ${formatRelative(Math.min(at, now), now)}.`}{' '}
            {!asking && tellsNothing && 'It tells nothing more.'}
          </span>
          <Button size="compact-xs" variant="default" disabled={asking} onClick={again}>
            Ask again
          </Button>
        </div>
        {health === null && asking && <Skeleton height={60} mt={8} />}
        {problem !== null && <p className={classes.problem}>{problem}</p>}
        {failure !== null && <ErrorView title="It could not be asked" failure={failure} />}
      </Section>
      {account !== null && (
        <Section title="Account">
          <dl className={sheet.facts}>
            {accountLines(account).map(([label, value]) => (
              <FactLine key={label} label={label} value={value} />
            ))}
          </dl>
        </Section>
      )}
      {groups.map(({ title, facts }) => (
        <Section key={title} title={title}>
          <FactList facts={facts} />
        </Section>
      ))}
    </>
  )
}
