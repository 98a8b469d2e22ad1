import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { create } from 'zustand'
import type { Contract } from '../../shared/contract/index.ts'
import { bridge } from './bridge.ts'
import { openPort, openSocket } from './carriers.ts'
import { type ConnectionState, createConnection } from './connection.ts'

export type Client = ContractRouterClient<Contract>

export const useConnection = create<ConnectionState>(() => ({ state: 'connecting' }))

/** Grows with every reconnection: what was fetched over an older carrier may have missed something. */
export const useConnectionGeneration = (): number =>
  useConnection((connection) => (connection.state === 'connected' ? connection.generation : 0))

const connection = createConnection({
  open: bridge === null ? openSocket : openPort,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  onState: (state) => useConnection.setState(state, true),
})

/** Everything Berth can do, typed by the contract, over whichever carrier stands. */
export const client: Client = createORPCClient(connection.link)

export const connect = (): void => void connection.run()
