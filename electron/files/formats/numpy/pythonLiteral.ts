import { FormatError } from '../formatError.ts'

/** What a Python literal can be here. Dictionaries keep their pairs: a repeated key is told, the last one counts. */
export type Literal = string | number | boolean | null | readonly Literal[] | LiteralDict
export interface LiteralDict {
  readonly pairs: readonly (readonly [Literal, Literal])[]
}

const deepest = 32

/**
 * Texts, whole numbers, True, False, None, tuples, lists and dictionaries; never evaluated.
 * @throws FormatError BAD_HEADER
 */
export const parseLiteral = (text: string): Literal => {
  let at = 0
  const fail = (): never => {
    throw new FormatError('BAD_HEADER', 'The header of this NumPy file is no Python dictionary: the file is damaged.', {
      details: { at },
    })
  }
  const skipSpace = () => {
    while (at < text.length && ' \t\r\n\f'.includes(text[at] ?? '')) at += 1
  }
  const take = (wanted: string): boolean => {
    skipSpace()
    if (!text.startsWith(wanted, at)) return false
    at += wanted.length
    return true
  }
  /** `item` until `end`; commas between, one behind the last is fine */
  const list = (end: string, item: () => void): number => {
    let commas = 0
    while (!take(end)) {
      item()
      if (take(',')) commas += 1
      else if (take(end)) break
      else fail()
    }
    return commas
  }
  const value = (depth: number): Literal => {
    if (depth > deepest) fail()
    skipSpace()
    if (take('(')) return tuple(depth)
    if (take('[')) return items(']', depth)
    if (take('{')) return dictionary(depth)
    if (text[at] === "'" || text[at] === '"') return quoted()
    return word()
  }
  const items = (end: string, depth: number): Literal[] => {
    const found: Literal[] = []
    list(end, () => found.push(value(depth + 1)))
    return found
  }
  /** `(2)` is a number in brackets, `(2,)` a tuple */
  const tuple = (depth: number): Literal => {
    const found: Literal[] = []
    const commas = list(')', () => found.push(value(depth + 1)))
    return found.length === 1 && commas === 0 ? (found[0] ?? null) : found
  }
  const dictionary = (depth: number): LiteralDict => {
    const pairs: [Literal, Literal][] = []
    list('}', () => {
      const key = value(depth + 1)
      if (!take(':')) fail()
      pairs.push([key, value(depth + 1)])
    })
    return { pairs }
  }
  const quoted = (): string => {
    const end = text[at]
    let found = ''
    for (at += 1; text[at] !== end; at += 1) {
      if (at >= text.length || text[at] === '\n') fail()
      if (text[at] === '\\') at += 1 // names with escapes are kept as their last character
      found += text[at] ?? ''
    }
    at += 1
    return found
  }
  const word = (): Literal => {
    const match = /^(?:True|False|None|[+-]?\d{1,40}L?)(?![\w.])/.exec(text.slice(at, at + 64))
    if (match === null) return fail()
    at += match[0].length
    if (match[0] === 'True' || match[0] === 'False') return match[0] === 'True'
    return match[0] === 'None' ? null : Number(match[0].replace('L', ''))
  }
  const found = value(0)
  skipSpace()
  if (at < text.length && text[at] !== '\0') fail()
  return found
}

export const isDict = (value: Literal): value is LiteralDict =>
  typeof value === 'object' && value !== null && 'pairs' in value
