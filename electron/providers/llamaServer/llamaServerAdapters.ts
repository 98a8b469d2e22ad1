import { z } from 'zod'
import type { AdapterChange, Adapters } from '../../../shared/contract/modelCare.ts'
import { AppError } from '../../lib/appError.ts'
import type { LlamaServerClient } from './llamaServerClient.ts'
import type { LoraAdapters } from './llamaServerSchemas.ts'

const onlyAtStart =
  'llama-server takes adapters only when it starts: --lora FILE. While it runs their scales can be changed.'

/** LoRA adapters of a single server. Which ones there are is settled at its start. */
export const createLoraAdapters = (client: LlamaServerClient) => {
  /** A change is a reading and a writing, so one waits for the other. */
  let changing: Promise<unknown> = Promise.resolve()

  const scale = async (change: AdapterChange & { change: 'scale' }, signal: AbortSignal): Promise<Adapters> => {
    const before = await client.adapters(signal)
    if (!before.some(({ id }) => String(id) === change.id))
      throw new AppError('INVALID_INPUT', `This llama-server has no adapter ${change.id.slice(0, 50)}.`, {
        advice: 'List its adapters and use an id from there.',
      })
    // an adapter that is left out becomes 0, one that is unknown is accepted in silence
    const wanted = before.map(({ id, scale }) => ({ id, scale: String(id) === change.id ? change.scale : scale }))
    if (wanted.some(({ scale }) => scale === null))
      throw new AppError(
        'PROVIDER_BAD_ANSWER',
        'llama-server does not tell the scale of each adapter: none was changed.',
      )
    await client.http.json({ path: '/lora-adapters', body: wanted }, z.unknown(), signal)
    return toAdapters(await client.adapters(signal))
  }

  return {
    read: async (signal: AbortSignal): Promise<Adapters> => toAdapters(await client.adapters(signal)),
    change: (change: AdapterChange, signal: AbortSignal): Promise<Adapters> => {
      if (change.change !== 'scale') return Promise.reject(new AppError('VERB_NOT_SUPPORTED', onlyAtStart))
      const result = changing.then(() => scale(change, signal))
      changing = result.catch(() => {}) // its own caller hears of it
      return result
    },
  }
}

const toAdapters = (list: LoraAdapters): Adapters => ({
  adapters: list.map(({ id, path, scale }) => ({
    id: String(id),
    name: path?.split(/[\\/]/).at(-1) || `Adapter ${id}`,
    path,
    scale,
  })),
  can: { scale: true, add: false, remove: false },
})
