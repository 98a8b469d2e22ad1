import type { ReactNode } from 'react'
import { useConnection } from '../../lib/client.ts'
import { useReady } from '../../lib/store.ts'
import { Connecting, ConnectionLostBanner, NotLetIn } from './ConnectionScreens.tsx'
import classes from './Frame.module.css'
import { Keys } from './Keys.tsx'
import { Navigation } from './Navigation.tsx'
import { Notices } from './Notices.tsx'
import { TopBar } from './TopBar.tsx'

/** What stands around every page. Until Berth has answered once, it says so instead of showing empty lists. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const connection = useConnection()
  const ready = useReady()
  if (connection.state === 'refused') return <NotLetIn />
  if (!ready) return <Connecting lost={connection.state === 'lost'} />
  return (
    <div className={classes.frame}>
      <Navigation />
      <TopBar />
      <main className={classes.main}>
        {connection.state === 'lost' && <ConnectionLostBanner />}
        <Notices />
        <div className={classes.page}>{children}</div>
      </main>
      <Keys />
    </div>
  )
}
