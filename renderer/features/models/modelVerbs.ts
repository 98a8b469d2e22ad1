import type { Model } from '../../../shared/contract/models.ts'
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

/** Why there is no Load here, in one sentence; null where there is one. */
export const whyNotLoadable = ({ cannot, verbs }: Model, provider: Provider | null): string | null =>
  verbs.load ? null : (cannot.load ?? provider?.cannot.load ?? 'There is nothing to load.')

const words = {
  chat: 'Chat',
  embed: 'Embed',
  keepAlive: 'Keep loaded',
  copy: 'Copy, rename',
  push: 'Push',
  remove: 'Remove',
  adapters: 'Adapters',
} satisfies Partial<Record<keyof Model['verbs'], string>>

/** What is missing beside Load, with the reason for each. */
export const missingVerbs = (
  { cannot }: Model,
  provider: Provider | null,
): { readonly word: string; readonly why: string }[] =>
  Object.entries(words).flatMap(([name, word]) => {
    const verb = name as keyof typeof words // its keys are those of `words`
    const why = cannot[verb] ?? provider?.cannot[verb]
    return why === undefined ? [] : [{ word, why }]
  })
