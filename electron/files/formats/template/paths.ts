import type { Token } from './lexTemplate.ts'

/** `messages[0]['content'].strip()` has the root `messages` and the keys `0`, `content`, `strip`. */
export interface Path {
  readonly root: string
  readonly keys: readonly string[]
  /** index of the first token and of the one after the last that belongs to it without its calls */
  readonly start: number
  readonly end: number
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Not variables. */
const keywords = words(`
  and or not in is if elif else endif for endfor recursive set endset macro endmacro call endcall filter endfilter raw
  endraw include import extends from as with endwith without context block endblock do break continue generation
  endgeneration true false none True False None defined undefined`)

const isKeyword = (name: string): boolean => keywords.has(name)

const isOperator = (token: Token | undefined, value: string): boolean =>
  token?.kind === 'operator' && token.value === value

/** Every variable that a tag's code reads, with the constant keys behind it. A computed key ends the path. */
export const pathsOf = (tokens: readonly Token[]): Path[] => {
  const paths: Path[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    const before = tokens[at - 1]
    if (token?.kind !== 'name' || isKeyword(token.value) || isOperator(before, '.') || isOperator(before, '|')) continue
    if (before?.value === 'is' || (before?.value === 'not' && tokens[at - 2]?.value === 'is')) continue // a test
    const keys: string[] = []
    let end = at + 1
    for (;;) {
      const [next, key, after] = [tokens[end], tokens[end + 1], tokens[end + 2]]
      if (isOperator(next, '.') && key !== undefined && (key.kind === 'name' || key.kind === 'number')) {
        keys.push(key.value)
        end += 2
      } else if (isOperator(next, '[') && key !== undefined && key.kind !== 'operator' && isOperator(after, ']')) {
        if (key.kind === 'name') break
        keys.push(key.value)
        end += 3
      } else if (isOperator(next, '[') && isOperator(key, '-') && isOperator(tokens[end + 3], ']')) {
        keys.push(after?.value ?? '')
        end += 4
      } else break
    }
    paths.push({ root: token.value, keys, start: at, end })
  }
  return paths
}

/** Names that the template itself gives a meaning: variables it sets, loops over or takes as arguments. */
export const localNames = (tokens: readonly Token[]): string[] => {
  const [first] = tokens
  if (first?.kind !== 'name' || !['set', 'for', 'macro', 'call'].includes(first.value)) return []
  const names: string[] = []
  for (const token of tokens.slice(1)) {
    if (first.value === 'for' && token.value === 'in' && token.kind === 'name') break
    if (first.value === 'set' && isOperator(token, '=')) break
    if (first.value === 'set' && (isOperator(token, '.') || isOperator(token, '['))) break
    if (token.kind === 'name' && !isKeyword(token.value)) names.push(token.value)
  }
  return names
}
