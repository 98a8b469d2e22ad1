import { type Model, ModelVerbs } from '../../shared/contract/models.ts'
import { AppError } from '../lib/appError.ts'
import type { Provider, ProviderModel } from '../providers/provider.ts'

type ModelVerb = keyof ModelVerbs
interface FoundModel {
  readonly inventory: { readonly provider: Provider }
  readonly model: ProviderModel
}

/** Of the whole list each model carries its sentences. */
const longestSentence = 500

const modelVerbs: readonly ModelVerb[] = ModelVerbs.keyof().options

/** Null: the verb is there. */
const whyLacking = ({ inventory: { provider }, model }: FoundModel, verb: ModelVerb): string | null => {
  if (!provider[verb]) return provider.cannot[verb] ?? `${provider.name} has no such verb: ${verb}.`
  return model.lacks[verb] ?? null
}

const verbsOfLoading: ReadonlySet<ModelVerb> = new Set(['load', 'unload', 'keepAlive'])

const whyNot = (found: FoundModel, verb: ModelVerb): string | null => {
  const why = whyLacking(found, verb)
  if (why !== null || found.model.loadable || !verbsOfLoading.has(verb)) return why
  return found.model.reason ?? 'This model cannot be loaded by itself.'
}

/**
 * What can be done with this model, and a sentence for each verb that it lacks though its provider has it. Those that its
 * provider lacks stand at the provider, once: in ten thousand models they would be megabytes.
 */
export const describeVerbs = (found: FoundModel): Pick<Model, 'verbs' | 'cannot'> => {
  const { provider } = found.inventory
  const cannot: Model['cannot'] = {}
  for (const verb of modelVerbs) {
    const why = provider[verb] ? whyNot(found, verb) : null
    if (why !== null) cannot[verb] = why.slice(0, longestSentence)
  }
  const can = (verb: ModelVerb): boolean => Boolean(provider[verb]) && cannot[verb] === undefined
  return {
    verbs: {
      load: can('load'),
      unload: can('unload'),
      keepAlive: can('keepAlive'),
      chat: can('chat'),
      embed: can('embed'),
      push: can('push'),
      copy: can('copy'),
      remove: can('remove'),
      adapters: can('adapters'),
    },
    cannot,
  }
}

/**
 * The verb of this model's provider. A file that cannot be loaded keeps its own error.
 * @throws AppError VERB_NOT_SUPPORTED with the words why there is none
 */
export const verbOf = <V extends ModelVerb>(found: FoundModel, verb: V): NonNullable<Provider[V]> => {
  const action = found.inventory.provider[verb]
  const why = whyLacking(found, verb)
  if (!action || why !== null) throw new AppError('VERB_NOT_SUPPORTED', why ?? undefined)
  return action
}
