import { Button, Loader, Text } from '@mantine/core'
import { Dices, FolderPlus, PlugZap } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { navigate } from 'wouter/use-hash-location'
import { checkProvider, createSample } from '../../lib/actions.ts'
import { bridge } from '../../lib/bridge.ts'
import { isActive } from '../../lib/jobs.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { routes } from '../../lib/routes.ts'
import { useJobs, useProviders } from '../../lib/store.ts'
import { openAddFolder } from '../../lib/view.ts'
import classes from './WelcomePage.module.css'

/** The first start: what brings models here. It goes away by itself when there is one. */
export function WelcomePage() {
  return (
    <div className={classes.page}>
      <h1 className={classes.title}>Berth finds the AI models on this machine, loads them and shows what they cost.</h1>
      <ul className={classes.ways}>
        <Way
          icon={<FolderPlus size={20} />}
          title="Add a folder"
          text="Berth reads the model files (GGUF) in it and in the folders below. Nothing is copied or changed."
          action={<Button onClick={openAddFolder}>Add a folder</Button>}
        />
        <Connect />
        <Sample />
      </ul>
      <p className={classes.drop}>
        {bridge === null
          ? 'Berth runs on the machine that serves this page; folders are folders there.'
          : 'Or drop a folder or a model file anywhere in this window.'}
      </p>
    </div>
  )
}

type WayProps = {
  readonly icon: ReactNode
  readonly title: string
  readonly text: ReactNode
  readonly action: ReactNode
}

function Way({ icon, title, text, action }: WayProps) {
  return (
    <li className={classes.way}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <div className={classes.words}>
        <h2>{title}</h2>
        <Text c="dimmed">{text}</Text>
      </div>
      <div className={classes.action}>{action}</div>
    </li>
  )
}

function Connect() {
  const providers = useProviders().filter(({ kind }) => kind !== 'embedded')
  const now = useNow()
  const found = providers.filter(({ status }) => status.state === 'reachable')
  const looking = providers.some(({ status }) => status.state === 'checking')
  const names = found.map(
    ({ name, models }) => `${name} (${models === 0 ? 'no models in it yet' : `${models} models`})`,
  )
  const reasons = providers.map((provider) => `${provider.name}: ${providerWords(provider, now).text}`)
  return (
    <Way
      icon={<PlugZap size={20} />}
      title={`Connect what is already running: ${looking ? 'looking…' : `found ${found.length}`}`}
      text={found.length > 0 ? `${names.join(', ')} answers; its models appear by themselves.` : reasons.join(' ')}
      action={
        <>
          <Button variant="default" onClick={() => navigate(routes.settings)}>
            Addresses
          </Button>
          {found.length === 0 && (
            <Button
              variant="default"
              onClick={() => {
                for (const { provider } of providers) void checkProvider(provider)
              }}
            >
              Look again
            </Button>
          )}
        </>
      }
    />
  )
}

function Sample() {
  const [asked, setAsked] = useState(false)
  const running = useJobs().some((job) => job.kind === 'sample' && isActive(job))
  const busy = asked || running
  const create = async () => {
    setAsked(true)
    await createSample()
    setAsked(false)
  }
  return (
    <Way
      icon={<Dices size={20} />}
      title="Create a sample model"
      text="A small file with random weights, made here without a download. It really loads, and it talks nonsense: random weights."
      action={
        <Button
          variant="default"
          disabled={busy}
          leftSection={busy ? <Loader size={12} aria-hidden /> : undefined}
          onClick={() => void create()}
        >
          {busy ? 'Creating…' : 'Create a sample model'}
        </Button>
      }
    />
  )
}
