import { Button, Skeleton, Switch } from '@mantine/core'
import { CircleHelp } from 'lucide-react'
import type { Provider, UsageFigures } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { DetailsPanel } from '../../components/DetailsPanel.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { ErrorView } from '../../components/ErrorView.tsx'
import { FactList } from '../../components/FactList.tsx'
import { Figure } from '../../components/Figure.tsx'
import { Section } from '../../components/Section.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import sheet from '../../components/sheet.module.css'
import { changeProvider, checkProvider, switchProvider } from '../../lib/actions.ts'
import { formatCount, formatDuration, formatMoment, formatRelative, formatUsd, unknown } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { useProvider } from '../../lib/store.ts'
import { openEditProvider } from '../../lib/view.ts'
import { KeySection } from './KeySection.tsx'
import { canCheck } from './ProviderMenu.tsx'
import { accountLines, cannotLines, ignoredLines, latencyOf, versionOf } from './providerList.ts'
import classes from './providers.module.css'
import { useProviderHealth } from './useProviderHealth.ts'

type PanelProps = {
  readonly id: string
  readonly onClose: () => void
  readonly onRemove: (provider: string) => void
}

export function ProviderDetailsPanel({ id, onClose, onRemove }: PanelProps) {
  const provider = useProvider(id)
  if (provider === null)
    return (
      <DetailsPanel label="Provider details" title={id} onClose={onClose}>
        <EmptyView
          icon={<CircleHelp />}
          title="There is no provider of this name"
          text="It was removed, or the address of this page is not right."
          actions={<Button onClick={onClose}>Show all providers</Button>}
        />
      </DetailsPanel>
    )
  return (
    <DetailsPanel
      label="Provider details"
      title={
        <Copyable text={provider.name} what="name">
          {provider.name}
        </Copyable>
      }
      onClose={onClose}
      actions={<Actions provider={provider} onRemove={onRemove} />}
    >
      <Summary provider={provider} />
      <KeySection provider={provider} />
      <HidePaid provider={provider} />
      <Health provider={provider} />
      {provider.kind !== 'embedded' && <Usage usage={provider.usage} />}
      <LastFault provider={provider} />
      <Limits provider={provider} />
    </DetailsPanel>
  )
}

function Actions({ provider, onRemove }: { readonly provider: Provider; readonly onRemove: PanelProps['onRemove'] }) {
  const isOff = provider.status.state === 'off'
  return (
    <>
      <Button variant="default" disabled={!canCheck(provider)} onClick={() => void checkProvider(provider.provider)}>
        Check again
      </Button>
      {provider.kind !== 'embedded' && (
        <>
          <Button variant="default" onClick={() => openEditProvider(provider.provider)}>
            Edit…
          </Button>
          <Button variant="default" onClick={() => void switchProvider(provider)}>
            {isOff ? 'Switch on' : 'Switch off'}
          </Button>
          <Button variant="default" onClick={() => onRemove(provider.provider)}>
            Remove…
          </Button>
        </>
      )}
    </>
  )
}

function Summary({ provider }: { readonly provider: Provider }) {
  const now = useNow()
  const { tone, word, failure } = providerWords(provider, now)
  const { address, status } = provider
  const version = versionOf(provider)
  const checkedAt = status.state === 'unreachable' ? status.checkedAt : null
  return (
    <div className={sheet.section}>
      <dl className={sheet.facts}>
        <dt>State</dt>
        <dd>
          <Badge tone={tone} word={word} />
        </dd>
        <dt>Kind</dt>
        <dd>{kindLabel(provider.kind)}</dd>
        {address !== null && (
          <>
            <dt>Address</dt>
            <dd>
              <Copyable text={address} what="address" />
            </dd>
          </>
        )}
        <dt>Model prefix</dt>
        <dd>
          <Copyable text={`${provider.provider}/`} what="prefix of its models" />
        </dd>
        <dt>Version</dt>
        <dd>
          {version === null ? (
            <Figure text={unknown} why="It does not tell, or does not answer now." />
          ) : (
            <Copyable text={version} what="version" />
          )}
        </dd>
        <dt>Latency</dt>
        <dd>
          <Figure text={formatDuration(latencyOf(provider))} why="Not measured." />
        </dd>
        {checkedAt !== null && (
          <>
            <dt>Asked last</dt>
            <dd>{formatRelative(Math.min(checkedAt, now), now)}</dd>
          </>
        )}
        <dt>Models</dt>
        <dd>
          {formatCount(provider.models)}, {formatCount(provider.instances)} loaded
        </dd>
      </dl>
      {failure !== null && (
        <div className={classes.failure}>
          <ErrorView failure={failure} />
        </div>
      )}
    </div>
  )
}

function HidePaid({ provider }: { readonly provider: Provider }) {
  if (provider.hidePaid === null) return null
  return (
    <Section title="Prices">
      <Switch
        label="Hide models that cost money"
        checked={provider.hidePaid}
        onChange={(event) =>
          void changeProvider(`Change ${provider.name}`, provider.provider, { hidePaid: event.currentTarget.checked })
        }
      />
    </Section>
  )
}

function Health({ provider: { provider, status } }: { readonly provider: Provider }) {
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

function FactLine({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Copyable text={value} what={label} />
      </dd>
    </>
  )
}

function Usage({ usage }: Pick<Provider, 'usage'>) {
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

function LastFault({ provider: { lastFault } }: { readonly provider: Provider }) {
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

function Limits({ provider }: { readonly provider: Provider }) {
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
