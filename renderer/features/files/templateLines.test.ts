import { describe, expect, it } from 'vitest'
import type { Check } from '../../../shared/contract/checks.ts'
import { flaggedLines, foldDiff } from './templateLines.ts'

const check = (offset: number, line: number, outcome: Check['outcome'] = 'dangerous'): Check => ({
  rung: 'safety',
  code: 'attribute-trick',
  outcome,
  message: `Line ${line} of the chat template: it reaches into Python objects.`,
  advice: null,
  evidence: { file: null, offset, tensor: null, text: '' },
})

describe('flagged lines of a template', () => {
  it('finds the line by its byte, behind letters of several bytes', () => {
    const text = 'für äöü\n日本 🦆\n{{ x.__class__ }}\n'
    const before = new TextEncoder().encode('für äöü\n日本 🦆\n').length
    expect([...flaggedLines(text, [check(before, 3)]).keys()]).toEqual([3])
    expect([...flaggedLines(text, [check(0, 1)]).keys()]).toEqual([1])
  })

  it('leaves out what is about another template, or passed', () => {
    const text = 'a\nb\n'
    expect(flaggedLines(text, [check(2, 7), check(999, 2), check(2, 2, 'passed')]).size).toBe(0)
  })
})

describe('a folded diff', () => {
  const same = (count: number) => Array.from({ length: count }, (_, at) => ({ kind: 'same' as const, text: `${at}` }))
  const added = { kind: 'added' as const, text: 'new' }

  it('keeps three lines around each change and says how many it leaves out', () => {
    const folded = foldDiff([...same(10), added, ...same(10)])
    expect(folded.map((line) => (line.kind === 'gap' ? line.lines : line.text))).toEqual([
      7,
      '7',
      '8',
      '9',
      'new',
      '0',
      '1',
      '2',
      7,
    ])
  })

  it('folds nothing where changes lie close together', () => {
    const diff = [added, ...same(6), added]
    expect(foldDiff(diff)).toEqual(diff)
  })
})
