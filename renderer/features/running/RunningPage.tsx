import { Button } from '@mantine/core'
import { Play } from 'lucide-react'
import { useCallback, useMemo, useRef, useState } from 'react'
import { useHashLocation } from 'wouter/use-hash-location'
import { DataTable, rowHeightPx } from '../../components/DataTable.tsx'
import { EmptyView } from '../../components/EmptyView.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { TryBox } from '../../components/TryBox.tsx'
import { unloadAll, unloadModel } from '../../lib/actions.ts'
import { colorOf } from '../../lib/colors.ts'
import { estimated, formatMemory } from '../../lib/format.ts'
import { isRunning } from '../../lib/instances.ts'
import { failureOfState } from '../../lib/jobs.ts'
import { routes } from '../../lib/routes.ts'
import { useInstances, useJobs, useMirror } from '../../lib/store.ts'
import { instanceColumns } from './instanceColumns.tsx'
import { canUnloadNow, type InstanceRow, instanceRows, sumMemory } from './instanceRows.ts'
import { LoadAgain } from './LoadAgain.tsx'
import classes from './running.module.css'

const tryBoxHeightPx = 252
const reasonHeightPx = 22

export function RunningPage() {
  const instances = useInstances()
  const models = useMirror((mirror) => mirror.models)
  const colors = useMirror((mirror) => mirror.colors)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState<string | null>(null)
  const shown = useRef<readonly InstanceRow[]>([])
  const rows = useMemo(() => {
    shown.current = instanceRows(instances, models, shown.current, open)
    return shown.current
  }, [instances, models, open])
  const columns = useMemo(
    () =>
      instanceColumns({
        colorOf: (model) => colorOf(colors, model),
        isOpen: ({ id }) => open.has(id),
      }),
    [colors, open],
  )
  const below = useCallback(
    (row: InstanceRow) => {
      if (open.has(row.id)) return <TryInstance row={row} />
      if (!showsReason(row)) return null
      return (
        <div className={classes.reason} title={row.instance.reason ?? ''}>
          {row.instance.reason}
        </div>
      )
    },
    [open],
  )
  if (rows.length === 0) return <NothingRuns />

  const toggle = ({ id, canChat }: InstanceRow) => {
    if (!canChat) return
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  const unloadable = rows.filter(canUnloadNow)
  return (
    <div className={classes.page}>
      <PageHeader
        title="Running"
        fact={<Total rows={rows} />}
        action={
          <Button variant="default" disabled={unloadable.length === 0} onClick={() => void unloadAll()}>
            Unload all
          </Button>
        }
      />
      <DataTable
        label="Running models"
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        current={current}
        onCurrent={setCurrent}
        onOpen={toggle}
        onKey={(event, row) => {
          if (event.ctrlKey || event.metaKey || event.altKey || row === null) return
          if (event.key.toLowerCase() === 'u' && canUnloadNow(row))
            void unloadModel(row.instance.model, row.instance.id)
        }}
        rowHeight={(row) => rowHeightPx + (open.has(row.id) ? tryBoxHeightPx : showsReason(row) ? reasonHeightPx : 0)}
        rowExtra={below}
      />
    </div>
  )
}

function TryInstance({ row: { instance, name } }: { readonly row: InstanceRow }) {
  const failure = failureOfState(instance, useJobs())?.failure ?? null
  return (
    <TryBox
      model={instance.model}
      name={name}
      state={instance.state}
      failure={failure}
      remedy={<LoadAgain instance={instance} />}
    />
  )
}

/** The try box says the same, whole. */
const showsReason = ({ instance }: InstanceRow): boolean => instance.state === 'failed' && instance.reason !== null

function Total({ rows }: { readonly rows: readonly InstanceRow[] }) {
  const present = rows.filter(({ gone, instance }) => !gone && isRunning(instance))
  const failed = rows.filter(({ instance }) => instance.state === 'failed').length
  const sums = present.map(({ instance }) => sumMemory(instance.memory))
  const known = sums.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]))
  const memory = known.length === 0 ? null : formatMemory(known.reduce((sum, bytes) => sum + bytes, 0))
  const isExact = sums.every(({ bytes, measured }) => bytes !== null && measured)
  return [
    `${present.length} ${present.length === 1 ? 'instance' : 'instances'}`,
    ...(memory === null ? [] : [isExact ? memory : estimated(memory)]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ].join(', ')
}

function NothingRuns() {
  const [, navigate] = useHashLocation()
  return (
    <div className={classes.page}>
      <PageHeader title="Running" />
      <EmptyView
        icon={<Play />}
        title="Nothing is loaded"
        text="A model that is loaded stands here with what it holds in memory, and you can try it with one line. Load one from Models."
        actions={<Button onClick={() => navigate(routes.models)}>Go to Models</Button>}
      />
    </div>
  )
}
