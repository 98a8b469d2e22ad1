import { describe, expect, it } from 'vitest'
import type { Check } from '../../../shared/contract/checks.ts'
import {
  checksByRung,
  checkText,
  countIssues,
  ladderOf,
  memberMeanings,
  rungLine,
  verdictMeanings,
  verdictWords,
} from './reportView.ts'

const check = (over: Partial<Check>): Check => ({
  rung: 'structure',
  code: 'tensor-range',
  outcome: 'passed',
  message: '291 tensors, all inside the file',
  advice: null,
  evidence: null,
  ...over,
})

describe('a report', () => {
  it('goes up the ladder: what ended, what runs, what waits', () => {
    const ladder = ladderOf([
      { rung: 'identity', checks: [check({ rung: 'identity' })] },
      { rung: 'structure', checks: [check({}), check({ outcome: 'warning' })] },
    ])
    expect(ladder.map(({ rung, state, worst }) => `${rung} ${state} ${worst}`)).toEqual([
      'identity ended passed',
      'structure ended warning',
      'meaning running passed',
      'safety waiting passed',
      'fit waiting passed',
      'fingerprint waiting passed',
    ])
  })

  it('tells a rung by its worst finding', () => {
    const warning = check({ outcome: 'warning', message: 'The file is padded.' })
    expect(rungLine([check({}), warning])).toBe('The file is padded.')
    expect(rungLine([check({})])).toBe('291 tensors, all inside the file')
    expect(rungLine([])).toBe(null)
  })

  it('groups checks by rung in the order of the ladder and leaves out rungs without any', () => {
    const groups = checksByRung([check({ rung: 'fit' }), check({ rung: 'identity' }), check({ rung: 'fit' })])
    expect(groups.map(({ rung, checks }) => `${rung} ${checks.length}`)).toEqual(['identity 1', 'fit 2'])
  })

  it('counts issues in words, the worst first', () => {
    const issues = (['note', 'warning', 'broken', 'warning'] as const).map((outcome) => check({ outcome }))
    expect(countIssues(issues)).toBe('1 fault, 2 warnings, 1 note')
    expect(countIssues([])).toBe('')
  })

  it('never says safe', () => {
    expect(
      [verdictWords, verdictMeanings, memberMeanings].flatMap((words) => Object.values(words)).join(' '),
    ).not.toMatch(/safe/i)
  })

  it('gives a check whole, to send on', () => {
    const evidence = { file: null, offset: 255, tensor: 'a.weight', text: 'GGUF' }
    expect(checkText(check({ outcome: 'broken', advice: 'Download it again.', evidence }))).toBe(
      [
        'broken (tensor-range): 291 tensors, all inside the file',
        'Download it again.',
        'Tensor: a.weight',
        'Offset: 255 (0xff)',
        'Text: GGUF',
      ].join('\n'),
    )
  })
})
