import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { clock } from './clock.ts'
import type { Inbox } from './inbox.ts'

/** A connection, and when the bytes that are being read of it came. */
export interface StampedConnection extends Duplex {
  /** of `clock` */
  stampedAt: number
}

/** What agents of node:http ask of a connection that they keep. */
const kept = (inner: Socket) => ({
  setKeepAlive: (...options: Parameters<Socket['setKeepAlive']>) => void inner.setKeepAlive(...options),
  setNoDelay: (on?: boolean) => void inner.setNoDelay(on),
  setTimeout: () => {}, // each request has a time limit of its own
  ref: () => void inner.ref(),
  unref: () => void inner.unref(),
})

/**
 * The connection that node:http reads in place of `inner`. The time is taken first thing when bytes arrive at the socket; HTTP and
 * what is in it are read later, by the inbox, so that many sockets that have something at once are all stamped before.
 */
export const stampedConnection = (inner: Socket, inbox: Inbox): StampedConnection => {
  const outer: StampedConnection = Object.assign(
    new Duplex({
      read: () => void inner.resume(),
      write: (chunk, encoding, done) => void inner.write(chunk, encoding, done),
      final: (done) => void inner.end(done),
      destroy: (error, done) => {
        inner.destroy()
        done(error)
      },
    }),
    kept(inner),
    { stampedAt: 0 },
  )
  inner.on('data', (chunk: Buffer) => {
    const at = clock()
    inbox(() => {
      outer.stampedAt = at
      if (!outer.destroyed && !outer.push(chunk)) inner.pause()
    })
  })
  inner.on('end', () => inbox(() => void outer.push(null)))
  inner.on('error', (error) => inbox(() => void outer.destroy(error)))
  inner.on('close', () => inbox(() => void outer.destroy()))
  return outer
}
