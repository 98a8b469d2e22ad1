import { setTimeout as delay } from 'node:timers/promises'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Model } from '../../shared/contract/models.ts'
import { splitModelId } from '../../shared/modelId.ts'
import type { App } from '../app.ts'
import { AppError } from '../lib/appError.ts'
import { closeNames } from './closeNames.ts'

type Services = Pick<App['services'], 'connections' | 'jobs' | 'models'>

/** Milliseconds. Providers are connected and folders looked through in the background after the start. */
const settling = { least: 1_500, most: 20_000, every: 50 }

/** @throws AppError MODEL_NOT_FOUND with names that are like it, PROVIDER_UNREACHABLE, CANCELLED */
export const findModel = async (
  { models, connections, jobs }: Services,
  model: ModelId,
  stopped: AbortSignal,
): Promise<Model> => {
  const began = performance.now()
  const isSettled = (): boolean => {
    const past = performance.now() - began
    if (past < settling.least) return false
    const isLooking = connections.list().some(({ status }) => status.state === 'checking')
    return (
      past > settling.most || !(isLooking || jobs.list(50).some((job) => job.kind === 'scan' && job.endedAt === null))
    )
  }
  for (;;) {
    const known = models.list({})
    const found = known.find((each) => each.model === model)
    if (found) return found
    if (stopped.aborted) throw new AppError('CANCELLED')
    if (isSettled()) throw notFound(model, known, connections.list())
    await delay(settling.every, undefined, { signal: stopped }).catch(() => {}) // the next round says that it was stopped
  }
}

const notFound = (
  model: string,
  known: readonly Model[],
  providers: ReturnType<Services['connections']['list']>,
): AppError => {
  const provider = providers.find((each) => each.provider === splitModelId(model)?.provider)
  if (provider?.status.state === 'unreachable')
    return new AppError('PROVIDER_UNREACHABLE', `${provider.name} does not answer: ${provider.status.reason}`, {
      advice: provider.status.advice,
    })
  const names = closeNames(
    model,
    known.filter(({ verbs }) => verbs.chat || verbs.embed).map((each) => each.model),
  )
  return new AppError('MODEL_NOT_FOUND', `There is no model ${model}.`, {
    advice:
      names.length > 0
        ? `Did you mean ${names.join(', or ')}?`
        : 'Names are as GET /api/v1/models and the Models page have them; --sample writes a small model to try.',
  })
}
