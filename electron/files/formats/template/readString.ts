import { LexFault } from './lexFault.ts'
import type { Token } from './lexTemplate.ts'

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\n': '',
}
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** As Python reads the string: Jinja decodes with its `unicode-escape`, so octal numbers and names count too. */
export const readString = (template: string, start: number, quote: string): { token: Token; end: number } => {
  const pieces: string[] = []
  let escapesPlain = false
  let at = start + 1
  for (;;) {
    let end = at
    while (end < template.length && template[end] !== quote && template[end] !== '\\') end++
    if (end >= template.length) throw new LexFault('A string never ends', start)
    pieces.push(template.slice(at, end))
    if (template[end] === quote) {
      const value = pieces.join('')
      return {
        token: { kind: 'string', value, offset: start, ...(escapesPlain ? { escapesPlain } : {}) },
        end: end + 1,
      }
    }
    const decoded = readEscape(template, end + 1)
    if (decoded.isCoded && /^\w$/.test(decoded.value)) escapesPlain = true
    pieces.push(decoded.value)
    at = decoded.end
  }
}

const readEscape = (template: string, at: number): { value: string; end: number; isCoded: boolean } => {
  const char = template[at] ?? ''
  const hexLength = hexLengths[char]
  if (hexLength !== undefined) {
    const hex = template.slice(at + 1, at + 1 + hexLength)
    const point = /^[0-9a-fA-F]+$/.test(hex) && hex.length === hexLength ? Number.parseInt(hex, 16) : null
    if (point !== null && point <= 0x10ffff)
      return { value: String.fromCodePoint(point), end: at + 1 + hexLength, isCoded: true }
  }
  const octal = /^[0-7]{1,3}/.exec(template.slice(at, at + 3))?.[0]
  if (octal !== undefined)
    return { value: String.fromCharCode(Number.parseInt(octal, 8)), end: at + octal.length, isCoded: true }
  if (char === 'N' && template[at + 1] === '{') {
    const end = template.indexOf('}', at)
    if (end > 0 && end - at < 100)
      return {
        value: template.slice(at + 2, end).toUpperCase() === 'LOW LINE' ? '_' : '?',
        end: end + 1,
        isCoded: true,
      }
  }
  return { value: simpleEscapes[char] ?? char, end: at + 1, isCoded: false }
}
