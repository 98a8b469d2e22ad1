import type { Job } from '../../shared/contract/jobs.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { Instance, LoadOptions } from '../../shared/contract/models.ts'

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
  return {
    loads: new Map<ModelId, LoadUnderWay>(),
    unloads: new Map<ModelId, UnloadUnderWay>(),
    /** models that somebody removes or renames, and what he does: for "it is being …" */
    held: new Map<ModelId, string>(),
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
