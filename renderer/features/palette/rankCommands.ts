export type Command = {
  readonly id: string
  readonly title: string
  /** small print, searched too */
  readonly detail?: string
  readonly run: () => void
}

const wordsOf = (query: string): readonly string[] => query.toLowerCase().split(/\s+/).filter(Boolean)

/** Lower is better; null when a word of the query is nowhere in it. */
const scoreOf = (command: Command, words: readonly string[], rank: number | undefined): number | null => {
  const title = command.title.toLowerCase()
  const detail = command.detail?.toLowerCase() ?? ''
  let score = rank === undefined ? 0 : rank - 1000
  for (const word of words) {
    const at = title.indexOf(word)
    if (at < 0 && !detail.includes(word)) return null
    const startsWord = at >= 0 && !/[a-z0-9]/.test(title[at - 1] ?? ' ')
    score += startsWord ? 0 : at >= 0 ? 10 : 20
  }
  return score
}

/** What matches every word, recently used first, then matches at the start of a word, else in the order given. */
export const rankCommands = (
  commands: readonly Command[],
  query: string,
  recent: readonly string[],
  limit: number,
): readonly Command[] => {
  const words = wordsOf(query)
  const ranks = new Map(recent.map((id, index) => [id, index]))
  const scored: { command: Command; score: number }[] = []
  for (const command of commands) {
    const score = scoreOf(command, words, ranks.get(command.id))
    if (score !== null) scored.push({ command, score })
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, limit)
    .map(({ command }) => command)
}

const keptRecent = 12
export const withRecent = (recent: readonly string[], id: string): readonly string[] =>
  [id, ...recent.filter((other) => other !== id)].slice(0, keptRecent)
