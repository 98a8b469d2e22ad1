import type { ClientContext, ClientLink } from '@orpc/client'
import { ConnectionLost } from './failure.ts'

type Link = ClientLink<ClientContext>

/** One carrier that stands now: a port or a socket. `closed` resolves when it falls. */
export type Carrier = { readonly link: Link; readonly closed: Promise<void>; close(): void }

/** The host knows this page, but not who sits before it: no cookie, or one that no longer counts. */
export class NotSignedIn extends Error {
  constructor() {
    super('This browser has not been let in.')
    this.name = 'NotSignedIn'
  }
}

/** connecting → connected → lost → connected; connecting | lost → refused. `generation` counts the carriers. */
export type ConnectionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly generation: number }
  | { readonly state: 'lost' }
  | { readonly state: 'refused' }

export type ConnectionDeps = {
  readonly open: () => Promise<Carrier>
  readonly wait: (ms: number) => Promise<void>
  readonly onState: (state: ConnectionState) => void
}

const longestWaitMs = 10_000
export const backOffMs = (attempt: number): number => Math.min(250 * 2 ** attempt, longestWaitMs)

/** Keeps a carrier up for as long as the page lives. Calls made before the first one wait; later gaps reject. */
export function createConnection({ open, wait, onState }: ConnectionDeps) {
  let carrier: Carrier | null = null
  let failed = false
  let stopped = false
  let settleFirst = () => {}
  const first = new Promise<void>((resolve) => {
    settleFirst = resolve
  })

  const run = async () => {
    let generation = 0
    let attempt = 0
    onState({ state: 'connecting' })
    while (!stopped) {
      try {
        carrier = await open()
        generation += 1
        attempt = 0
        onState({ state: 'connected', generation })
        settleFirst()
        await carrier.closed
      } catch (error) {
        if (error instanceof NotSignedIn) {
          failed = true
          settleFirst()
          onState({ state: 'refused' })
          return
        }
      }
      carrier = null
      if (stopped) return
      onState({ state: 'lost' })
      await wait(backOffMs(attempt))
      attempt += 1
    }
  }

  const link: Link = {
    call: async (path, input, options) => {
      if (carrier === null && !failed) await first
      if (carrier === null) throw new ConnectionLost()
      return carrier.link.call(path, input, options)
    },
  }

  return {
    link,
    run,
    stop: () => {
      stopped = true
      carrier?.close()
    },
  }
}
