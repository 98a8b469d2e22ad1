import { AppError } from '../../lib/appError.ts'
import type { ProviderDetails, ProviderInstance, ProviderModel } from '../provider.ts'
import { type Abilities, type Ability, refusals } from './llamaServerAbility.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'
import { toDetails } from './llamaServerDetails.ts'
import { toInstance, toRoutedInstance } from './llamaServerInstance.ts'
import { type ModelFacts, toProviderModel } from './llamaServerModel.ts'
import type { Modes } from './llamaServerModes.ts'
import type { ModelEntry, Props, Slot } from './llamaServerSchemas.ts'
import type { createSlotWatch } from './slotWatch.ts'

export interface InventoryDeps {
  readonly client: LlamaServerClient
  readonly modes: Modes
  readonly abilities: Abilities
  readonly watch: ReturnType<typeof createSlotWatch>
  readonly address: string
  readonly wasEndedByUs: (key: string) => boolean
}

/** What there is and what runs, in both modes. No question of it loads a model or wakes one that sleeps. */
export const createInventory = ({ client, modes, abilities, watch, address, wasEndedByUs }: InventoryDeps) => {
  /** Of a process that runs: what it is, and what it answers as far as that can be asked without waking it. */
  const processFacts = async (entry: ModelEntry, props: Props, routed: boolean, signal: AbortSignal) => {
    const known = abilities.recall(entry.id, props)
    if (known !== null || props.is_sleeping) return { props, ability: known }
    return { props, ability: await abilities.of(entry.id, { props, entry, routed }, signal).catch(unlessPassing) }
  }

  const factsOf = async (entry: ModelEntry, own: Props | null, signal: AbortSignal): Promise<ModelFacts> => {
    const base = { entry, address, mode: own === null ? ('router' as const) : ('single' as const) }
    if (own !== null) return { ...base, ...(await processFacts(entry, own, false, signal)) }
    const props = entry.status?.value === 'loaded' ? await client.props(entry.id, signal).catch(unlessPassing) : null
    if (props === null) return { ...base, props: null, ability: null }
    return { ...base, ...(await processFacts(entry, props, true, signal)) }
  }

  /** `own`: the properties of a single server. */
  const look = async (signal: AbortSignal): Promise<{ entries: readonly ModelEntry[]; own: Props | null }> => {
    const props = await client.props(null, signal)
    const { mode } = modes.learn(props)
    const entries = await client.list(signal)
    return mode === 'router' ? { entries, own: null } : { entries: entries.slice(0, 1), own: props }
  }

  const slotsOf = (key: string, routed: boolean, signal: AbortSignal): Promise<readonly Slot[] | null> =>
    watch
      .read(key, () => client.slots(routed ? key : null, signal))
      .catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'VERB_NOT_SUPPORTED') return null // switched off
        if (routed) return unlessPassing(error)
        throw error
      })

  const singleInstance = async (entry: ModelEntry, props: Props, signal: AbortSignal): Promise<ProviderInstance[]> => {
    if (props.is_sleeping) return []
    const slots = props.endpoint_slots === false ? null : await slotsOf(entry.id, false, signal)
    const contextLength = props.default_generation_settings?.n_ctx ?? entry.meta?.n_ctx ?? null
    return [toInstance(entry.id, 'loaded', { contextLength, slots })]
  }

  return {
    models: async (signal: AbortSignal): Promise<readonly ProviderModel[]> => {
      const { entries, own } = await look(signal)
      const keys = new Set(entries.map(({ id }) => id))
      abilities.retain(keys)
      watch.retain(keys)
      return Promise.all(entries.map(async (entry) => toProviderModel(await factsOf(entry, own, signal))))
    },

    details: async (key: string, signal: AbortSignal): Promise<ProviderDetails> => {
      const { entries, own } = await look(signal)
      const entry = entries.find(({ id }) => id === key)
      if (!entry) throw new AppError('MODEL_NOT_FOUND', `llama-server has no model ${key}.`)
      const facts = await factsOf(entry, own, signal)
      return toDetails(facts, toProviderModel(facts).path)
    },

    instances: async (signal: AbortSignal): Promise<readonly ProviderInstance[]> => {
      const { entries, own } = await look(signal)
      const [only] = entries
      if (own !== null) return only === undefined ? [] : singleInstance(only, own, signal)
      const all = await Promise.all(
        entries.map(async (entry) => {
          const loaded = entry.status?.value === 'loaded'
          const slots = loaded ? await slotsOf(entry.id, true, signal) : null
          return toRoutedInstance(entry, slots, wasEndedByUs(entry.id))
        }),
      )
      return all.filter((instance) => instance !== null)
    },

    /**
     * Before a chat or an embedding: one that its process does not answer could end it. `answerMs`: it may have to wake.
     * @throws AppError VERB_NOT_SUPPORTED, MODEL_NOT_LOADED, MODEL_NOT_FOUND
     */
    demand: async (key: string, what: 'chats' | 'embeds', answerMs: number, signal: AbortSignal): Promise<void> => {
      let routed = modes.known() === 'router'
      let props = await client.props(routed ? key : null, signal)
      if (!routed && modes.learn(props).mode === 'router') {
        routed = true
        props = await client.props(key, signal)
      }
      const ability = abilities.recall(key, props) ?? (await asked(key, props, routed, answerMs, signal))
      if (ability[what]) return
      throw new AppError('VERB_NOT_SUPPORTED', ability.reason ?? refusals[what](ability.role))
    },
  }

  async function asked(key: string, props: Props, routed: boolean, answerMs: number, signal: AbortSignal) {
    const entry = (await client.list(signal)).find(({ id }) => id === key)
    if (!entry) throw new AppError('MODEL_NOT_FOUND', `llama-server has no model ${key}.`)
    return abilities.of(key, { props, entry, routed, answerMs }, signal) satisfies Promise<Ability>
  }
}

/** For the processes behind a router: one that ends, hangs or answers nonsense hides nothing of the others. */
const unlessPassing = (error: unknown): null => {
  const serious = ['CANCELLED', 'PROVIDER_UNREACHABLE', 'PROVIDER_KEY_REJECTED', 'PROVIDER_WRONG_KIND']
  if (error instanceof AppError && !serious.includes(error.code)) return null
  throw error
}
