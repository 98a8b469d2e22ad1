import { randomNumbers } from '../randomNumbers.ts'

/** Short and common, so that nearly every tokenizer makes one token of each. */
const words = (
  'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all ' +
  'were we when your can said there use an each which she do how their if will up other about out many then them these so some her ' +
  'would make like him into time has look two more write go see number no way could people my than first water been call who oil its'
).split(' ')

export interface PromptPlan {
  readonly seed: number
  /** how many words each prompt is */
  readonly words: number
  /** begins each prompt, so that no server has it in its cache from another run; letters and digits */
  readonly tag: string
}

/**
 * Prompts by number. Each begins with its own tag, and goes on elsewhere in one long text: no server finds the beginning of one in
 * the cache of another. They are plain ASCII without anything that JSON would have to escape.
 */
export const createPrompts = ({ seed, words: count, tag }: PromptPlan): ((index: number) => string) => {
  const random = randomNumbers(seed)
  const pick = () => words[Math.floor(random() * words.length)] ?? 'the'
  const text = Array.from({ length: count }, pick)
  return (index) => {
    const start = Math.floor(randomNumbers(seed + index)() * count)
    return [`${tag}-${index}`, ...text.slice(start), ...text.slice(0, start)].slice(0, Math.max(1, count)).join(' ')
  }
}
