import { Button, Loader, Text } from '@mantine/core'
import { Dices, FolderPlus, PlugZap } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { FoundProvider, Provider } from '../../../shared/contract/providers.ts'
import { attempt, connectProvider, createSample } from '../../lib/actions.ts'
import { bridge } from '../../lib/bridge.ts'
import { foundWords, searchProviders, useFoundProviders } from '../../lib/foundProviders.ts'
import { isActive } from '../../lib/jobs.ts'
import { useNow } from '../../lib/now.ts'
import { providerWords } from '../../lib/providers.ts'
import { useJobs, useProviders } from '../../lib/store.ts'
import { openAddFolder, openConnect } from '../../lib/view.ts'
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
  readonly below?: ReactNode
}

function Way({ icon, title, text, action, below }: WayProps) {
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
      {below}
    </li>
  )
}

/** What is connected already, and what could be. Nothing is connected without a click. */
function Connect() {
  const { searching, found } = useFoundProviders()
  const connected = useProviders().filter(({ kind }) => kind !== 'embedded')
  const now = useNow()
  const running = found?.filter(({ state }) => state === 'running') ?? []
  const answering = running.filter(({ advice }) => advice === null).length
  const count = found === null && searching ? 'looking…' : `found ${answering}`
  return (
    <Way
      icon={<PlugZap size={20} />}
      title={`Connect what is already running: ${count}`}
      text="Ollama, LM Studio, llama-server, vLLM and others, on this machine or elsewhere. Their models appear here."
      below={
        <ul className={classes.offers}>
          {connected.map((provider) => (
            <li key={provider.provider} className={classes.offer}>
              <span className={classes.offerWords}>
                {provider.name}: {connectedText(provider, now)}
              </span>
            </li>
          ))}
          {running.map((each) => (
            <Offer key={`${each.kind} ${each.address}`} found={each} />
          ))}
        </ul>
      }
      action={
        <>
          {running.length === 0 && (
            <Button variant="default" disabled={searching} onClick={() => void searchProviders()}>
              Look again
            </Button>
          )}
          <Button variant="default" onClick={() => openConnect()}>
            Another address…
          </Button>
        </>
      }
    />
  )
}

const connectedText = (provider: Provider, now: number): string =>
  provider.status.state === 'reachable' && provider.models === 0
    ? 'connected, there is no model in it yet'
    : providerWords(provider, now).text

function Offer({ found }: { readonly found: FoundProvider }) {
  const { kind, name, address, keyVariable } = found
  const [busy, setBusy] = useState(false)
  if (kind === 'embedded') return null
  const connect = async () => {
    setBusy(true)
    await attempt(`Connect ${name}`, () =>
      connectProvider({ kind, address, ...(keyVariable === null ? {} : { keyVariable }) }),
    )
    setBusy(false)
  }
  return (
    <li className={classes.offer}>
      <span className={classes.offerWords}>
        <b>{name}</b> at {address}{' '}
        <Text span c="dimmed">
          {foundWords(found).text}
        </Text>
        {keyVariable !== null && <Text c="dimmed">Connected from here, it uses the key in {keyVariable}.</Text>}
      </span>
      <Button
        size="compact-xs"
        loading={busy}
        aria-label={`Connect ${name} at ${address}`}
        onClick={() => void connect()}
      >
        Connect
      </Button>
    </li>
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
      text="A small file with random weights, made here without a download. It really loads, and it talks nonsense."
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
