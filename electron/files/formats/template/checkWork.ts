import { grouped } from '../words.ts'
import type { Tag, Token } from './lexTemplate.ts'
import type { TemplateReport } from './report.ts'

/** A chat has some thousand messages at most. */
const mostRounds = 100_000
/** An exponent that makes a number (or a repeated text) enormous from any base. */
const largestExponent = 8

const widening = new Set(['center', 'ljust', 'rjust', 'zfill', 'indent', 'lipsum', 'batch', 'slice', 'expandtabs'])

/** Loops and repetitions that would keep a runtime busy or fill its memory. */
export const checkWork = (tags: readonly Tag[], report: TemplateReport): void => {
  const loops: number[] = []
  for (const { kind, tokens, offset } of tags) {
    const bomb = (message: string) =>
      report.add('dangerous', 'template-bomb', message, {
        offset,
        text: tokens
          .slice(0, 60)
          .map((token) => token.value)
          .join(' '),
      })
    const rounds = roundsOf(tokens)
    if (rounds > mostRounds) bomb(`A range of ${grouped(rounds)} keeps a runtime busy.`)
    const what = repetition(tokens)
    if (what !== null) bomb(what)
    const word = kind === 'statement' ? tokens[0]?.value : undefined
    if (word === 'for') {
      loops.push(Math.max(rounds, 1))
      const all = loops.reduce((product, count) => product * count, 1)
      if (rounds > 1 && rounds <= mostRounds && all > mostRounds)
        bomb(`Loops inside one another go round ${grouped(all)} times.`)
    }
    if (word === 'endfor') loops.pop()
  }
}

const numberAt = (tokens: readonly Token[], index: number): number | null => {
  const token = tokens[index]
  return token?.kind === 'number' ? Number(token.value) : null
}

/** The largest literal of a `range(…)`: where it ends at the latest, whatever it starts with. */
const roundsOf = (tokens: readonly Token[]): number => {
  let most = 0
  let depth = 0
  for (const [index, { kind, value }] of tokens.entries()) {
    const opens = value === '(' && kind === 'operator'
    if (depth > 0 && opens) depth++
    else if (opens && tokens[index - 1]?.value === 'range') depth = 1
    else if (depth > 0 && value === ')' && kind === 'operator') depth--
    else if (depth > 0 && kind === 'number') most = Math.max(most, Number(value))
  }
  return most
}

const repetition = (tokens: readonly Token[]): string | null => {
  for (const [index, { kind, value }] of tokens.entries()) {
    const [before, after] = [tokens[index - 1], numberAt(tokens, index + 1)]
    if (kind === 'operator' && value === '**' && (after ?? 0) >= largestExponent && before?.kind === 'number')
      return 'A number is raised to an enormous power.'
    if (kind === 'operator' && value === '*') {
      const [left, right] = [numberAt(tokens, index - 1), after]
      if (Math.max(left ?? 0, right ?? 0) > mostRounds) return 'A text or a list is repeated beyond measure.'
      if (tokens[index + 2]?.value === '**' || tokens[index - 2]?.value === '**')
        return 'A text or a list is repeated beyond measure.'
    }
    if (kind === 'name' && widening.has(value) && tokens[index + 1]?.value === '(') {
      const width = numberAt(tokens, index + 2)
      if ((width ?? 0) > mostRounds) return `"${value}" makes a text enormous.`
    }
    if (kind === 'string' && /%0?\d{6,}[sdfx]|\{:[^}]{0,8}\d{6,}/.test(value)) return 'A format makes a text enormous.'
  }
  return null
}
