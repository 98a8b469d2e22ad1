import { Button } from '@mantine/core'
import { PlugZap } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import type { Provider } from '../../../shared/contract/providers.ts'
import { DataTable, rowHeightPx } from '../../components/DataTable.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import type { Point } from '../../components/PointMenu.tsx'
import { useKeptOrder } from '../../components/useKeptOrder.ts'
import { checkAllProviders } from '../../lib/actions.ts'
import { nextAttempt } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { answering, keyWords } from '../../lib/providers.ts'
import { routes, useProviderInRoute } from '../../lib/routes.ts'
import { useProviders } from '../../lib/store.ts'
import { openConnect } from '../../lib/view.ts'
import { FoundSection } from './FoundSection.tsx'
import { ProviderDetailsPanel } from './ProviderDetailsPanel.tsx'
import { ProviderMenu, RowActions } from './ProviderMenu.tsx'
import { providerColumns } from './providerColumns.tsx'
import { compareProviders, type Sort, type SortColumn } from './providerList.ts'
import classes from './providers.module.css'
import { RemoveDialog } from './RemoveDialog.tsx'

const idOf = ({ provider }: Provider): string => provider
const firstSort: Sort = { column: 'name', descending: false }
/** Figures are looked at from the largest down, words from A. */
const startsDescending: readonly string[] = ['models', 'loaded', 'requests', 'tokens', 'cost', 'latency']

export function ProvidersPage() {
  const providers = useProviders()
  const [, navigate] = useHashLocation()
  const opened = useProviderInRoute()
  const [sort, setSort] = useState(firstSort)
  const [current, setCurrent] = useState<string | null>(opened)
  const [menu, setMenu] = useState<(Point & { readonly provider: string }) | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  const rows = useKeptOrder(providers, sort, idOf, compareProviders)
  const columns = useMemo(
    () =>
      providerColumns((row) => <RowActions provider={row} onMore={(at) => setMenu({ provider: idOf(row), ...at })} />),
    [],
  )
  const below = useCallback((row: Provider) => (isTroubled(row) ? <Trouble provider={row} /> : null), [])
  const sortBy = (column: string) =>
    setSort((before) => ({
      column: column as SortColumn, // only sortable columns of ours come here
      descending: before.column === column ? !before.descending : startsDescending.includes(column),
    }))
  const byId = (id: string | null) => providers.find(({ provider }) => provider === id)
  const menuProvider = byId(menu?.provider ?? null)
  const removed = byId(removing)
  return (
    <div className={classes.page}>
      <PageHeader title="Providers" fact={<Fact providers={providers} />} action={<HeaderActions />} />
      <div className={classes.split}>
        <div className={classes.list}>
          <FoundSection />
          <DataTable
            label="Providers"
            columns={columns}
            rows={rows}
            rowId={idOf}
            sort={sort}
            onSort={sortBy}
            current={current}
            onCurrent={setCurrent}
            onOpen={({ provider }) => navigate(routes.provider(provider))}
            onContextMenu={({ provider }, { clientX, clientY }) => setMenu({ provider, x: clientX, y: clientY })}
            rowHeight={(row) => rowHeightPx + (isTroubled(row) ? troubleHeightPx : 0)}
            rowExtra={below}
          />
        </div>
        {opened !== null && (
          <ProviderDetailsPanel
            key={opened}
            id={opened}
            onClose={() => navigate(routes.providers)}
            onRemove={setRemoving}
          />
        )}
      </div>
      {menuProvider !== undefined && menu !== null && (
        <ProviderMenu provider={menuProvider} at={menu} onClose={() => setMenu(null)} onRemove={setRemoving} />
      )}
      {removed !== undefined && <RemoveDialog provider={removed} onClose={() => setRemoving(null)} />}
    </div>
  )
}

function HeaderActions() {
  return (
    <span className={classes.headerActions}>
      <Button variant="default" onClick={() => void checkAllProviders()}>
        Check all
      </Button>
      <Button leftSection={<PlugZap size={14} />} onClick={() => openConnect()}>
        Connect a provider…
      </Button>
    </span>
  )
}

function Fact({ providers }: { readonly providers: readonly Provider[] }) {
  const { reachable, asked } = answering(providers)
  const off = providers.length - asked
  return `${reachable} of ${asked} ${asked === 1 ? 'answers' : 'answer'}${off === 0 ? '' : `, ${off} switched off`}`
}

const troubleHeightPx = 22
/** Something is wrong with it that a person should see without opening it. */
const isTroubled = ({ status, key }: Provider): boolean =>
  status.state === 'unreachable' || (status.state !== 'off' && keyWords(key).missing)

/** A server's own words may end without one. */
const withStop = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

/** Why it does not answer and when it is asked again, counted down; or what is wrong with its key. */
function Trouble({ provider: { status, key } }: { readonly provider: Provider }) {
  const now = useNow()
  const text =
    status.state === 'unreachable'
      ? `${withStop(status.reason)} ${nextAttempt(status.nextAttemptAt, now)}`
      : keyWords(key).text
  return (
    <div className={classes.trouble} data-state={status.state} title={text}>
      {text}
    </div>
  )
}
