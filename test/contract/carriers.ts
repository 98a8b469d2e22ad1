import { once } from 'node:events'
import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { RPCHandler } from '@orpc/server/message-port'
import { request } from 'undici'
import { WebSocket } from 'ws'
import { z } from 'zod'
import type { App } from '../../electron/app.ts'
import type { HttpHost } from '../../electron/headless/httpHost.ts'
import type { Contract } from '../../shared/contract/index.ts'
import { createRestLink } from './restLink.ts'

export type Client = ContractRouterClient<Contract>
export interface Carrier {
  readonly client: Client
  readonly close: () => void
}
export interface Hosted {
  readonly app: App
  readonly host: HttpHost
  readonly token: string
}

/** As the window calls: through a port to the process that holds the application. */
const overPort = ({ app }: Hosted): Promise<Carrier> => {
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(app.router).upgrade(port1, { context: {} })
  const client: Client = createORPCClient(new PortLink({ port: port2 }))
  port1.start()
  port2.start()
  return Promise.resolve({ client, close: () => port2.close() })
}

/** As a browser calls: through a socket opened with a ticket. */
const overSocket = async ({ host, token }: Hosted): Promise<Carrier> => {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await request(`${host.address}/api/session/ticket`, { method: 'POST', headers })
  const { ticket } = z.object({ ticket: z.string() }).parse(await answer.body.json())
  const socket = new WebSocket(`${host.address.replace('http', 'ws')}/rpc?ticket=${ticket}`)
  await once(socket, 'open')
  const client: Client = createORPCClient(new SocketLink({ websocket: socket as unknown as globalThis.WebSocket }))
  return { client, close: () => socket.close() }
}

/** As a program calls: REST with a token. */
const overRest = ({ host, token }: Hosted): Promise<Carrier> =>
  Promise.resolve({ client: createORPCClient(createRestLink(host.address, token)), close: () => {} })

export const carriers: Readonly<Record<string, (hosted: Hosted) => Promise<Carrier>>> = {
  MessagePort: overPort,
  WebSocket: overSocket,
  REST: overRest,
}
