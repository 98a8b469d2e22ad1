import type { ChatChunk, ChatRequest, ChatResult, EmbedRequest, EmbedResult } from '../../shared/contract/answers.ts'
import type { AdapterChange, Adapters } from '../../shared/contract/modelCare.ts'
import type { ModelId } from '../../shared/contract/modelId.ts'
import type { SpeedRepository } from '../catalog/speedRepository.ts'
import { AppError } from '../lib/appError.ts'
import type { ModelActivity } from './modelActivity.ts'
import type { Found } from './modelNews.ts'
import { verbOf } from './modelVerbs.ts'
import type { ModelView } from './modelView.ts'

export interface ModelAnswersDeps {
  readonly view: ModelView
  readonly activity: ModelActivity
  readonly speeds: SpeedRepository
  readonly now: () => number
  /** its last chat or its speed changed */
  readonly announce: (found: Found) => void
}

/** What a model that is loaded, or that needs no load, is asked. */
export const createModelAnswers = ({ view, activity, speeds, now, announce }: ModelAnswersDeps) => {
  const { find, checkAnswers } = view

  const noteSpeed = (id: ModelId, tokensPerSecond: number): void => {
    activity.speeds.set(id, tokensPerSecond)
    speeds.save(id, tokensPerSecond, now())
  }

  const chat = async function* (request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatChunk, void, void> {
    const found = find(request.model)
    const { provider } = found.inventory
    const ask = verbOf(found, 'chat')
    checkAnswers(found)
    const { model: id, stream: _, ...rest } = request
    activity.refuseReserved(id) // it would wait for what is measured, and be in its figures
    const ended = activity.beginAnswer(id)
    try {
      for await (const chunk of ask.call(provider, found.model.key, rest, signal)) {
        if (chunk.type !== 'done') {
          yield chunk
          continue
        }
        const { ttftMs, tokensPerSecond } = chunk.timings
        activity.lastChats.set(id, { ttftMs, tokensPerSecond, at: now() })
        if (tokensPerSecond !== null) noteSpeed(id, tokensPerSecond)
        announce(found)
        yield { ...chunk, model: id }
      }
    } finally {
      ended()
    }
  }

  const embed = async ({ model: id, input }: EmbedRequest, signal: AbortSignal): Promise<EmbedResult> => {
    const found = find(id)
    const ask = verbOf(found, 'embed')
    checkAnswers(found)
    activity.refuseReserved(id)
    const startedAt = performance.now()
    const ended = activity.beginAnswer(id)
    const result = await ask.call(found.inventory.provider, found.model.key, input, signal).finally(ended)
    if (result.embeddings.length !== input.length)
      throw new AppError(
        'PROVIDER_BAD_ANSWER',
        `${found.inventory.provider.name} answered ${result.embeddings.length} vectors for ${input.length} texts.`,
      )
    return { ...result, model: id, totalMs: performance.now() - startedAt }
  }

  const adapters = async (id: ModelId, change: AdapterChange | null, signal: AbortSignal): Promise<Adapters> => {
    const found = find(id)
    const { provider } = found.inventory
    const read = verbOf(found, 'adapters')
    checkAnswers(found)
    if (change === null) return read.call(provider, found.model.key, signal)
    if (!provider.changeAdapter) throw new AppError('VERB_NOT_SUPPORTED', `${provider.name} cannot change adapters.`)
    return provider.changeAdapter(found.model.key, change, signal)
  }

  /** The whole answer at once. */
  const complete = async (request: ChatRequest, signal: AbortSignal): Promise<ChatResult> => {
    let content = ''
    for await (const chunk of chat(request, signal)) {
      if (chunk.type === 'text') content += chunk.text
      else if (chunk.type === 'done') {
        const { type: _, ...summary } = chunk
        return { ...summary, message: { role: 'assistant', content } }
      }
    }
    throw new AppError('PROVIDER_BAD_ANSWER', 'The answer ended without its figures.')
  }

  /** Measured elsewhere; the model may be gone by now. */
  const tellSpeed = (id: ModelId, tokensPerSecond: number): void => {
    noteSpeed(id, tokensPerSecond)
    const known = view.peek(id)
    if (known) announce(known)
  }

  return { chat, complete, embed, adapters, tellSpeed }
}
