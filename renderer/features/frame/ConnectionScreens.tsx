import { Button } from '@mantine/core'
import { KeyRound, Anchor as Mark, Unplug } from 'lucide-react'
import classes from './Frame.module.css'

export function Connecting({ lost }: { readonly lost: boolean }) {
  return (
    <main className={`${classes.screen} ${classes.late}`}>
      <Mark size={28} aria-hidden />
      <h1>{lost ? 'Berth does not answer' : 'Connecting to Berth…'}</h1>
      {lost && <p>It is tried again by itself. If it stays so, start Berth again.</p>}
    </main>
  )
}

export function NotLetIn() {
  return (
    <main className={classes.screen}>
      <KeyRound size={28} aria-hidden />
      <h1>Open the link that Berth printed</h1>
      <p>
        This browser has not been let in yet. When Berth started, it printed a link in its terminal: open that link once
        in this browser. If it is used up, start Berth again for a new one.
      </p>
      <Button variant="default" onClick={() => window.location.reload()}>
        I have opened it
      </Button>
    </main>
  )
}

export function ConnectionLostBanner() {
  return (
    <div className={classes.banner} style={{ '--tone': 'var(--berth-stale)' } as React.CSSProperties} role="status">
      <Unplug size={16} className={classes.bannerIcon} aria-hidden />
      <span className={classes.bannerText}>
        <b>Connection lost, trying again.</b> What you see is what Berth last said.
      </span>
    </div>
  )
}
