import { readCsv } from './csv.ts'

/** A row as it stands in the file, or why it cannot be read, in words that follow "Line 7: ". */
export interface Piece {
  /** of its first character, from 1 */
  readonly line: number
  readonly row: ReadonlyMap<string, unknown> | string
}

export type LlamaBenchFormat = 'json' | 'jsonl' | 'csv'

/** Where it begins: a shell may have mixed in other lines before, such as the log of the engine. */
export interface Found {
  readonly format: LlamaBenchFormat | 'markdown' | 'sql' | 'unknown'
  readonly from: number
  readonly line: number
}

const starts: readonly (readonly [RegExp, Found['format']])[] = [
  [/^\s*\[\s*(?:$|\{|\[)/, 'json'],
  [/^\s*\{\s*$/, 'json'], // objects alone, written over several lines
  [/^\s*\{/, 'jsonl'],
  [/^"?build_commit"?,.*\bavg_ts\b/, 'csv'],
  [/^\s*\|.*\|\s*$/, 'markdown'],
  [/^\s*(CREATE TABLE|INSERT INTO)\b/i, 'sql'],
]
const mostLinesBefore = 1_000

/** By the first line that can begin a file of llama-bench. */
export const findFormat = (text: string): Found => {
  let from = 0
  for (let line = 1; line <= mostLinesBefore && from < text.length; line += 1) {
    const end = text.indexOf('\n', from)
    const first = text.slice(from, Math.min(end === -1 ? text.length : end, from + 10_000)).trimEnd()
    const start = starts.find(([pattern]) => pattern.test(first))
    if (start) return { format: start[1], from, line }
    if (end === -1) break
    from = end + 1
  }
  return { format: 'unknown', from: 0, line: 1 }
}

export const piecesOf: Readonly<Record<LlamaBenchFormat, (text: string, found: Found) => Generator<Piece>>> = {
  json: readObjects,
  jsonl: readLines,
  csv: readTable,
}

const parse = (text: string): Piece['row'] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is not valid JSON.'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no JSON object.'
  // a map, so that a key like `__proto__` is a key like any other
  return new Map<string, unknown>(Object.entries(value))
}

function* readLines(text: string, { from, line: first }: Found): Generator<Piece> {
  let line = first
  for (let at = from; at < text.length; line += 1) {
    const next = text.indexOf('\n', at)
    const end = next === -1 ? text.length : next
    const content = text.slice(at, end).trim()
    if (content !== '') yield { line, row: parse(content) }
    at = end + 1
  }
}

/** What can change how a text of JSON is read. A line end ends a string too: JSON has none inside, so a lost quote costs one row. */
const marks = /[{}"\\\n]/g

/**
 * The objects of an array, each by itself: llama-bench writes them one after the other, so an array that was cut still has
 * all but the last. Several arrays in a row, as from several calls, are one.
 */
function* readObjects(text: string, { from, line: first }: Found): Generator<Piece> {
  let line = first
  let depth = 0
  let inString = false
  let start = { at: from, line }
  for (let mark = nextMark(text, from); mark < text.length; mark = nextMark(text, mark + 1)) {
    const character = text[mark]
    if (character === '\n') {
      line += 1
      inString = false
    } else if (character === '\\') mark += inString && text[mark + 1] !== '\n' ? 1 : 0
    else if (character === '"') inString = depth > 0 && !inString
    else if (inString) continue
    else if (character === '{') {
      if (depth === 0) start = { at: mark, line }
      depth += 1
    } else if (depth > 0) {
      depth -= 1
      if (depth === 0) yield { line: start.line, row: parse(text.slice(start.at, mark + 1)) }
    }
  }
  if (depth > 0) yield { line: start.line, row: 'the file ends in the middle of it.' }
}

const nextMark = (text: string, from: number): number => {
  marks.lastIndex = from
  return marks.exec(text)?.index ?? text.length
}

function* readTable(text: string, { from, line: before }: Found): Generator<Piece> {
  let header: readonly string[] | null = null
  for (const { line, cells } of readCsv(text.slice(from))) {
    const at = line + before - 1
    // the header again: a file that several calls were written to
    if (header === null || (cells[0] === 'build_commit' && cells.includes('avg_ts'))) header = cells
    else if (cells.length !== header.length)
      yield { line: at, row: `it has ${cells.length} values, and the header ${header.length}.` }
    else yield { line: at, row: new Map(header.map((name, index) => [name, cells[index]])) }
  }
}
