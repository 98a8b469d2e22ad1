import type { Server } from 'node:http'
import { hostname as machineName, networkInterfaces } from 'node:os'
import { AppError, errnoOf, messageOf } from '../lib/appError.ts'
import { isLoopback, type Place, placeAt } from './gate.ts'

export interface ListenOptions {
  /** 0: any free one */
  readonly port: number
  readonly hostname?: string
  /** the user has chosen to be reachable from other machines, with a token of their own */
  readonly lan?: boolean
}

/** Starts listening, and tells by which names it may be called. */
export async function listen(
  server: Server,
  options: ListenOptions,
): Promise<{ readonly port: number; readonly place: Place; readonly address: string }> {
  const hostname = listenName(options)
  const port = await bind(server, options.port, hostname)
  const place = placeAt(port, isLoopback(hostname) ? [] : namesOfThisMachine(hostname))
  return { port, place, address: `http://${reachableName(hostname)}:${port}` }
}

/** Beyond loopback only when the user has said so and has given a token. */
function listenName({ hostname = '127.0.0.1', lan = false }: ListenOptions): string {
  if (isLoopback(hostname)) return hostname.toLowerCase() === 'localhost' ? '127.0.0.1' : hostname
  if (lan) return hostname
  throw couldBeReached(hostname)
}

export const couldBeReached = (hostname: string): AppError =>
  new AppError('INVALID_INPUT', `With --host ${hostname} other machines could reach Berth.`, {
    advice: 'If you want that, add --lan and --token TOKEN; the connection is not encrypted.',
  })

const namesOfThisMachine = (hostname: string): string[] => {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one?.map(({ address }) => address) ?? [])
  return [hostname, machineName(), `${machineName()}.local`, ...addresses]
}

const reachableName = (hostname: string): string => {
  if (hostname === '0.0.0.0') return '127.0.0.1'
  if (hostname === '::') return '[::1]'
  return hostname.includes(':') ? `[${hostname}]` : hostname
}

async function bind(server: Server, port: number, hostname: string): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host: hostname }, () => resolve())
    })
  } catch (error) {
    throw listenError(error, port, hostname)
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port.')
  return bound.port
}

function listenError(error: unknown, port: number, hostname: string): AppError {
  const code = errnoOf(error)
  if (code === 'EADDRINUSE') return new AppError('PORT_IN_USE', `Port ${port} is in use.`, { cause: error })
  if (code === 'EACCES')
    return new AppError('PORT_IN_USE', `Port ${port} may only be used by an administrator.`, { cause: error })
  return new AppError('INVALID_INPUT', `Berth cannot listen at ${hostname}: ${messageOf(error)}.`, {
    advice: 'Give an address of this machine with --host, or leave it out.',
    cause: error,
  })
}
