import { parse, tokenize } from '@huggingface/jinja'
import type { LexedTemplate, Tag } from './lexTemplate.ts'

/** UTF-16 units. The longest templates known have some ten thousand. */
export const longestTemplate = 2 ** 20
/** Brackets or blocks inside one another; the parser recurses about twelve calls for each. */
const deepest = 100
/** Operators of one tag, or branches of one `if`, that the parser recurses for. */
const mostChained = 400

/**
 * Why the template is no Jinja program; null: it is one. It is only parsed: nothing here ever renders a template.
 * The library recurses, and one of its patterns takes the square of a run of white space, so both are bounded before.
 */
export const whyUnparsable = (template: string, lexed: LexedTemplate): string | null => {
  if (lexed.problem !== null) return lexed.problem.message
  const depth = whyTooDeep(lexed.tags)
  if (depth !== null) return depth
  try {
    parse(tokenize(template.replace(/\s{32,}/g, (run) => run.slice(0, 32))))
    return null
  } catch (error) {
    // what the library throws at an early end is a TypeError about `undefined`
    return error instanceof SyntaxError ? error.message.slice(0, 200) : 'Its code is not complete'
  }
}

const openers = new Set(['if', 'for', 'macro', 'call', 'filter', 'set'])

const whyTooDeep = (tags: readonly Tag[]): string | null => {
  const branches: number[] = []
  for (const { kind, tokens } of tags) {
    if (tokens.length > 0 && isDeepTag(tokens)) return 'An expression in it is nested deeper than anybody writes'
    if (kind !== 'statement') continue
    const word = tokens[0]?.value ?? ''
    if (openers.has(word) && !(word === 'set' && tokens.some((token) => token.value === '='))) {
      if (branches.push(0) > deepest) return 'Its blocks are nested deeper than anybody writes'
    } else if (word.startsWith('end')) {
      branches.pop()
    } else if (word === 'elif') {
      const count = (branches.pop() ?? 0) + 1
      if (count > mostChained) return 'It has more branches in a row than anybody writes'
      branches.push(count)
    }
  }
  return null
}

const isDeepTag = (tokens: Tag['tokens']): boolean => {
  let depth = 0
  let chained = 0
  let before = ''
  for (const { kind, value } of tokens) {
    if (kind === 'operator' && '([{'.includes(value)) {
      if (++depth > deepest) return true
      if (value === '(' && before === ')') chained++
    } else if (kind === 'operator' && ')]}'.includes(value)) {
      depth--
    } else if (value === 'else' || value === 'not' || value === '-' || value === '+') {
      chained++
    }
    if (chained > mostChained) return true
    before = value
  }
  return false
}
