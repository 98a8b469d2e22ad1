import { visibleText } from '../../shared/visibleText.ts'

/** Where progress is shown: a terminal has columns, a file or a pipe has none. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const endLine = '\r\u001b[2K'
const usualColumns = 80

/**
 * One line that is written over in a terminal. Elsewhere a line each time the text changes, so that a log of it can be
 * read; the percentage alone makes none.
 */
export const createProgressLine = (output: ProgressOutput) => {
  const isTerminal = output.isTTY === true
  let last = ''
  const clear = (): void => {
    if (isTerminal && last !== '') output.write(endLine)
    last = ''
  }
  return {
    show: (fraction: number | null, text: string): void => {
      const plain = visibleText(text)
      const line = fraction === null ? plain : `${String(Math.floor(fraction * 100)).padStart(3)} %  ${plain}`
      const shown = isTerminal ? line.slice(0, (output.columns ?? usualColumns) - 1) : plain
      if (shown === last || shown === '') return
      output.write(isTerminal ? `${endLine}${shown}` : `${shown}\n`)
      last = shown
    },
    /** A line that stays. */
    say: (text: string): void => {
      clear()
      output.write(`${visibleText(text)}\n`)
    },
    clear,
  }
}
export type ProgressLine = ReturnType<typeof createProgressLine>
