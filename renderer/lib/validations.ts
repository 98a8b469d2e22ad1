import { navigate } from 'wouter/use-hash-location'
import { create } from 'zustand'
import type { Check, Rung } from '../../shared/contract/checks.ts'
import type { Report } from '../../shared/contract/files.ts'
import { tellDone } from './actions.ts'
import { client } from './client.ts'
import { type Failure, failureOf } from './failure.ts'
import { routes } from './routes.ts'
import { showFilesOf } from './view.ts'

export type RungResult = { readonly rung: Rung; readonly checks: readonly Check[] }

/** running → done | failed; each → running. Of the done ones only the last is kept: the host has them all. */
export type Validation =
  | {
      readonly state: 'running'
      readonly rungs: readonly RungResult[]
      /** of a folder of many models */
      readonly progress: { readonly done: number; readonly total: number | null } | null
    }
  | { readonly state: 'done'; readonly report: Report }
  | { readonly state: 'failed'; readonly failure: Failure }

type Validations = {
  readonly byPath: ReadonlyMap<string, Validation>
  /** several files one after another, asked for together; null: none are under way */
  readonly round: { readonly done: number; readonly total: number } | null
}

/** What this window has asked to be validated. */
export const useValidations = create<Validations>(() => ({ byPath: new Map(), round: null }))
export const useValidation = (path: string): Validation | null =>
  useValidations(({ byPath }) => byPath.get(path) ?? null)

const put = (path: string, validation: Validation): void =>
  useValidations.setState(({ byPath }) => {
    const others = [...byPath].filter(
      ([other, { state }]) => other !== path && (state !== 'done' || validation.state !== 'done'),
    )
    return { byPath: new Map([...others, [path, validation]]) }
  })

const follow = async (path: string): Promise<void> => {
  let running: Extract<Validation, { state: 'running' }> = { state: 'running', rungs: [], progress: null }
  put(path, running)
  const answer = await client.files.validate({ path, stream: true })
  if (!(Symbol.asyncIterator in answer)) {
    put(path, { state: 'done', report: answer })
    return
  }
  for await (const event of answer) {
    if (event.type === 'report') put(path, { state: 'done', report: event.report })
    else {
      running =
        event.type === 'rung'
          ? { ...running, rungs: [...running.rungs, { rung: event.rung, checks: event.checks }] }
          : { ...running, progress: { done: event.done, total: event.total } }
      put(path, running)
    }
  }
}

/** Looks into one file or folder, rung by rung. Never rejects: what went wrong is the validation's state. */
export const startValidation = async (path: string): Promise<void> => {
  if (useValidations.getState().byPath.get(path)?.state === 'running') return
  try {
    await follow(path)
  } catch (error) {
    put(path, { state: 'failed', failure: failureOf(error) })
  }
}

/** Opens the report of a file and makes it anew. */
export const validateFile = (path: string): void => {
  navigate(routes.file(path))
  void startValidation(path)
}

/** As many as the host looks into at once without anybody else having to wait. */
const lanes = 2
let roundEnd = new AbortController()

/** Opens the first report; the others follow by themselves. */
export const validateFiles = (paths: readonly string[]): void => {
  const [first] = paths
  if (first === undefined) return
  if (paths.length === 1) validateFile(first)
  else {
    navigate(routes.file(first))
    void validateRound(paths)
  }
}

/** The same without leaving the place one is at. */
export const validateRound = async (paths: readonly string[]): Promise<void> => {
  roundEnd.abort()
  roundEnd = new AbortController()
  const { signal } = roundEnd
  const left = paths.values()
  let done = 0
  let failed = 0
  useValidations.setState({ round: { done, total: paths.length } })
  const lane = async () => {
    for (const path of left) {
      if (signal.aborted) return
      await startValidation(path)
      if (signal.aborted) return
      done += 1
      if (useValidations.getState().byPath.get(path)?.state === 'failed') failed += 1
      useValidations.setState({ round: { done, total: paths.length } })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  if (signal.aborted) return
  useValidations.setState({ round: null })
  tellDone(`${done - failed} files validated${failed > 0 ? `, ${failed} could not be read` : ''}.`)
}

export const cancelRound = (): void => {
  roundEnd.abort()
  useValidations.setState({ round: null })
}

/** Everything below a folder, as a job; the Files page shows what it finds. Throws, so that a dialog can say why. */
export const validateFolder = async (path: string): Promise<void> => {
  const { subject } = await client.files.batch({ path })
  showFilesOf(subject)
  navigate(routes.files)
}
