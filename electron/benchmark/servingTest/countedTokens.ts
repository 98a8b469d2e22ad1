import type { TokenCount } from '../../../shared/contract/benchmarks.ts'
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
  const counted: CountedAnswer[] = []
  for (const answer of answers) {
    if (answer.error !== null) continue
    const told = answer.outputTokens
    if (told !== null) {
      counted.push({ answer, tokens: told, shownTokens: Math.max(0, told - answer.hiddenTokens) })
      continue
    }
    const byModel = answer.text === null ? null : ((await tokenizer?.(answer.text).catch(() => null)) ?? null)
    if (byModel === null) source = 'approximate'
    else if (source === 'server') source = 'tokenizer'
    const tokens = byModel ?? answer.pieceMs.length
    counted.push({ answer, tokens, shownTokens: tokens })
  }
  return { counted, source }
}
