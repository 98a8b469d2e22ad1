import { createFindings, type Findings } from '../findings.ts'

/** Findings of one template, each with the line and the piece it is about. */
export interface TemplateReport {
  readonly list: Findings['list']
  /** @param offset UTF-16 unit of the template */
  add(
    outcome: 'note' | 'warning' | 'dangerous',
    code: string,
    message: string,
    place: { offset: number; text: string },
  ): void
  passed(code: string, message: string): void
  has(code: string): boolean
}

const longestEvidence = 300

export const createReport = (template: string, file: string | null): TemplateReport => {
  const findings = createFindings('safety')
  const codes = new Set<string>()
  return {
    list: findings.list,
    add(outcome, code, message, { offset, text }) {
      codes.add(code)
      // to find a line takes a walk through the template
      if (findings.isFull(outcome, code)) return findings.add(outcome, code, message)
      const before = template.slice(0, offset)
      findings.add(outcome, code, `Line ${before.split('\n').length} of the chat template: ${message}`, {
        file,
        offset: Buffer.byteLength(before),
        text: visible(text.length > longestEvidence ? `${text.slice(0, longestEvidence)} …` : text),
      })
    },
    passed: findings.passed,
    has: (code) => codes.has(code),
  }
}

/** What cannot be seen, or turns what is seen around, is named instead. */
const visible = (text: string): string =>
  text.replace(
    /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e01ef}]/gu,
    (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}⟩`,
  )
