import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { createPrompts } from '../servingTest/prompts.ts'

/** Always the same words, so that runs may be compared; only where a text begins in them differs. */
const seed = 1
/** Texts are put together this many words at a time, about a millisecond, and others may go on between. */
const wordsAtOnce = 20_000
/** tokens differ from text to text; the context of many models is exactly what is asked for */
const margin = 0.97

/** Texts of a length, by number: none begins like another, or like those of another run, so that no cache knows it. */
export const createTexts = (words: number, run: string) => {
  const textOf = createPrompts({ seed, words, tag: run })
  return async (first: number, count: number): Promise<string[]> => {
    const texts: string[] = []
    let sinceYield = 0
    for (let index = first; index < first + count; index++) {
      texts.push(textOf(index))
      sinceYield += words
      if (sinceYield < wordsAtOnce) continue
      sinceYield = 0
      await yieldToOthers()
    }
    return texts
  }
}

/** Words of two texts that tell how this tokenizer counts, neither longer than what is asked for. */
export const probeWords = (textTokens: number): readonly [number, number] => [
  8,
  Math.min(64, Math.max(16, Math.floor(textTokens / 2))),
]

/**
 * How many words make a text of this many tokens: a line through what two texts of `probeWords` were counted as, since tokenizers
 * add some of their own. Without counts a word is taken as a token, which these words mostly are.
 */
export function wordsFor(textTokens: number, counted: readonly [number | null, number | null]): number {
  const [short, long] = counted
  if (short === null || long === null || long <= short) return textTokens
  const [shortWords, longWords] = probeWords(textTokens)
  const perWord = (long - short) / (longWords - shortWords)
  const always = Math.max(0, short - perWord * shortWords)
  return Math.max(1, Math.floor(((textTokens - always) / perWord) * margin))
}
