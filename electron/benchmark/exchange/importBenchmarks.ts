import { AppError } from '../../lib/appError.ts'
import { createPause } from '../turns.ts'
import { isBerthFile, readBerthFile } from './berthFile.ts'
import { createFields, plainText } from './fields.ts'
import { RowFault, readLlamaBenchRow } from './llamaBenchRow.ts'
import { createRunCollector, type ImportedRun } from './llamaBenchRuns.ts'
import { type Found, findFormat, type LlamaBenchFormat, type Piece, piecesOf } from './llamaBenchText.ts'

export interface Imported {
  readonly runs: ImportedRun[]
  /** what was left out, each with its line and why */
  readonly skipped: string[]
}

const mostRows = 10_000
const mostRuns = 500
const mostSkipped = 100
const mostCharacters = 7_000_000

/**
 * Reads what llama-bench wrote (json, jsonl, csv, of any build) or what Berth exported. The text is a stranger's: every
 * figure is checked, every text cut, and ids are new. `now`: Unix milliseconds, for what does not tell its time.
 * @throws AppError FILE_INVALID when there is nothing in it that can be used
 */
export const importBenchmarks = async (text: string, label: string | null, now: number): Promise<Imported> => {
  if (text.length > mostCharacters) throw invalid('The file is too large.', 'Import it in parts of at most 7 MB.')
  const content = text.replace(/^\ufeff/, '')
  if (isBerthFile(content)) return readBerthFile(content, label)
  const found = findFormat(content)
  const { format } = found
  if (format === 'markdown' || format === 'sql' || format === 'unknown') throw notReadable(format, content)
  return readLlamaBench(content, { ...found, format }, label, now)
}

const invalid = (message: string, advice: string): AppError => new AppError('FILE_INVALID', message, { advice })

const useJson = 'Run llama-bench with -o json, jsonl or csv, and import what it writes.'

const notReadable = (format: 'markdown' | 'sql' | 'unknown', text: string): AppError => {
  if (text.trim() === '') return invalid('The file is empty.', useJson)
  if (format === 'unknown') return invalid('This is neither an output of llama-bench nor an export of Berth.', useJson)
  const name = format === 'sql' ? 'SQL' : 'a Markdown table'
  return invalid(`This is ${name}, which has its figures rounded or its samples left out, and is not read.`, useJson)
}

const readLlamaBench = async (
  text: string,
  found: Found & { format: LlamaBenchFormat },
  label: string | null,
  now: number,
): Promise<Imported> => {
  const collector = createRunCollector(label, now)
  const skipped = createSkipped()
  if (found.line > 1) skipped.add(`Lines 1–${found.line - 1} are not of llama-bench.`)
  let rows = 0
  const pause = createPause()
  for (const piece of piecesOf[found.format](text, found)) {
    rows += 1
    if (rows > mostRows) {
      skipped.add(`Line ${piece.line} and all after it: at most ${mostRows.toLocaleString('en-US')} rows are read.`)
      break
    }
    const fault = take(piece, collector)
    if (fault !== null) skipped.add(`Line ${piece.line}: ${fault}`)
    await pause()
  }
  const runs = collector.runs()
  if (runs.length === 0) throw nothingIn(text, rows, skipped.list())
  return { runs, skipped: skipped.list() }
}

/** Why the row was left out, or null. */
const take = ({ row }: Piece, collector: ReturnType<typeof createRunCollector>): string | null => {
  if (typeof row === 'string') return row
  const fields = createFields(row)
  try {
    const result = readLlamaBenchRow(fields)
    return collector.add(fields, result, mostRuns)
      ? null
      : `it would be a run more than the ${mostRuns} that are taken.`
  } catch (error) {
    if (error instanceof RowFault) return error.message
    throw error
  }
}

const nothingIn = (text: string, rows: number, skipped: readonly string[]): AppError =>
  rows === 0 && text.trim().endsWith('[')
    ? invalid(
        'llama-bench failed before its first test was done: its file holds nothing but “[”.',
        'Read what it says, correct that, and run it again.',
      )
    : invalid(`Nothing in the file can be used. ${plainText(skipped.at(-1) ?? 'It has no rows.', 300)}`, useJson)

/** A broken file may have a fault in every line: the first are said, the others counted. */
const createSkipped = () => {
  const said: string[] = []
  let more = 0
  return {
    add: (text: string): void => {
      if (said.length < mostSkipped) said.push(text)
      else more += 1
    },
    list: (): string[] => (more === 0 ? [...said] : [...said, `And ${more.toLocaleString('en-US')} more.`]),
  }
}
