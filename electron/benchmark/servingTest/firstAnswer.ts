import type { ServingSettings } from '../../../shared/contract/benchmarks.ts'
import type { Price } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { RunContext } from '../runner.ts'
import type { Spending } from './loadOrder.ts'
import { createPrompts } from './prompts.ts'
import { costOf } from './purse.ts'

/** Enough for a model to begin with. */
const answerTokens = 16
/** Enough for the words to outweigh the template, and few enough to fit where a word is several tokens. */
const mostWords = 256

export const priceOf = (price: Price | null): Spending['price'] =>
  price === null || price.promptUsdPerMillion === null || price.completionUsdPerMillion === null
    ? null
    : {
        requestUsd: price.requestUsd ?? 0,
        promptTokenUsd: price.promptUsdPerMillion / 1e6,
        completionTokenUsd: price.completionUsdPerMillion / 1e6,
      }

/**
 * One short answer by the provider's own chat, before anything is measured. It fails with the provider's own words, learns what the
 * server understands where that is learned, and tells how many tokens so many words are. US dollars.
 * @throws AppError of the chat
 */
export const firstAnswer = async (
  { subject: { provider, key, model }, signal, used }: Pick<RunContext, 'subject' | 'signal' | 'used'>,
  { promptTokens, outputTokens, seed }: ServingSettings,
  tag: string,
): Promise<{ readonly words: number; readonly costUsd: number | null }> => {
  const asked = Math.min(promptTokens, mostWords)
  const content = createPrompts({ seed, words: asked, tag })(0)
  const request = { messages: [{ role: 'user' as const, content }], maxTokens: Math.min(outputTokens, answerTokens) }
  for await (const chunk of provider.chat?.(key, request, signal) ?? []) {
    if (chunk.type !== 'done') continue
    const { usage, costUsd } = chunk
    used({ ...usage, costUsd }, true)
    const answer = { promptTokens: usage.promptTokens, outputTokens: usage.completionTokens, costUsd }
    return { words: wordsFor(promptTokens, asked, usage.promptTokens), costUsd: costOf(answer, priceOf(model.price)) }
  }
  throw new AppError('VERB_NOT_SUPPORTED', `${provider.name} does not chat.`)
}

/** Words that are about `wanted` tokens, when `asked` words were `told` tokens, with their template. */
const wordsFor = (wanted: number, asked: number, told: number | null): number =>
  told === null || told < 1 ? wanted : Math.max(1, Math.min(wanted * 2, Math.round((wanted * asked) / told)))
