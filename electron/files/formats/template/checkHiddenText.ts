import { type Knowledge, learn, stronger, type Trigger, triggerOf } from './conditions.ts'
import type { Tag, Token } from './lexTemplate.ts'
import type { TemplateReport } from './report.ts'

/** Less is a label: `Picture 1:`, `Today Date:`. */
const fewestWords = 4
/** Of scripts that write no spaces between words. */
const fewestSigns = 8

/** Sentences of a person's language, not marks and names of fields. */
const isLanguage = (text: string): boolean => {
  const plain = text.slice(0, 20_000).replace(/<[^<>]{0,80}>|\[[A-Z_/]{1,40}\]/g, ' ')
  const words = plain.match(/(?<![\p{L}\p{N}_])\p{L}[\p{L}\p{M}'’]+(?![\p{L}\p{N}_(])/gu)?.length ?? 0
  const signs = plain.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu)?.length ?? 0
  return words >= fewestWords || signs >= fewestSigns
}

/** More of the same tell nothing new. */
const mostFindings = 20

interface Frame {
  readonly word: string
  trigger: Trigger
}

/**
 * Text that a template adds to a conversation only when somebody wrote certain words (or on certain days): the shape of a
 * back door. It cannot be proven, so it is shown. Default instructions and instructions for tools are no findings.
 */
export const checkHiddenText = (tags: readonly Tag[], report: TemplateReport): void => {
  const knowledge: Knowledge = { contents: new Set(), triggers: new Map() }
  const frames: Frame[] = []
  let left = mostFindings
  for (const tag of tags) {
    if (left <= 0) return
    const word = tag.kind === 'statement' ? (tag.tokens[0]?.value ?? '') : ''
    enter(tag, word, frames, knowledge)
    const inside = frames.reduce<Trigger>((found, frame) => stronger(found, frame.trigger), null)
    learn(tag, inside, knowledge)
    const trigger = stronger(inside, ownTrigger(tag, word, knowledge))
    if (trigger === null) continue
    for (const { text, offset } of writtenBy(tag, word))
      if (isLanguage(text)) {
        left--
        report.add(
          trigger === 'words' ? 'warning' : 'note',
          'hidden-text',
          trigger === 'words'
            ? 'This text is added only when certain words (or a date) come up.'
            : 'This text depends on a mark in the conversation.',
          { offset, text: text.trim() },
        )
      }
  }
}

/** Deeper is refused as unparsable; what lies deeper still belongs to the frame around it. */
const mostFrames = 200

const enter = (tag: Tag, word: string, frames: Frame[], knowledge: Knowledge): void => {
  const top = frames.at(-1)
  if (word === 'if' || word === 'for') {
    const from = word === 'if' ? 0 : tag.tokens.findIndex(({ kind, value }) => kind === 'name' && value === 'if')
    const trigger = from < 0 ? null : triggerOf(tag.tokens.slice(from + 1), knowledge)
    if (frames.length < mostFrames) frames.push({ word, trigger })
  } else if (word === 'elif' && top !== undefined) {
    // the branch also hangs on what the ones before it looked for
    top.trigger = stronger(top.trigger, triggerOf(tag.tokens.slice(1), knowledge))
  } else if ((word === 'endif' || word === 'endfor') && frames.length > 0) {
    frames.pop()
  }
}

/** `{{ 'text' if 'word' in message.content }}` */
const ownTrigger = (tag: Tag, word: string, knowledge: Knowledge): Trigger => {
  const from = tag.tokens.findIndex(({ kind, value }) => kind === 'name' && value === 'if')
  if (from < 0 || (tag.kind === 'statement' && word !== 'set')) return null
  return triggerOf(tag.tokens.slice(from + 1), knowledge)
}

const writtenBy = (tag: Tag, word: string): { text: string; offset: number }[] => {
  if (tag.kind === 'text') return [{ text: tag.text, offset: tag.offset }]
  if (tag.kind !== 'expression' && word !== 'set') return []
  return strings(tag.tokens).map(({ value, offset }) => ({ text: value, offset }))
}

/** What `raise_exception('…')` says goes to nobody's conversation. */
const strings = (tokens: readonly Token[]): Token[] => {
  const found: Token[] = []
  let raising = 0
  for (const [index, token] of tokens.entries()) {
    const isCall = token.kind === 'operator' && token.value === '('
    if (isCall && (raising > 0 || tokens[index - 1]?.value === 'raise_exception')) raising++
    else if (raising > 0 && token.kind === 'operator' && token.value === ')') raising--
    else if (raising === 0 && token.kind === 'string') found.push(token)
  }
  return found
}
