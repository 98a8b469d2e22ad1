import type { ServingSettings } from '../../../shared/contract/benchmarkSettings.ts'
import { AppError } from '../../lib/appError.ts'
import { usedOfFault } from '../answerCost.ts'
import type { RunContext } from '../runner.ts'
import { createPrompts } from './prompts.ts'

/** Enough for a model to begin with. */
const answerTokens = 16
/** Enough for the words to outweigh the template, and few enough to fit where a word is several tokens. */
const mostWords = 256

/**
 * One short answer by the provider's own chat, before anything is measured. It fails with the provider's own words, learns what the
 * server understands where that is learned, and resolves with how many words the prompts of the run should have.
 * @throws AppError of the chat
 */
export const firstAnswer = async (
  { subject: { provider, key }, signal, purse }: Pick<RunContext, 'subject' | 'signal' | 'purse'>,
  { promptTokens, outputTokens, seed }: ServingSettings,
  tag: string,
): Promise<number> => {
  const asked = Math.min(promptTokens, mostWords)
  const content = createPrompts({ seed, words: asked, tag })(0)
  const request = { messages: [{ role: 'user' as const, content }], maxTokens: Math.min(outputTokens, answerTokens) }
  purse.begin()
  try {
    for await (const chunk of provider.chat?.(key, request, signal) ?? []) {
      if (chunk.type !== 'done') continue
      const { usage, costUsd } = chunk
      purse.end({ ...usage, costUsd })
      return wordsFor(promptTokens, asked, usage.promptTokens)
    }
  } catch (error) {
    purse.end(usedOfFault(error, signal))
    throw error
  }
  throw new AppError('VERB_NOT_SUPPORTED', `${provider.name} does not chat.`)
}

/** Words that are about `wanted` tokens, when `asked` words were `told` tokens, with their template. */
const wordsFor = (wanted: number, asked: number, told: number | null): number =>
  told === null || told < 1 ? wanted : Math.max(1, Math.min(wanted * 2, Math.round((wanted * asked) / told)))
