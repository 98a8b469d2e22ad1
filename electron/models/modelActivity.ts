import type { Job } from '../../shared/contract/jobs.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Instance, LoadOptions } from '../../shared/contract/models.ts'
import { AppError } from '../lib/appError.ts'

export interface LoadUnderWay {
  readonly options: LoadOptions
  readonly job: Job
  readonly cancel: AbortController
  readonly instance: Promise<Instance>
}

export interface UnloadUnderWay {
  /** the server's name of the one that goes; null: all of them go */
  readonly instance: string | null
  readonly done: Promise<void>
}

/** What Berth itself does with models, and how that went: written by their loads and answers, shown by their view. */
export const createModelActivity = (speeds: Map<string, number>) => {
  const failures = new Map<ModelId, string>()
  const estimates = new Map<ModelId, number | null>()
  const lastChats = new Map<ModelId, NonNullable<Instance['lastChat']>>()
  const reserved = new Map<ModelId, string>()
  const answering = new Map<ModelId, number>()
  return {
    loads: new Map<ModelId, LoadUnderWay>(),
    unloads: new Map<ModelId, UnloadUnderWay>(),
    /** models that somebody removes or renames, and what he does: for "it is being …" */
    held: new Map<ModelId, string>(),
    /** models that only one may load and unload, and what he does with them: for "it is being …" */
    reserved,
    /** @throws AppError BUSY */
    refuseReserved: (id: ModelId): void => {
      const what = reserved.get(id)
      if (what !== undefined) throw new AppError('BUSY', `${id} is being ${what}.`)
    },
    /** how many answers through Berth are under way */
    answering,
    /** Until the returned function is called, the model answers one more. */
    beginAnswer: (id: ModelId): (() => void) => {
      answering.set(id, (answering.get(id) ?? 0) + 1)
      return () => {
        const others = (answering.get(id) ?? 1) - 1
        if (others > 0) answering.set(id, others)
        else answering.delete(id)
      }
    },
    /** why the last load failed */
    failures,
    /** bytes that the last load was thought to need */
    estimates,
    lastChats,
    /** tokens per second by model id, the last that were measured */
    speeds,
    /** A model is gone, and another may get its name. */
    forget: (id: ModelId): void => {
      for (const known of [failures, estimates, lastChats]) known.delete(id)
    },
  }
}
export type ModelActivity = ReturnType<typeof createModelActivity>
