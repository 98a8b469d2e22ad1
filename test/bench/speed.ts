/** One answer, by the clock of whoever asked. */
export interface Answer {
  /** from the question to the first text */
  readonly firstMs: number
  /** from the first text to the end of the answer */
  readonly restMs: number
  readonly tokens: number
  /** null: not told */
  readonly promptTokens: number | null
}

export interface Question {
  readonly text: string
  readonly maxTokens: number
}

/** The first token belongs to the prompt. */
export const tokensPerSecond = ({ tokens, restMs }: Answer): number => ((tokens - 1) / restMs) * 1000

/** Times what `ask` does between being called, its first call of `onText` and its end. */
export async function timeAnswer(
  ask: (onText: () => void) => Promise<Pick<Answer, 'tokens' | 'promptTokens'>>,
): Promise<Answer> {
  const startedAt = performance.now()
  let firstAt: number | null = null
  const counts = await ask(() => {
    firstAt ??= performance.now()
  })
  const endedAt = performance.now()
  if (firstAt === null) throw new Error('the answer was empty')
  return { firstMs: firstAt - startedAt, restMs: endedAt - firstAt, ...counts }
}
