import { z } from 'zod'
import { createHttpClient, type HttpLimits } from '../../lib/httpClient.ts'
import { listModelsAs } from '../openai/openAiModels.ts'
import type { ProviderConfig } from '../provider.ts'
import { llamaServerFault } from './llamaServerFault.ts'
import { LoraAdapters, ModelEntry, Props, type Slot, Slots } from './llamaServerSchemas.ts'

export interface LlamaServerLimits extends HttpLimits {
  /** of a load, of waiting for a free slot, and of reading a prompt: minutes are normal */
  readonly loadMs: number
  /** until an unload is given up; a router kills a busy process after 10 s */
  readonly unloadMs: number
  /** of a download, whole */
  readonly pullMs: number
}

/**
 * To a router most GETs name a model, and load it unless that is forbidden. A single server ignores both.
 */
export const withModel = (path: string, model: string | null): string =>
  model === null ? path : `${path}?model=${encodeURIComponent(model)}&autoload=false`

/** Success means that it was begun, not that it is done. */
const Begun = z.object({ success: z.literal(true) })

const Tokens = z.object({ tokens: z.array(z.unknown()) })

/** `model`: of a router, whose process is asked; null asks the server itself. */
export const createLlamaServerClient = ({
  address,
  apiKey,
  limits: own,
}: Pick<ProviderConfig, 'address' | 'apiKey'> & { readonly limits?: Partial<LlamaServerLimits> | undefined }) => {
  const limits = { loadMs: 30 * 60_000, unloadMs: 60_000, pullMs: 24 * 3_600_000, idleMs: 5 * 60_000, ...own }
  const http = createHttpClient({
    name: 'llama-server',
    baseUrl: address,
    key: apiKey,
    limits: own,
    toFault: llamaServerFault,
  })

  return {
    http,
    limits,
    props: (model: string | null, signal: AbortSignal): Promise<Props> =>
      http.json({ path: withModel('/props', model) }, Props, signal),
    list: (signal: AbortSignal): Promise<readonly ModelEntry[]> => listModelsAs(http, '/models', ModelEntry, signal),
    /** Wakes a sleeping process. */
    slots: (model: string | null, signal: AbortSignal): Promise<readonly Slot[]> =>
      http.json({ path: withModel('/slots', model) }, Slots, signal),
    metrics: async (model: string | null, signal: AbortSignal): Promise<string> =>
      (await http.whole({ path: withModel('/metrics', model) }, signal)).text,
    adapters: (signal: AbortSignal): Promise<LoraAdapters> =>
      http.json({ path: '/lora-adapters' }, LoraAdapters, signal),
    /** Asks a router to begin something; it answers at once. */
    begin: async (path: string, model: string, signal: AbortSignal): Promise<void> =>
      void (await http.json({ path, body: { model } }, Begun, signal)),
    /** Any question that needs the model. `answerMs`: waking takes as long as loading. */
    wake: async (model: string, answerMs: number, signal: AbortSignal): Promise<void> =>
      void (await http.json(
        { path: withModel('/tokenize', model), body: { model, content: '' }, limits: { answerMs } },
        z.unknown(),
        signal,
      )),
    /** How many tokens of its model a text is. */
    countTokens: async (model: string, content: string, signal: AbortSignal): Promise<number> => {
      const call = { path: withModel('/tokenize', model), body: { model, content, add_special: false } }
      return (await http.json(call, Tokens, signal)).tokens.length
    },
    remove: async (model: string, signal: AbortSignal): Promise<void> =>
      void (await http.json(
        { path: `/models?model=${encodeURIComponent(model)}`, method: 'DELETE' },
        z.unknown(),
        signal,
      )),
  }
}
export type LlamaServerClient = ReturnType<typeof createLlamaServerClient>
