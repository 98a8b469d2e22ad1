import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { connectMessage, portMessage } from '../../shared/bridge.ts'
import { type Carrier, NotSignedIn } from './connection.ts'
import { linkSocket } from './linkSocket.ts'

/** Asked for after the link is made: the link must end its calls first, or they would still write into what is closed. */
const closedOf = (target: EventTarget): Promise<void> =>
  new Promise((resolve) => target.addEventListener('close', () => resolve(), { once: true }))

/** In the desktop window: the preload answers our message with a port to the main process. */
export const openPort = async (): Promise<Carrier> => {
  const port = await new Promise<MessagePort>((resolve) => {
    const listen = (event: MessageEvent<unknown>) => {
      const given = event.ports[0]
      if (event.source !== window || event.data !== portMessage || given === undefined) return
      window.removeEventListener('message', listen)
      resolve(given)
    }
    window.addEventListener('message', listen)
    window.postMessage(connectMessage, window.location.origin)
  })
  const link = new PortLink({ port })
  const closed = closedOf(port)
  port.start()
  return { link, closed, close: () => port.close() }
}

/** In a browser: a one-time ticket, paid with the cookie, opens the socket, so that no token stands in an address. */
export const openSocket = async (): Promise<Carrier> => {
  const answer = await fetch('/api/session/ticket', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-berth': '1' },
    body: '{}',
  })
  if (answer.status === 401) throw new NotSignedIn()
  if (!answer.ok) throw new Error(`The ticket was refused with status ${answer.status}.`)
  const { ticket }: { ticket: string } = await answer.json()
  const address = new URL(`/rpc?ticket=${encodeURIComponent(ticket)}`, window.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  address.hash = ''
  const websocket = new WebSocket(address)
  const link = new SocketLink({ websocket: linkSocket(websocket) })
  const closed = closedOf(websocket)
  const opened = new Promise<void>((resolve) => websocket.addEventListener('open', () => resolve(), { once: true }))
  if ((await Promise.race([opened.then(() => 'open'), closed.then(() => 'closed')])) === 'closed')
    throw new Error('The socket was closed before it opened.')
  return { link, closed, close: () => websocket.close() }
}
