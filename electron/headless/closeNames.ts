const mostNames = 5
/** Of common pairs of letters: less is chance. */
const leastAlike = 0.3

const pairsOf = (text: string): Set<string> => {
  const letters = text.toLowerCase().replace(/[^\p{L}\p{N}/]/gu, '')
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)))
}

/** Dice's coefficient of pairs of letters, 0–1: the order of words hardly matters, as in names of models. */
const likeness = (one: ReadonlySet<string>, other: ReadonlySet<string>): number => {
  const common = [...one].filter((pair) => other.has(pair)).length
  return one.size + other.size === 0 ? 0 : (2 * common) / (one.size + other.size)
}

/** The names that are most like this one, best first. */
export const closeNames = (name: string, names: readonly string[]): string[] => {
  const asked = pairsOf(name)
  return names
    .map((each) => ({ each, alike: likeness(asked, pairsOf(each)) }))
    .filter(({ alike }) => alike >= leastAlike)
    .sort((one, other) => other.alike - one.alike)
    .slice(0, mostNames)
    .map(({ each }) => each)
}
