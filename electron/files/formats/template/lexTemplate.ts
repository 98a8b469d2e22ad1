import { LexFault } from './lexFault.ts'
import { readString } from './readString.ts'

/** The pieces of Jinja code. Strings are decoded: `'\x5f'` has the value `_`. */
type TokenKind = 'string' | 'name' | 'number' | 'operator'

export interface Token {
  readonly kind: TokenKind
  readonly value: string
  /** UTF-16 unit of the template where it begins */
  readonly offset: number
  /** a string that writes plain letters or `_` as escapes */
  readonly escapesPlain?: boolean
}

/** `text` is what is written as it stands, a `statement` is `{% %}`, an `expression` `{{ }}`. */
export interface Tag {
  readonly kind: 'text' | 'comment' | 'statement' | 'expression'
  readonly offset: number
  /** of texts and comments */
  readonly text: string
  /** of statements and expressions */
  readonly tokens: readonly Token[]
}

export interface LexedTemplate {
  readonly tags: readonly Tag[]
  /** why the rest was not read; null: all was */
  readonly problem: { readonly message: string; readonly offset: number } | null
}

/** The longest templates known have some thousands. */
const mostTokens = 60_000

/**
 * Jinja's own lexical rules, with the place of everything: the library that parses keeps no places. Linear in the length
 * of the template; never throws.
 */
export const lexTemplate = (template: string): LexedTemplate => {
  const tags: Tag[] = []
  let left = mostTokens
  try {
    for (let at = 0; at < template.length; ) {
      if (left-- < 0) throw new LexFault('It has more parts than any template needs', at)
      const { tag, end } = readTag(template, at, left)
      if (tag.kind !== 'text' || tag.text !== '') tags.push(tag)
      left -= tag.tokens.length
      at = end
      if (tag.kind === 'statement' && tag.tokens.length === 1 && tag.tokens[0]?.value === 'raw') {
        const raw = readRaw(template, at)
        tags.push(raw.tag)
        at = raw.end
      }
    }
  } catch (error) {
    if (error instanceof LexFault) return { tags, problem: { message: error.message, offset: error.offset } }
    throw error
  }
  return { tags, problem: null }
}

interface Read {
  readonly tag: Tag
  readonly end: number
}

const readTag = (template: string, at: number, most: number): Read => {
  if (template[at] === '{') {
    const second = template[at + 1]
    if (second === '#') return readComment(template, at)
    if (second === '%' || second === '{') return readCode(template, at, second, most)
  }
  let end = at + 1
  while (end < template.length && !(template[end] === '{' && isOpening(template[end + 1]))) end++
  return { tag: { kind: 'text', offset: at, text: template.slice(at, end), tokens: [] }, end }
}

const isOpening = (char: string | undefined): boolean => char === '%' || char === '{' || char === '#'

const readComment = (template: string, at: number): Read => {
  const end = template.indexOf('#}', at + 2)
  if (end < 0) throw new LexFault('A comment never ends', at)
  return { tag: { kind: 'comment', offset: at, text: template.slice(at + 2, end), tokens: [] }, end: end + 2 }
}

/** Nothing between `{% raw %}` and `{% endraw %}` is code. */
const readRaw = (template: string, at: number): Read => {
  const endTag = /\{%[-+]? {0,8}endraw {0,8}[-+]?%\}/g
  endTag.lastIndex = at
  const end = endTag.exec(template)?.index ?? template.length
  return { tag: { kind: 'text', offset: at, text: template.slice(at, end), tokens: [] }, end }
}

const readCode = (template: string, start: number, second: '%' | '{', most: number): Read => {
  const close = second === '%' ? '%}' : '}}'
  const tokens: Token[] = []
  let braces = 0
  let at = start + 2
  if (template[at] === '-' || template[at] === '+') at++
  for (;;) {
    while (at < template.length && isSpace(template.charCodeAt(at))) at++
    if (at >= template.length) throw new LexFault(`A ${second === '%' ? '{% %}' : '{{ }}'} never ends`, start)
    if (tokens.length >= most) throw new LexFault('It has more parts than any template needs', at)
    const isSigned = (template[at] === '-' || template[at] === '+') && template.startsWith(close, at + 1)
    // inside an object literal }} closes two objects
    if (isSigned || (template.startsWith(close, at) && (second === '%' || braces <= 0)))
      return {
        tag: { kind: second === '%' ? 'statement' : 'expression', offset: start, text: '', tokens },
        end: at + (isSigned ? 3 : 2),
      }
    const { token, end } = readToken(template, at)
    if (token.value === '{' && token.kind === 'operator') braces++
    if (token.value === '}' && token.kind === 'operator') braces--
    tokens.push(token)
    at = end
  }
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0xa0
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isWord = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122) || code > 127

const readToken = (template: string, at: number): { token: Token; end: number } => {
  const code = template.charCodeAt(at)
  const char = template[at] ?? ''
  if (char === "'" || char === '"') return readString(template, at, char)
  let end = at + 1
  if (isDigit(code)) {
    while (isDigit(template.charCodeAt(end)) || template[end] === '_') end++
    return { token: { kind: 'number', value: template.slice(at, end).replaceAll('_', ''), offset: at }, end }
  }
  if (isWord(code)) {
    while (isWord(template.charCodeAt(end))) end++
    // Python folds look-alikes of letters in names, so ｃｌａｓｓ is class
    return { token: { kind: 'name', value: template.slice(at, end).normalize('NFKC'), offset: at }, end }
  }
  const two = template.slice(at, at + 2)
  if (['==', '!=', '<=', '>=', '**', '//'].includes(two)) end++
  return { token: { kind: 'operator', value: template.slice(at, end), offset: at }, end }
}
