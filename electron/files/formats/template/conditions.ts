import type { Tag, Token } from './lexTemplate.ts'
import { localNames, type Path, pathsOf } from './paths.ts'

/**
 * What a condition hangs on. `words`: what a person wrote is compared with words. `marker`: it is compared with a mark
 * such as `</think>` or `/no_think`, which honest templates do. Null: neither.
 */
export type Trigger = 'words' | 'marker' | null

export const stronger = (one: Trigger, other: Trigger): Trigger =>
  one === 'words' || other === 'words' ? 'words' : (one ?? other)

const contentKeys = new Set(['content', 'text', 'reasoning_content'])
/** Methods and filters that give the same text in another form, or say what is in it. */
const textMethods = new Set(
  'lower upper strip lstrip rstrip split rsplit replace startswith endswith find rfind count index title casefold trim'.split(
    ' ',
  ),
)

/** Which variables hold what people wrote, and which remember that it was looked at. Grows as the template is walked. */
export interface Knowledge {
  readonly contents: Set<string>
  readonly triggers: Map<string, Exclude<Trigger, null>>
}

const nameOf = ({ root, keys }: Path): string => (keys.length === 0 ? root : `${root}.${keys[0]}`)

const isContent = (path: Path, { contents }: Knowledge): boolean => {
  const keys = [...path.keys]
  while (keys.length > 0 && textMethods.has(keys.at(-1) ?? '')) keys.pop()
  while (keys.length > 0 && /^\d+$/.test(keys.at(-1) ?? '')) keys.pop()
  const last = keys.at(-1)
  if (last === undefined) return path.root === 'content' || contents.has(path.root)
  return contentKeys.has(last) || contents.has(`${path.root}.${last}`)
}

/** Notes what a tag does with variables; `inside` is the trigger of the branches around it. */
export const learn = (tag: Tag, inside: Trigger, knowledge: Knowledge): void => {
  const [first, second] = tag.tokens
  if (tag.kind !== 'statement' || (first?.value !== 'set' && first?.value !== 'for')) return
  const split = tag.tokens.findIndex(({ kind, value }) =>
    first.value === 'set' ? kind === 'operator' && value === '=' : kind === 'name' && value === 'in',
  )
  const right = tag.tokens.slice(split + 1)
  const [target] = pathsOf(tag.tokens.slice(1, Math.max(split, 2)))
  const names = target !== undefined && target.keys.length > 0 ? [nameOf(target)] : localNames(tag.tokens)
  if (split < 0 && second === undefined) return
  const holdsContent = pathsOf(right).some((path) => isContent(path, knowledge))
  const trigger = first.value === 'set' ? stronger(inside, triggerOf(right, knowledge)) : null
  for (const name of names) {
    if (holdsContent) knowledge.contents.add(name)
    if (trigger !== null)
      knowledge.triggers.set(name, stronger(trigger, knowledge.triggers.get(name) ?? null) ?? trigger)
  }
}

/** @param tokens of a condition; of a whole tag also when it has an `if` inside */
export const triggerOf = (tokens: readonly Token[], knowledge: Knowledge): Trigger => {
  let found: Trigger = null
  let clause: Token[] = []
  for (const token of [...tokens, null]) {
    const isEnd = token === null || (token.kind === 'name' && ['and', 'or', 'if', 'else'].includes(token.value))
    if (!isEnd) {
      clause.push(token)
      continue
    }
    found = stronger(found, triggerOfClause(clause, knowledge))
    clause = []
  }
  return found
}

const triggerOfClause = (tokens: readonly Token[], knowledge: Knowledge): Trigger => {
  const paths = pathsOf(tokens)
  let found: Trigger = null
  for (const path of paths) found = stronger(found, knowledge.triggers.get(nameOf(path)) ?? null)
  const selects = tokens.some(({ value }) => value === 'selectattr' || value === 'rejectattr')
  const asksDate = paths.some(({ root, end }) => root === 'strftime_now' && tokens[end]?.value === '(')
  const literals = literalsOf(tokens)
  if (selects && literals.some((text) => contentKeys.has(text)) && literals.length > 1)
    return stronger(found, kindOf(literals.filter((text) => !contentKeys.has(text))))
  if (asksDate && literals.length > 1) return 'words'
  const compares = tokens.some(
    ({ kind, value }) =>
      ['==', '!=', '<', '>', '<=', '>='].includes(value) ||
      (kind === 'name' && (value === 'in' || textMethods.has(value))),
  )
  return compares && paths.some((path) => isContent(path, knowledge)) ? stronger(found, kindOf(literals)) : found
}

/** Strings that are no keys: not alone between square brackets behind something. */
const literalsOf = (tokens: readonly Token[]): string[] =>
  tokens.flatMap(({ kind, value }, index) => {
    const isKey = tokens[index - 1]?.value === '[' && tokens[index + 1]?.value === ']' && index > 1
    return kind === 'string' && !isKey ? [value] : []
  })

/** A mark begins or ends with a sign, as no word does: `<think>`, `/no_think`, `[INST]`. */
const kindOf = (literals: readonly string[]): Trigger => {
  const meaning = literals.filter((text) => /\p{L}/u.test(text))
  if (meaning.length === 0) return null
  const isMark = (text: string) => /^[^\p{L}\p{N}\s'"(.,;:!?]/u.test(text.trim())
  return meaning.every(isMark) ? 'marker' : 'words'
}
