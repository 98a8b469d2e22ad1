import type { Tag } from './lexTemplate.ts'
import type { TemplateReport } from './report.ts'

/** Written without being seen, or turning the direction of what is seen. */
const invisible =
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0]|[\u{e0000}-\u{e01ef}]/gu

const joiners = new Set(['\u200c', '\u200d'])
/** Scripts that are written with joiners, and the parts of emoji. */
const joined =
  /^[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Gujarati}\p{Script=Khmer}\p{Script=Mongolian}\p{Extended_Pictographic}\p{M}\p{Emoji_Modifier}]$/u

const isOrdinaryJoiner = (text: string, at: number): boolean => {
  const before = Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? ''
  return joiners.has(text[at] ?? '') && joined.test(before)
}

const codePoint = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** White space of this length pushes what comes behind it out of sight. */
const widest = 200
const address = /\b(?:https?|ftp|wss?):\/\/([^\s'"<>/)]{1,253})[^\s'"<>)]{0,200}/gi
/** Names of data formats, which no runtime visits. */
const namespaces = new Set(['json-schema.org', 'www.w3.org', 'schema.org', 'example.com'])
const base64 = /[A-Za-z0-9+/]{80,}={0,2}/g

const isBlob = (run: string): boolean =>
  /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run) && new Set(run).size >= 16

/** Characters that nobody sees, addresses, and blobs that say something nobody reads. */
export const checkInvisible = (template: string, tags: readonly Tag[], report: TemplateReport): void => {
  checkCharacters(template, 0, report)
  checkWhiteSpace(template, report)
  for (const tag of tags) {
    if (tag.kind === 'text') checkText(tag.text, tag.offset, report)
    for (const token of tag.tokens) {
      if (token.kind !== 'string') continue
      checkText(token.value, token.offset, report)
      if (token.value.length < 4096 && !template.startsWith(token.value, token.offset + 1))
        checkCharacters(token.value, token.offset, report) // written as escapes
    }
  }
}

const checkWhiteSpace = (template: string, report: TemplateReport): void => {
  let run = 0
  for (let at = 0; at < template.length; at++) {
    const code = template.charCodeAt(at)
    if (code === 32 || (code >= 9 && code <= 13)) {
      run++
      continue
    }
    if (run >= widest)
      report.add('warning', 'out-of-sight', 'Much white space pushes what follows out of sight.', {
        offset: at,
        text: template.slice(at, at + 200),
      })
    run = 0
  }
}

const checkCharacters = (text: string, base: number, report: TemplateReport): void => {
  for (const { index, 0: char } of text.matchAll(invisible)) {
    if (isOrdinaryJoiner(text, index)) continue
    const isMark = base === 0 && index === 0 && char === '\ufeff'
    report.add(
      isMark ? 'note' : 'warning',
      isMark ? 'byte-order-mark' : 'invisible-character',
      isMark
        ? 'It begins with a byte order mark.'
        : `The invisible character ${codePoint(char)} can hide text or change what is seen.`,
      { offset: base + index, text: text.slice(Math.max(0, index - 40), index + 40) },
    )
  }
}

const checkText = (text: string, offset: number, report: TemplateReport): void => {
  for (const match of text.matchAll(address)) {
    const host = (match[1] ?? '').toLowerCase()
    if (namespaces.has(host)) continue
    report.add('warning', 'address-in-template', `An address is written into conversations: ${host}.`, {
      offset: offset + match.index,
      text: match[0],
    })
  }
  for (const match of text.matchAll(base64))
    if (isBlob(match[0]))
      report.add('warning', 'blob-in-template', 'A block of encoded data is written into conversations.', {
        offset: offset + match.index,
        text: match[0],
      })
}
