import type { Job } from '../../shared/contract/jobs.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { InstanceId, LoadOptions } from '../../shared/contract/models.ts'
import type { Provider } from '../../shared/contract/providers.ts'
import type { SettingsPatch } from '../../shared/contract/settings.ts'
import { client } from './client.ts'
import { type Failure, failureOf } from './failure.ts'
import { isUnloadable } from './instances.ts'
import { useMirror } from './store.ts'

/** Told by the window's notifications; a page that shows the failure itself catches before it comes here. */
export type Tell = {
  failure: (title: string, failure: Failure, retry: () => void) => void
  /** `offer`: what can still be done about it, for example Undo */
  done: (text: string, offer?: Offer) => void
}
export type Offer = { readonly label: string; readonly run: () => void }
let tell: Tell = { failure: () => {}, done: () => {} }
export const tellBy = (by: Tell): void => {
  tell = by
}

export const tellDone: Tell['done'] = (text, offer) => tell.done(text, offer)

/** Runs what a person asked for. When it fails, says so with a way to try again, and resolves to null. */
export const attempt = async <T>(title: string, action: () => Promise<T>): Promise<T | null> => {
  try {
    return await action()
  } catch (error) {
    tell.failure(title, failureOf(error), () => void attempt(title, action))
    return null
  }
}

/** The load goes on as a job; its failure shows on the model and in Activity. */
export const loadModel = (model: ModelId, options?: LoadOptions) =>
  attempt(`Load ${model}`, () =>
    client.models.load({ model, wait: false, ...(options === undefined ? {} : { options }) }),
  )

/** `instance`: only this one of several. */
export const unloadModel = (model: ModelId, instance?: InstanceId) =>
  attempt(`Unload ${model}`, () => client.models.unload({ model, ...(instance === undefined ? {} : { instance }) }))

export const unloadAll = async (): Promise<void> => {
  const loaded = new Set(
    useMirror
      .getState()
      .instances.filter(isUnloadable)
      .map(({ model }) => model),
  )
  await Promise.all([...loaded].map((model) => unloadModel(model)))
}

export const cancelJob = ({ job, subject }: Job) => attempt(`Cancel ${subject}`, () => client.jobs.cancel({ job }))

/** A folder, or a file whose folder is meant. Throws, so that the dialog can show why beside its field. */
export const addFolder = async (path: string): Promise<void> => {
  const { folder } = await client.folders.add({ path })
  tell.done(`${folder.path} is being scanned.`)
}

export const removeFolder = (path: string) => attempt(`Remove ${path}`, () => client.folders.remove({ path }))
export const scanFolder = (path?: string) =>
  attempt('Scan again', () => client.folders.scan(path === undefined ? {} : { path }))

export const createSample = () =>
  attempt('Create a sample model', async () => {
    const sample = await client.samples.create({})
    tell.done(sample.notice)
    return sample
  })

export const checkProvider = (provider: string) => attempt('Check again', () => client.providers.check({ provider }))

/** All that are switched on; each answer shows in its own row. */
export const checkAllProviders = async (): Promise<void> => {
  const asked = useMirror.getState().providers.filter(({ status }) => status.state !== 'off')
  await Promise.all(asked.map(({ provider }) => checkProvider(provider)))
}

type ProviderChange = Omit<Parameters<typeof client.providers.change>[0], 'provider'>
/** What of it is changed is said by `title`, for when it fails. */
export const changeProvider = (title: string, provider: string, change: ProviderChange) =>
  attempt(title, () => client.providers.change({ provider, ...change }))
export const switchProvider = ({ provider, name, status }: Provider) =>
  changeProvider(`Switch ${name} ${status.state === 'off' ? 'on' : 'off'}`, provider, {
    enabled: status.state === 'off',
  })
export const removeProvider = ({ provider, name }: Provider) =>
  attempt(`Remove ${name}`, () => client.providers.remove({ provider }))

/** Connects and says how the first look at it went. Throws, so that a dialog can show why beside its fields. */
export const connectProvider = async (input: Parameters<typeof client.providers.add>[0]): Promise<Provider> => {
  const provider = await client.providers.add(input)
  const { name, status, models } = provider
  tell.done(
    status.state === 'unreachable'
      ? `${name} is added. It does not answer yet: ${status.reason}`
      : `${name} is connected with ${models === 1 ? '1 model' : `${models} models`}.`,
  )
  return provider
}

export const changeSettings = (patch: SettingsPatch) =>
  attempt('Change the settings', () => client.settings.change(patch))
export const dismissNotice = (id: string) =>
  attempt('Dismiss the notice', async () => {
    const system = await client.system.dismiss({ id })
    useMirror.setState({ system }) // its answer is the new value; no change is announced for it
  })
