import { Button, Checkbox, Skeleton } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import type { FoundProvider } from '../../../shared/contract/providers.ts'
import { kindLabel } from '../../../shared/providerKinds.ts'
import { ErrorView } from '../../components/ErrorView.tsx'
import { Badge } from '../../components/StateBadge.tsx'
import { attempt, connectProvider } from '../../lib/actions.ts'
import { foundWords, searchProviders, useFoundProviders } from '../../lib/foundProviders.ts'
import { useSettings } from '../../lib/store.ts'
import classes from './providers.module.css'

/** What could be connected. Nothing is, without a click. */
export function FoundSection() {
  const { searching, found, failure } = useFoundProviders()
  const lanHosts = useSettings()?.lanHosts.length ?? 0
  const where =
    lanHosts === 0
      ? 'this machine'
      : `this machine and ${lanHosts === 1 ? '1 address' : `${lanHosts} addresses`} of your network`
  return (
    <section className={classes.found} aria-label="Found">
      <div className={classes.foundHead}>
        <h2>Found on {where}</h2>
        <span className={classes.dim} role="status">
          {searching ? 'Searching…' : countText(found)}
        </span>
        <Button size="compact-xs" variant="default" disabled={searching} onClick={() => void searchProviders()}>
          Search again
        </Button>
      </div>
      {failure !== null && <ErrorView title="The search failed" failure={failure} />}
      <FoundRows found={found} searching={searching} />
    </section>
  )
}

const countText = (found: readonly FoundProvider[] | null): string => {
  if (found === null) return ''
  if (found.length === 0) return 'nothing new'
  return `${found.length} not connected`
}

/** A place keeps the height it had after the last search, so that the table below does not move. */
function FoundRows({
  found,
  searching,
}: {
  readonly found: readonly FoundProvider[] | null
  readonly searching: boolean
}) {
  const [last, setLast] = useLocalStorage({ key: 'berth-found-last', defaultValue: 1, getInitialValueInEffect: false })
  const count = found?.length ?? null
  useEffect(() => {
    if (count !== null) setLast(count)
  }, [count, setLast])
  if (found === null)
    return searching ? (
      <ul className={classes.foundList} aria-hidden>
        {Array.from({ length: last }, (_, index) => index).map((index) => (
          <li key={index} className={classes.foundRow}>
            <Skeleton className={classes.foundWaiting ?? ''} height={12} width="60%" />
          </li>
        ))}
      </ul>
    ) : null
  if (found.length === 0) return null
  return (
    <ul className={classes.foundList}>
      {found.map((each) => (
        <FoundRow key={`${each.kind} ${each.address}`} found={each} />
      ))}
    </ul>
  )
}

function FoundRow({ found }: { readonly found: FoundProvider }) {
  const { kind, name, address, state, version, keyVariable } = found
  const [busy, setBusy] = useState(false)
  const [usesKey, setUsesKey] = useState(true)
  if (kind === 'embedded') return null
  const connect = async () => {
    setBusy(true)
    const input = { kind, address, ...(keyVariable !== null && usesKey ? { keyVariable } : {}) }
    await attempt(`Connect ${name}`, () => connectProvider(input))
    setBusy(false)
  }
  const isRunning = state === 'running'
  const { tone, word, text } = foundWords(found)
  return (
    <li className={classes.foundRow}>
      <Badge tone={tone} word={word} />
      <span className={`${classes.foundName} ${classes.clipped}`} title={`${name}\n${kindLabel(kind)}`}>
        {name} {version !== null && <span className={classes.version}>{version}</span>}
      </span>
      <span className={`${classes.foundAddress} ${classes.clipped}`} title={address}>
        {address}
      </span>
      <span className={`${classes.foundFacts} ${isRunning ? classes.clipped : classes.advice}`} title={text}>
        {text}
      </span>
      <span className={classes.foundKey}>
        {isRunning && keyVariable !== null && (
          <Checkbox
            label={`Use the key in ${keyVariable}`}
            checked={usesKey}
            disabled={busy}
            onChange={(event) => setUsesKey(event.currentTarget.checked)}
          />
        )}
      </span>
      {isRunning ? (
        <Button
          size="compact-xs"
          loading={busy}
          aria-label={`Connect ${name} at ${address}`}
          onClick={() => void connect()}
        >
          Connect
        </Button>
      ) : (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Look for ${name} at ${address} again`}
          onClick={() => void searchProviders()}
        >
          Check again
        </Button>
      )}
    </li>
  )
}
