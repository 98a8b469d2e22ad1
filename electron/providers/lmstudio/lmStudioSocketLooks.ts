import type { LmStudioIdentity } from './lmStudioKey.ts'
import { type SocketInstance, SocketInstances, SocketModels, SocketVersion } from './lmStudioSchemas.ts'
import { askSocket, type SocketQuestion } from './lmStudioSocket.ts'

export interface SocketLooksDeps {
  readonly address: string
  /** asked for with each question */
  readonly identity: () => LmStudioIdentity
  /** Unix milliseconds */
  readonly now: () => number
  readonly timeoutMs: number
}

/** A socket that is not there is not knocked at with every look. */
const restMs = 60_000

/** What LM Studio tells over its socket and not over REST. Where there is no socket, nothing is known. */
export const createSocketLooks = ({ address, identity, now, timeoutMs }: SocketLooksDeps) => {
  let restsUntil = 0

  const ask = async <T>(
    question: Pick<SocketQuestion<T>, 'namespace' | 'endpoint' | 'answer'>,
    signal: AbortSignal,
    insist = false,
  ) => {
    if (now() < restsUntil && !insist) return null
    const answer = await askSocket({ ...question, address, identity: identity(), timeoutMs }, signal)
    restsUntil = answer.failure === 'refused' ? now() + restMs : 0
    return answer
  }

  const version = { namespace: 'system', endpoint: 'version', answer: SocketVersion } as const
  const listLoaded = (namespace: 'llm' | 'embedding') => ({
    namespace,
    endpoint: 'listLoaded',
    answer: SocketInstances,
  })

  return {
    /** May one load over it? Asked anew each time. */
    access: async (signal: AbortSignal): Promise<'open' | 'key' | 'refused'> => {
      const failure = (await ask(version, signal, true))?.failure
      return failure === 'key' || failure === 'refused' ? failure : 'open'
    },
    version: async (signal: AbortSignal): Promise<string | null> =>
      (await ask(version, signal))?.value?.version ?? null,
    /** By their names. `types`: of the models of which some are loaded. */
    instances: async (
      types: readonly (string | null)[],
      signal: AbortSignal,
    ): Promise<ReadonlyMap<string, SocketInstance>> => {
      const namespaces = (['llm', 'embedding'] as const).filter((namespace) => types.includes(namespace))
      const answers = await Promise.all(namespaces.map((namespace) => ask(listLoaded(namespace), signal)))
      return new Map(answers.flatMap((answer) => (answer?.value ?? []).map((each) => [each.identifier, each])))
    },
    /** Model key → path below the folder of models. */
    paths: async (signal: AbortSignal): Promise<ReadonlyMap<string, string>> => {
      const models = await ask({ namespace: 'system', endpoint: 'listDownloadedModels', answer: SocketModels }, signal)
      return new Map((models?.value ?? []).flatMap(({ modelKey, path }) => (path === null ? [] : [[modelKey, path]])))
    },
  }
}

export type SocketLooks = ReturnType<typeof createSocketLooks>
