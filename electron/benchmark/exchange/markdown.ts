import { plainText } from './fields.ts'

/**
 * A text of a stranger as text: no emphasis, code, link, table cell or HTML comes of it, and nobody is mentioned by it.
 * Underscores inside words, as in Q4_K_M, mean nothing in Markdown.
 */
export const escapeMarkdown = (text: string): string =>
  plainText(text, 500)
    .replace(/[\\`*[\]<>|~#!&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&')
    .replace(/@(?=[\w-])/g, '@<!-- -->')

export interface Column {
  readonly name: string
  readonly isNumber: boolean
}

/** A table of GitHub's Markdown, aligned for whoever reads it as it is. Cells are escaped by the caller. */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const widths = columns.map(({ name }, at) =>
    rows.reduce((widest, row) => Math.max(widest, row[at]?.length ?? 0), Math.max(3, name.length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${columns.map(({ isNumber }, at) => pad(cells[at] ?? '', widths[at] ?? 0, isNumber)).join(' | ')} |`
  const rule = columns.map(({ isNumber }, at) =>
    isNumber ? `${'-'.repeat((widths[at] ?? 1) - 1)}:` : '-'.repeat(widths[at] ?? 0),
  )
  return [line(columns.map(({ name }) => name)), line(rule), ...rows.map(line)].join('\n')
}

const pad = (text: string, width: number, toRight: boolean): string =>
  toRight ? text.padStart(width) : text.padEnd(width)
