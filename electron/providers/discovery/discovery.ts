import type { FoundProvider } from '../../../shared/contract/providers.ts'
import { kindLabel, providerKinds } from '../../../shared/providerKinds.ts'
import { AppError } from '../../lib/appError.ts'
import { identifyServer, type ServerIdentity } from '../connections/identifyServer.ts'
import { isLoopback, serverOf, withoutVersion } from '../providerAddress.ts'
import { atDefaultPorts, type Candidate, type DefaultPorts, defaultPorts, oncePerServer, unique } from './candidates.ts'
import { isSet, namedAddresses, namedServices } from './environment.ts'
import { howToStart } from './howToStart.ts'
import { resolveHosts } from './lanHosts.ts'
import { findPrograms, type Program, type Where } from './programs.ts'

export interface DiscoveryDeps extends Omit<Where, 'root'> {
  /** machines of the local network that a person allowed to be asked: host names without a port */
  readonly lanHosts: () => readonly string[]
  readonly root?: string
  readonly ports?: DefaultPorts
  /** of one server, of reading the disk, and of all together */
  readonly limits?: { readonly probeMs: number; readonly filesMs: number; readonly wholeMs: number }
}

const defaultLimits = { probeMs: 1_500, filesMs: 1_000, wholeMs: 4_000 }

/** A server that answered. */
type Answering = { readonly candidate: Candidate; readonly identity: ServerIdentity }

/**
 * Everything on this machine, and at the allowed addresses, that could be connected: what answers, what variables name, and
 * what is installed and off. Nothing is started or connected, and no key is sent.
 */
export const createDiscovery = (deps: DiscoveryDeps) => {
  const { env, lanHosts, ports = defaultPorts, limits = defaultLimits } = deps
  const where: Where = { env, home: deps.home, platform: deps.platform, root: deps.root ?? '/' }

  return async (signal: AbortSignal): Promise<FoundProvider[]> => {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(limits.wholeMs)])
    const identify = async (candidate: Candidate): Promise<Answering[]> => {
      const identity = await identifyServer(candidate.address, null, bounded, limits.probeMs)
      return identity === null ? [] : [{ candidate, identity }]
    }
    const askLan = async (hosts: readonly string[]): Promise<Answering[]> => {
      const known = resolveHosts(hosts, bounded)
      const asked = hosts.map(async (host, index) =>
        (await known[index]) ? (await Promise.all(atDefaultPorts(host, ports).map(identify))).flat() : [],
      )
      return (await Promise.all(asked)).flat()
    }
    const askHere = async () => {
      const programs = await within(limits.filesMs, findPrograms(where), [])
      const named = [...namedAddresses(env, ports), ...programs.flatMap(bySettings)]
      const asked = unique([...named, ...atDefaultPorts('127.0.0.1', ports)]).map(identify)
      return { programs, named, answering: (await Promise.all(asked)).flat() }
    }
    const [here, lan] = await Promise.all([askHere(), askLan([...new Set(lanHosts())])])
    if (signal.aborted) throw new AppError('CANCELLED', 'The search was cancelled.')
    const running = [...here.answering, ...lan].map((answering) => toRunning(answering, ports, env))
    const stopped = here.programs.flatMap((program) => toStopped(program, running, here.named, ports))
    return oncePerServer([...running, ...namedServices(env), ...stopped])
  }
}

/** A disk that hangs must not hold up the rest; what it would have said is left out. */
const within = <T>(limitMs: number, work: Promise<T>, otherwise: T): Promise<T> => {
  const { promise, resolve } = Promise.withResolvers<T>()
  const timer = setTimeout(() => resolve(otherwise), limitMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

const bySettings = ({ kind, port }: Program): Candidate[] =>
  port === null ? [] : [{ address: `http://127.0.0.1:${port}`, namedBy: `the settings of ${kindLabel(kind)}`, kind }]

const toRunning = (
  { candidate, identity: { kind, version } }: Answering,
  ports: DefaultPorts,
  env: Where['env'],
): FoundProvider => {
  const { namedBy } = candidate
  const address = kind === 'openai' ? candidate.address : withoutVersion(candidate.address)
  const isOurs = isLoopback(address)
  const port = Number(new URL(address).port)
  const byPort = ports[kind]?.includes(port) ? 'answers on its default port' : `answers on port ${port}`
  const { hostname } = new URL(address)
  const variables = kind === 'openai' && !namedBy?.includes('OPENAI_BASE_URL') ? [] : providerKinds[kind].keyVariables
  return {
    kind,
    name: isOurs ? kindLabel(kind) : `${kindLabel(kind)} on ${hostname}`,
    address,
    seenBy: namedBy ?? (isOurs ? byPort : `${byPort} of ${hostname}, which you allowed`),
    state: 'running',
    version,
    advice: null,
    keyVariable: (isOurs ? variables.find((name) => isSet(env, name)) : null) ?? null,
  }
}

/** It is offered where it would answer: where its settings say, else at a default port that no other server has. */
const toStopped = (
  { kind, seenBy }: Program,
  running: readonly FoundProvider[],
  named: readonly Candidate[],
  ports: DefaultPorts,
): FoundProvider[] => {
  const here = running.filter(({ address }) => isLoopback(address))
  if (here.some((each) => each.kind === kind)) return []
  const usual = (ports[kind] ?? []).map((port) => `http://127.0.0.1:${port}`)
  const own = named.filter((each) => each.kind === kind && isLoopback(each.address)).map(({ address }) => address)
  const taken = new Set(here.map(({ address }) => serverOf(address)))
  const address = [...own, ...usual].find((each) => !taken.has(serverOf(each)))
  if (address === undefined) return []
  const advice = `${kindLabel(kind)} is installed, its server is off. ${howToStart[kind]}`
  return [{ kind, name: kindLabel(kind), address, seenBy, state: 'stopped', version: null, advice, keyVariable: null }]
}
