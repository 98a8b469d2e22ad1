import { describe, expect, it } from 'vitest'
import type { Account } from '../../../shared/contract/providers.ts'
import { aProvider, noUsage } from '../../lib/testMirror.ts'
import { accountLines, cannotLines, compareProviders, ignoredLines, todayOf, tokensOf } from './providerList.ts'

const down = { state: 'unreachable', code: 'X', reason: 'r', advice: 'a', checkedAt: 0, nextAttemptAt: null } as const
const fast = aProvider('fast', { status: { state: 'reachable', version: '1.2', latencyMs: 3, checkedAt: 0 } })
const slow = aProvider('slow', { status: { state: 'reachable', version: null, latencyMs: 900, checkedAt: 0 } })
const broken = aProvider('broken', { status: down })

describe('the list of providers', () => {
  it('puts what is wrong first when sorted by state', () => {
    const sorted = [fast, slow, broken].sort(compareProviders({ column: 'state', descending: false }))
    expect(sorted.map(({ provider }) => provider)).toEqual(['broken', 'fast', 'slow'])
  })
  it('keeps unknown figures last, whichever way it is sorted', () => {
    for (const descending of [true, false]) {
      const sorted = [broken, slow, fast].sort(compareProviders({ column: 'latency', descending }))
      expect(sorted.at(-1)?.provider).toBe('broken')
    }
  })
  it('counts tokens in and out, and knows that nobody counts the embedded engine', () => {
    const used = { ...noUsage, promptTokens: 10, completionTokens: 5 }
    expect(tokensOf(todayOf(aProvider('a', { usage: { today: used, total: used } })))).toBe(15)
    expect(tokensOf(todayOf(aProvider('embedded', { kind: 'embedded', address: null })))).toBeNull()
  })
})

it('says once what several verbs or options have in common', () => {
  const remote = aProvider('openrouter', {
    cannot: { load: 'Nothing is loaded there.', unload: 'Nothing is loaded there.', pull: 'There is no disk.' },
    ignoredOptions: { mmap: 'Set it at its start.', threads: 'Set it at its start.', later: 'Unknown to us.' },
  })
  expect(cannotLines(remote)).toEqual([
    ['Load, Unload', 'Nothing is loaded there.'],
    ['Pull', 'There is no disk.'],
  ])
  expect(ignoredLines(remote)).toEqual([])
  expect(ignoredLines({ ...remote, cannot: {} })).toEqual([
    ['Memory map, Threads', 'Set it at its start.'],
    ['later', 'Unknown to us.'],
  ])
})

describe('an account', () => {
  const unknown: Account = {
    label: null,
    usedUsd: null,
    usedTodayUsd: null,
    limitUsd: null,
    remainingUsd: null,
    creditsUsd: null,
    isFreeTier: null,
    freeRequests: null,
    freeRequestsPerMinute: null,
  }
  it('leaves out what is not told, but says that there is no limit', () => {
    expect(accountLines(unknown)).toEqual([
      ['Limit of this key', 'none'],
      ['Credits', 'this key may not see them'],
    ])
  })
  it('gives money in dollars and free requests with their limit', () => {
    const lines = new Map(
      accountLines({ ...unknown, usedUsd: 0.0042, limitUsd: 5, freeRequests: { limit: 50, remaining: 12 } }),
    )
    expect(lines.get('Used')).toBe('$0.0042')
    expect(lines.get('Limit of this key')).toBe('$5.00')
    expect(lines.get('Free requests a day')).toBe('12 of 50 left, until midnight UTC')
  })
})
