import { Button, Group, SegmentedControl, Switch } from '@mantine/core'
import { FolderPlus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Copyable } from '../../components/CopyButton.tsx'
import { PageHeader } from '../../components/PageHeader.tsx'
import { changeSettings, scanFolder } from '../../lib/actions.ts'
import { formatMoment } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { routes } from '../../lib/routes.ts'
import { useFolders, useSettings, useSystem } from '../../lib/store.ts'
import { openAddFolder } from '../../lib/view.ts'
import { FolderList } from './FolderList.tsx'
import { KeySettings } from './KeySettings.tsx'
import { LanHosts } from './LanHosts.tsx'
import classes from './SettingsPage.module.css'

const themes = [
  { value: 'system', label: 'Like the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const

export function SettingsPage() {
  const settings = useSettings()
  const hasFolders = useFolders().length > 0
  return (
    <>
      <PageHeader title="Settings" />
      <div className={classes.page}>
        <Section
          title="Library folders"
          text="Berth looks through these folders and everything below them for models. It only reads."
          actions={
            <>
              {hasFolders && (
                <Button variant="default" onClick={() => void scanFolder()}>
                  Scan all
                </Button>
              )}
              <Button leftSection={<FolderPlus size={14} />} onClick={openAddFolder}>
                Add a folder
              </Button>
            </>
          }
        >
          <FolderList />
        </Section>
        <Section
          title="Providers"
          text="What runs models for Berth stands on a page of its own."
          actions={
            <Button component={Link} to={routes.providers} variant="default">
              Open Providers
            </Button>
          }
        />
        <Section
          title="Keys"
          text="Keys of providers are entered once, sent to their own address only and never shown again."
        >
          <KeySettings />
        </Section>
        <Section
          title="Local network"
          text="A search for servers asks this machine, and of the network these hosts alone, at the usual ports of servers, and only when you search."
        >
          <LanHosts />
        </Section>
        <Section title="Files" text="What Berth finds out about model files when nobody waits for it.">
          <Switch
            label="Compute the full SHA-256 of every model"
            styles={{ description: { fontSize: 12, lineHeight: '16px' } }}
            description="The smallest first, at a quarter of the speed while you work. Without it a file is hashed when you ask."
            checked={settings?.hashInBackground ?? false}
            disabled={settings === null}
            onChange={(event) => void changeSettings({ hashInBackground: event.currentTarget.checked })}
          />
        </Section>
        <Section title="Theme">
          <SegmentedControl
            aria-label="Theme"
            data={[...themes]}
            value={settings?.theme ?? 'system'}
            onChange={(value) => void changeSettings({ theme: value })}
          />
        </Section>
        <Section title="Data and about">
          <About />
        </Section>
      </div>
    </>
  )
}

type SectionProps = {
  readonly title: string
  readonly text?: string
  readonly actions?: ReactNode
  readonly children?: ReactNode
}

function Section({ title, text, actions, children }: SectionProps) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.head}>
        <div>
          <h2>{title}</h2>
          {text !== undefined && <p>{text}</p>}
        </div>
        {actions !== undefined && <Group gap={8}>{actions}</Group>}
      </div>
      {children}
    </section>
  )
}

function About() {
  const system = useSystem()
  const now = useNow(60_000)
  if (system === null) return null
  const host = system.host === 'desktop' ? 'in its own window' : 'without a window, served to a browser'
  return (
    <dl className={classes.facts}>
      <dt>Data folder</dt>
      <dd>
        <Copyable text={system.dataDir} what="the data folder’s path">
          <code>{system.dataDir}</code>
        </Copyable>
      </dd>
      <dt>Version</dt>
      <dd>
        <Copyable text={system.version} what="version">
          Berth {system.version}
        </Copyable>
      </dd>
      <dt>Runs</dt>
      <dd>
        {host}, since {formatMoment(system.startedAt, now)}
      </dd>
      <dt>Licence</dt>
      <dd>MIT</dd>
    </dl>
  )
}
