import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { HttpClient } from '../../lib/httpClient.ts'
import { createChanges } from '../parts/changes.ts'
import { orCancelled } from '../parts/waiting.ts'
import type { ProviderInstance, ReportProgress } from '../provider.ts'
import { isNotLoaded } from './lemonadeFault.ts'
import type { LemonadeFiles } from './lemonadeFiles.ts'
import { type KnownLoad, optionsOf, toInstance } from './lemonadeInstance.ts'
import { toLoadFields } from './lemonadeOptions.ts'
import { Done, type ListedModel, LoadAnswer, type LoadedModel } from './lemonadeSchemas.ts'

export interface LemonadeLoadsDeps {
  readonly http: HttpClient
  readonly files: LemonadeFiles
  /** rejects with MODEL_NOT_FOUND */
  readonly item: (key: string, signal: AbortSignal) => Promise<ListedModel>
  readonly loaded: (signal: AbortSignal) => Promise<readonly LoadedModel[]>
  /** the name under which Lemonade lists what was loaded as `key`: that of an alias is its target’s */
  readonly targetOf: (key: string) => string
  readonly aliasesOf: (target: string) => readonly string[]
  readonly changed: () => void
  /** its processes run on this machine */
  readonly isLocal: boolean
  readonly now: () => number
  readonly loadMs: number
  readonly unloadMs: number
}

type Ours = { readonly options: LoadOptions; readonly pid: number | null; readonly loadedAt: number }
const gaveUp = 'Waiting for Lemonade was cancelled.'
const finishing = 'Lemonade ends a load that it has begun; then it is unloaded.'

export const createLemonadeLoads = (deps: LemonadeLoadsDeps) => {
  const { http, files, item, loaded, targetOf, aliasesOf, changed, isLocal, now } = deps
  const { pending, during } = createChanges<KnownLoad>('Lemonade', changed)
  /** loads that were cancelled: Lemonade cannot be stopped, so each is unloaded when it has ended */
  const undoing = new Map<string, Promise<void>>()
  const ours = new Map<string, Ours>()
  const closed = new AbortController()

  const knownOf = (key: string, entry: LoadedModel): KnownLoad => {
    const under = pending.get(key)
    if (under) return under
    if (undoing.has(key)) return { state: 'unloading', reason: finishing, options: {}, loadedAt: null }
    const own = ours.get(entry.model_name)
    const mine = own !== undefined && own.pid === entry.pid ? own : null
    const options = mine?.options ?? optionsOf(entry)
    if (entry.backend_alive === false)
      return { state: 'failed', reason: 'Its llama-server has ended.', options, loadedAt: null }
    return { state: 'loaded', reason: null, options, loadedAt: mine?.loadedAt ?? null }
  }

  const instances = async (signal: AbortSignal): Promise<readonly ProviderInstance[]> => {
    const entries = await loaded(signal)
    for (const name of ours.keys()) if (!entries.some(({ model_name }) => model_name === name)) ours.delete(name)
    const listed = entries.flatMap((entry) => [
      toInstance(entry.model_name, entry, knownOf(entry.model_name, entry), isLocal),
      // under its other names too; the process, and so its memory, stands at the first one
      ...aliasesOf(entry.model_name).map((alias) => toInstance(alias, entry, knownOf(alias, entry), false)),
    ])
    const seen = new Set(listed.map(({ key }) => key))
    const leaving: KnownLoad = { state: 'unloading', reason: finishing, options: {}, loadedAt: null }
    const others = new Map<string, KnownLoad>([...undoing.keys()].map((key) => [key, leaving]))
    for (const [key, known] of pending) others.set(key, known)
    return [
      ...listed,
      ...[...others].filter(([key]) => !seen.has(key)).map(([key, known]) => toInstance(key, null, known, isLocal)),
    ]
  }

  /** Everything that can be known to make it fail: a failed load costs every loaded model. */
  const prepare = async (key: string, options: LoadOptions, entries: readonly LoadedModel[], signal: AbortSignal) => {
    const model = await item(key, signal)
    const alone = entries.every(({ model_name }) => model_name === targetOf(key))
    const fields = toLoadFields(options, model, alone)
    if (model.downloaded === false)
      throw new AppError('MODEL_NOT_LOADABLE', `Lemonade has not downloaded ${key}, or its file is damaged.`, {
        advice: 'Pull it first.',
      })
    const missing = (await files.ask(model, signal))?.find(
      ({ name, role, exists }) =>
        // it shows the folder where the file should be
        exists === false || (model.recipe === 'llamacpp' && role === 'main' && !/\.gguf$/i.test(name)),
    )
    if (missing)
      throw new AppError('MODEL_NOT_LOADABLE', `A file of ${key} is gone: ${missing.name}.`, {
        advice: 'Pull it again.',
      })
    return fields
  }

  const requestUnload = async (name: string, signal: AbortSignal): Promise<void> => {
    // without a name Lemonade unloads everything
    if (name.trim() === '') throw new AppError('MODEL_NOT_FOUND', 'A model without a name cannot be unloaded.')
    const call = { path: '/v1/unload', body: { model_name: name }, limits: { answerMs: deps.unloadMs } }
    await http.json(call, Done, signal).catch((error: unknown) => {
      if (!isNotLoaded(error)) throw error
    })
    ours.delete(name)
  }

  /** The caller gave up. */
  const undo = (key: string, asked: Promise<{ model_name: string }>): void => {
    const ended = asked
      .then(({ model_name }) => requestUnload(model_name, closed.signal))
      .catch(() => {}) // it was not loaded, or its server cannot be asked any more, which shows by itself
      .finally(() => {
        undoing.delete(key)
        changed()
      })
    undoing.set(key, ended)
  }

  const load = (key: string, options: LoadOptions, report: ReportProgress, signal: AbortSignal) =>
    during(key, { state: 'loading', reason: null, options, loadedAt: null }, async (): Promise<ProviderInstance> => {
      report(null)
      await orCancelled(undoing.get(key), signal, gaveUp)
      const before = await loaded(signal)
      const fields = await prepare(key, options, before, signal)
      const wasLoaded = before.some(({ model_name }) => model_name === targetOf(key))
      const call = { path: '/v1/load', body: { model_name: key, ...fields }, limits: { answerMs: deps.loadMs } }
      const asked = http.json(call, LoadAnswer, closed.signal)
      asked.catch(() => {}) // heard below, or by undo
      try {
        const { model_name } = await orCancelled(asked, signal, gaveUp)
        const entry = (await loaded(signal)).find((each) => each.model_name === model_name) ?? null
        const record = { options, pid: entry?.pid ?? null, loadedAt: now() }
        ours.set(model_name, record)
        return toInstance(key, entry, { state: 'loaded', reason: null, options, loadedAt: record.loadedAt }, isLocal)
      } catch (error) {
        if (signal.aborted && !wasLoaded) undo(key, asked)
        throw error
      }
    })

  const unload = (key: string, signal: AbortSignal): Promise<void> =>
    during(key, { state: 'unloading', reason: null, options: {}, loadedAt: null }, async () => {
      await orCancelled(undoing.get(key), signal, gaveUp)
      const target = targetOf(key)
      const entry = (await loaded(signal)).find(({ model_name }) => model_name === target)
      if (entry === undefined)
        await item(key, signal) // it is not loaded: fine, if there is such a model
      else await requestUnload(entry.model_name, signal)
    })

  return { instances, load, unload, close: () => closed.abort() }
}
