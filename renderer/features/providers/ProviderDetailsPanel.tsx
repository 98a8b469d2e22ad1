import { Button, Switch } from '@mantine/core'
import { CircleHelp } from 'lucide-react'
import type { Provider } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { Copyable } from '../../components/CopyButton.tsx'
import { DetailsPanel } from '../../components/DetailsPanel.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Figure } from '../../components/Figure.tsx'
import { Section } from '../../components/Section.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import sheet from '../../components/sheet.module.css'
import { changeProvider, checkProvider, switchProvider } from '../../lib/actions.ts'
import { formatCount, formatDuration, formatRelative, unknown } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { useProvider } from '../../lib/store.ts'
import { openEditProvider } from '../../lib/view.ts'
import { HealthSections } from './HealthSections.tsx'
import { KeySection } from './KeySection.tsx'
import { canCheck } from './ProviderMenu.tsx'
import { latencyOf, versionOf } from './providerList.ts'
import classes from './providers.module.css'
import { LastFault, Limits, Usage } from './UsageSections.tsx'

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
      <HealthSections provider={provider} />
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
