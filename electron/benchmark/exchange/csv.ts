export interface CsvRow {
  /** of its first character, from 1 */
  readonly line: number
  readonly cells: readonly string[]
}

/** RFC 4180, and a line end of any kind. A quoted cell that never ends takes what is left; nothing throws. */
export function* readCsv(text: string): Generator<CsvRow> {
  let line = 1
  let started = 1
  let cells: string[] = []
  let at = 0
  while (at < text.length) {
    const quoted = text[at] === '"'
    const cell = quoted ? readQuoted(text, at) : readPlain(text, at)
    cells.push(cell.value)
    at = cell.end
    line += cell.lines
    if (text[at] === ',') {
      at += 1
      if (at < text.length) continue
      cells.push('')
    }
    at += text.startsWith('\r\n', at) ? 2 : 1
    line += 1
    if (cells.length > 1 || cells[0] !== '') yield { line: started, cells }
    cells = []
    started = line
  }
}

interface Cell {
  readonly value: string
  /** where the comma, the line end or nothing follows */
  readonly end: number
  /** line ends inside it */
  readonly lines: number
}

const cellEnd = /[,\r\n]/g

function readPlain(text: string, from: number): Cell {
  cellEnd.lastIndex = from
  const end = cellEnd.exec(text)?.index ?? text.length
  return { value: text.slice(from, end), end, lines: 0 }
}

function readQuoted(text: string, from: number): Cell {
  const parts: string[] = []
  let start = from + 1
  let closing = text.indexOf('"', start)
  while (closing !== -1 && text[closing + 1] === '"') {
    parts.push(text.slice(start, closing + 1))
    start = closing + 2
    closing = text.indexOf('"', start)
  }
  const last = closing === -1 ? text.length : closing
  parts.push(text.slice(start, last))
  const value = parts.join('')
  // what stands between the quote and the comma belongs to no cell
  const { end } = readPlain(text, Math.min(last + 1, text.length))
  return { value, end, lines: value.split('\n').length - 1 }
}

/**
 * A text that a spreadsheet would take for a formula gets a quote before it, which it shows as text (CWE-1236). Names of
 * models and servers come from strangers.
 */
const defuse = (text: string): string => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text)

const quote = (text: string): string =>
  /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text

/** A line of RFC 4180 with its line end. Numbers stay numbers; unknown (null) is an empty cell. */
export const csvLine = (cells: readonly (string | number | boolean | null)[]): string =>
  `${cells.map((cell) => (typeof cell === 'string' ? quote(defuse(cell)) : cell === null ? '' : String(cell))).join(',')}\r\n`
