import type { TokenCount } from '../../../shared/contract/benchmarkResults.ts'
import type { Answer } from './loadOrder.ts'

/** An answer that succeeded, with the tokens it is. */
export interface CountedAnswer {
  readonly answer: Answer
  readonly tokens: number
  /** of these, what came as pieces: a server may keep what was thought to itself */
  readonly shownTokens: number
}

/**
 * Tokens of the answers that succeeded: by the server's usage, else by the model's tokenizer, else by their pieces, which are
 * tokens for most servers and not for all. `source` is that of the worst of them.
 */
export const countTokens = async (
  answers: readonly Answer[],
  tokenizer: ((text: string) => Promise<number>) | null,
): Promise<{ readonly counted: readonly CountedAnswer[]; readonly source: TokenCount }> => {
  let source: TokenCount = 'server'
  let ask = tokenizer
  /** One that failed is not asked again: thousands of answers would each wait for it. */
  const countByModel = async (text: string | null): Promise<number | null> => {
    if (text === null || ask === null) return null
    try {
      return await ask(text)
    } catch {
      ask = null
      return null
    }
  }
  const counted: CountedAnswer[] = []
  for (const answer of answers) {
    if (answer.error !== null) continue
    const told = answer.outputTokens
    if (told !== null) {
      counted.push({ answer, tokens: told, shownTokens: Math.max(0, told - answer.hiddenTokens) })
      continue
    }
    const byModel = await countByModel(answer.text)
    if (byModel === null) source = 'approximate'
    else if (source === 'server') source = 'tokenizer'
    const tokens = byModel ?? answer.pieceMs.length
    counted.push({ answer, tokens, shownTokens: tokens })
  }
  return { counted, source }
}
