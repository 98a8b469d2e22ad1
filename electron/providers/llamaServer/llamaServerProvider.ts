import { chatWithOpenAi, wireOfOpenAi } from '../openai/openAiChat.ts'
import { embedWithOpenAi } from '../openai/openAiEmbed.ts'
import { asWrongKind } from '../openai/openAiFault.ts'
import { exactLlama } from '../parts/llamaFlags.ts'
import { refuseIgnored } from '../parts/options.ts'
import type { Provider, ProviderConfig } from '../provider.ts'
import { createAbilities } from './llamaServerAbility.ts'
import { createLoraAdapters } from './llamaServerAdapters.ts'
import { createLlamaServerClient, type LlamaServerLimits } from './llamaServerClient.ts'
import { createDownloads } from './llamaServerDownloads.ts'
import { readFacts } from './llamaServerFacts.ts'
import { createInventory } from './llamaServerInventory.ts'
import { measureLlamaServer } from './llamaServerMeasure.ts'
import { createModes, ignoredOptions } from './llamaServerModes.ts'
import { createLlamaServerRouter } from './llamaServerRouter.ts'
import { createSlotWatch } from './slotWatch.ts'

export type LlamaServerProviderDeps = ProviderConfig & { readonly limits?: Partial<LlamaServerLimits> }

/**
 * llama-server, with one model or as a router. Which of the two stands at an address changes with each start of it, so
 * every verb of both is here; `cannot` and what each model lacks follow the mode, and a verb that this mode has not
 * rejects with VERB_NOT_SUPPORTED and the sentence that stands in `cannot`.
 */
export const createLlamaServerProvider = (deps: LlamaServerProviderDeps) => {
  const { id, name, address, now } = deps
  const client = createLlamaServerClient(deps)
  const modes = createModes(client, address)
  const router = createLlamaServerRouter(client)
  const downloads = createDownloads(client, router)
  const lora = createLoraAdapters(client)
  const abilities = createAbilities(client)
  const watch = createSlotWatch(now)
  const inventory = createInventory({ client, modes, abilities, watch, address, wasEndedByUs: router.wasEndedByUs })
  const { loadMs, idleMs } = client.limits

  /** A router would load an unloaded model for it, and nobody asked for that. A single server ignores the rest. */
  const inference = (path: string): string => `${path}?autoload=false`

  const chat: Provider['chat'] = async function* (key, request, signal) {
    await inventory.demand(key, 'chats', loadMs, signal)
    watch.used(key)
    const path = inference('/v1/chat/completions')
    yield* chatWithOpenAi(client.http, { path, model: key, request, firstTokenMs: loadMs, idleMs }, signal)
  }

  return {
    id,
    kind: 'llama-server',
    name,
    address,
    cannot: modes.cannot,
    ignoredOptions,
    async status(signal) {
      const startedAt = performance.now()
      try {
        const { version } = modes.learn(await client.props(null, signal))
        return { version, latencyMs: performance.now() - startedAt }
      } catch (error) {
        throw asWrongKind(error, 'a llama-server', address)
      }
    },
    models: inventory.models,
    details: inventory.details,
    instances: inventory.instances,
    async load(key, options, report, signal) {
      refuseIgnored(options, ignoredOptions)
      await modes.demand('load', signal)
      return router.load(key, report, signal)
    },
    async unload(key, _instance, signal) {
      await modes.demand('unload', signal)
      return router.unload(key, signal)
    },
    chat,
    async wire(key, { exact, ...request }, signal) {
      await inventory.demand(key, 'chats', loadMs, signal)
      watch.used(key)
      const extra = exact ? exactLlama : {}
      return wireOfOpenAi(client.http, { path: inference('/v1/chat/completions'), model: key, request, extra })
    },
    async measure(key, test, signal) {
      await inventory.demand(key, 'chats', loadMs, signal)
      watch.used(key)
      return measureLlamaServer(client, inference('/completion'), key, test, signal)
    },
    countTokens: client.countTokens,
    async embed(key, input, signal) {
      await inventory.demand(key, 'embeds', loadMs, signal)
      watch.used(key)
      // a free slot is waited for, and a busy server has none
      const call = { path: inference('/v1/embeddings'), model: key, input, answerMs: loadMs }
      return embedWithOpenAi(client.http, call, signal)
    },
    async pull(request, report, signal) {
      await modes.demand('pull', signal)
      return downloads.pull(request, report, signal)
    },
    async removal(key, signal) {
      await modes.demand('remove', signal)
      return downloads.removal(key, signal)
    },
    async remove(key, signal) {
      await modes.demand('remove', signal)
      return downloads.remove(key, signal)
    },
    async adapters(_key, signal) {
      await modes.demand('adapters', signal)
      return lora.read(signal)
    },
    async changeAdapter(_key, change, signal) {
      await modes.demand('adapters', signal)
      return lora.change(change, signal)
    },
    facts: (signal) => readFacts(client, signal),
    close: () => client.http.close(),
  } satisfies Provider
}
