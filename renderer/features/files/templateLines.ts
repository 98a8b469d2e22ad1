import type { Check } from '../../../shared/contract/checks.ts'

/** Characters of a template before a byte of its UTF-8 text, and the line that byte stands in, from 1. */
const lineAtByte = (text: string, offset: number): number => {
  let bytes = 0
  let line = 1
  for (const character of text) {
    if (bytes >= offset) return line
    if (character === '\n') line += 1
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes >= offset ? line : -1
}

/**
 * The checks that speak of a line of this template, by line. A check carries the byte in the template it is about and
 * names the line in its message; where the two agree it is about this template and not another of the same file.
 */
export const flaggedLines = (text: string, checks: readonly Check[]): ReadonlyMap<number, readonly Check[]> => {
  const flagged = new Map<number, Check[]>()
  for (const check of checks) {
    const offset = check.evidence?.offset ?? null
    const named = /^Line (\d{1,9}) of the chat template/.exec(check.message)?.[1]
    if (check.outcome === 'passed' || offset === null || named === undefined) continue
    const line = Number(named)
    if (lineAtByte(text, offset) === line) flagged.set(line, [...(flagged.get(line) ?? []), check])
  }
  return flagged
}

export type DiffLine = { readonly kind: 'same' | 'added' | 'removed'; readonly text: string }
/** A run of lines that are the same on both sides, of which only the ends are shown. */
export type Gap = { readonly kind: 'gap'; readonly lines: number }

const contextLines = 3

/** A diff with long runs of equal lines folded away. */
export const foldDiff = (diff: readonly DiffLine[]): readonly (DiffLine | Gap)[] => {
  const near = new Uint8Array(diff.length)
  for (const [index, { kind }] of diff.entries()) {
    if (kind === 'same') continue
    for (let at = Math.max(0, index - contextLines); at <= Math.min(diff.length - 1, index + contextLines); at += 1)
      near[at] = 1
  }
  const folded: (DiffLine | Gap)[] = []
  let hidden = 0
  for (const [index, line] of diff.entries()) {
    if (near[index] !== 1) {
      hidden += 1
      continue
    }
    if (hidden > 0) folded.push({ kind: 'gap', lines: hidden })
    hidden = 0
    folded.push(line)
  }
  if (hidden > 0) folded.push({ kind: 'gap', lines: hidden })
  return folded
}
