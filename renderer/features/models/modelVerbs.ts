import type { Model, ModelRole } from '../../../shared/contract/models.ts'
import type { Provider } from '../../../shared/contract/providers.ts'

/** What can be done with a model now. One of `load`, `cancel` and `unload` at most is offered as the primary action. */
export interface ModelVerbs {
  readonly load: boolean
  readonly cancel: boolean
  readonly unload: boolean
}

export const modelVerbs = ({ state, loadable, verbs }: Model): ModelVerbs => ({
  load: loadable && verbs.load && (state === 'unloaded' || state === 'failed'),
  cancel: verbs.unload && state === 'loading',
  unload: verbs.unload && state === 'loaded',
})

/** It is loaded, or there is nothing to load. */
export const answersNow = ({ state, stale }: Model): boolean => !stale && (state === 'loaded' || state === 'available')

const companionOf: Partial<Record<ModelRole, string>> = {
  projector: 'A projector gives another model eyes or ears. It is used with that model, not loaded by itself.',
  adapter: 'An adapter changes another model. It is used with that model, not loaded by itself.',
  'control-vector': 'A control vector steers another model. It is used with that model, not loaded by itself.',
  imatrix: 'An importance matrix is used to quantise a model. It holds no model.',
  vocabulary: 'This file holds a vocabulary without weights. There is nothing to load.',
  diffusion: 'This is a part of an image model. The embedded engine runs text models.',
  draft: 'A draft model speeds another model up. It is used with that model, not loaded by itself.',
}

/** Why there is no Load here, in one sentence; null where there is one. */
export const whyNotLoadable = (model: Model, provider: Provider | null): string | null => {
  if (model.loadable && model.verbs.load) return null
  if (model.loadable)
    return provider?.cannot.load ?? `${provider?.name ?? model.provider} runs the model by itself when it is asked.`
  return model.reason ?? companionOf[model.role] ?? 'This file cannot be loaded by itself.'
}
