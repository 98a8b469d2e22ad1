import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../shared/contract/checks.ts'
import { checkOf } from '../formats/findings.ts'
import { collectionReport } from './collectionReport.ts'
import { composeReport, issuesOf, unreadReport, verdictOf } from './report.ts'
import { reportPage } from './reportPage.ts'

const check = (outcome: Outcome, code = outcome) => checkOf('structure', outcome, code, `a ${outcome} check`)
const context = { path: '/m/a.gguf', requestId: 'r', fit: [], checkedAt: 7, elapsedMs: 1 }
const examined = (...outcomes: Outcome[]) =>
  composeReport(
    {
      kind: 'file',
      label: 'a GGUF model',
      checks: outcomes.map((outcome) => check(outcome)),
      inspection: null,
      files: [{ path: '/m/a.gguf', sizeBytes: 3, modifiedAt: 2 }],
      fingerprint: 'f1:x',
      known: null,
    },
    context,
  )

describe('a verdict', () => {
  const cases: [Outcome[], string][] = [
    [[], 'ok'],
    [['passed', 'note'], 'ok'],
    [['passed', 'warning'], 'warnings'],
    [['warning', 'unknown'], 'unknown'],
    [['unknown', 'broken'], 'broken'],
    [['broken', 'dangerous', 'unknown'], 'dangerous'],
  ]
  for (const [outcomes, verdict] of cases)
    it(`is ${verdict} for ${outcomes.join(', ') || 'nothing at all'}`, () => {
      expect(verdictOf(outcomes.map((outcome) => check(outcome)))).toBe(verdict)
    })

  it('is not hidden behind any number of remarks, and neither is what made it', () => {
    const report = examined(...Array<Outcome>(3_000).fill('note'), 'dangerous')
    expect(report).toMatchObject({ verdict: 'dangerous', isValid: false })
    expect(report.issues[0]?.outcome).toBe('dangerous')
    expect(report.checks).toHaveLength(1_000)
  })

  it('makes a file valid when it is ok or has warnings', () => {
    expect(
      [[], ['warning'], ['unknown'], ['broken'], ['dangerous']].map((of) => examined(...(of as Outcome[])).isValid),
    ).toEqual([true, true, false, false, false])
  })
})

describe('a report', () => {
  it('lists issues worst first and leaves out what passed', () => {
    const outcomes: Outcome[] = ['note', 'passed', 'warning', 'dangerous', 'unknown', 'broken']
    expect(issuesOf(outcomes.map((one) => check(one))).map(({ outcome }) => outcome)).toEqual([
      'dangerous',
      'broken',
      'unknown',
      'warning',
      'note',
    ])
  })

  it('puts checks in the order of the ladder', () => {
    const report = composeReport(
      {
        kind: 'file',
        label: 'x',
        checks: [checkOf('safety', 'passed', 's', ''), checkOf('identity', 'passed', 'i', '')],
        inspection: null,
        files: [],
        fingerprint: null,
        known: null,
      },
      { ...context, fit: [checkOf('fit', 'passed', 'f', '')] },
    )
    expect(report.checks.map(({ rung }) => rung)).toEqual(['identity', 'safety', 'fit'])
    expect(report.content).toBeNull()
  })

  it('of a file nobody may read is unknown and says why', () => {
    expect(unreadReport('/m/a', 'Berth may not read this file.', context)).toMatchObject({
      verdict: 'unknown',
      isValid: false,
      issues: [{ code: 'not-readable', message: 'Berth may not read this file.' }],
    })
  })

  it('of an empty folder says that there is nothing', () => {
    expect(collectionReport('/m', [], context)).toMatchObject({
      verdict: 'unknown',
      members: { ok: 0, broken: 0 },
      issues: [{ code: 'no-models' }],
    })
  })
})

describe('the page of a report', () => {
  it('shows every text of a file as text, and lets nothing in from elsewhere', () => {
    const hostile = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&\u202e'
    const page = reportPage({
      ...examined('warning'),
      path: `/m/${hostile}`,
      label: hostile,
      checks: [checkOf('safety', 'dangerous', 'x', hostile, { text: hostile, file: hostile, advice: hostile })],
      facts: [{ title: hostile, facts: [{ label: hostile, value: hostile, source: hostile }] }],
      keyValues: [{ key: hostile, type: hostile, value: hostile }],
      templates: [{ name: hostile, text: hostile, source: hostile }],
      tensorTypes: [{ type: hostile, tensors: 1, bytes: 1 }],
    })
    expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>|\u202e/)
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/\bsafe\b/i)
  })
})
