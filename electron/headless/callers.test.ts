import { describe, expect, it } from 'vitest'
import { createCallers } from './callers.ts'

const setUp = () => {
  const clock = { at: 1000 }
  return { clock, callers: createCallers({ token: 'the token', now: () => clock.at }) }
}

describe('createCallers', () => {
  it('knows the token and nothing like it', () => {
    const { callers } = setUp()
    expect(callers.byToken('the token')?.kind).toBe('token')
    for (const wrong of ['', 'the toke', 'the token ', 'The token', 'the token\0'])
      expect(callers.byToken(wrong)).toBeNull()
  })

  it('lets a link in once, and not after ten minutes', () => {
    const { callers, clock } = setUp()
    const link = callers.newLink()
    const session = callers.openLink(link)
    expect(callers.bySession(session ?? '')?.kind).toBe('session')
    expect(callers.openLink(link)).toBeNull()
    const late = callers.newLink()
    clock.at += 10 * 60_000
    expect(callers.openLink(late)).toBeNull()
  })

  it('takes a ticket once, within thirty seconds, for the one who asked for it', () => {
    const { callers, clock } = setUp()
    const caller = callers.bySession(callers.openLink(callers.newLink()) ?? '')
    if (caller === null) throw new Error('no session')
    const ticket = callers.newTicket(caller)
    expect(callers.byTicket(ticket)).toBe(caller)
    expect(callers.byTicket(ticket)).toBeNull()
    const late = callers.newTicket(caller)
    clock.at += 30_000
    expect(callers.byTicket(late)).toBeNull()
  })

  it('ends a session with its tickets, and leaves the others', () => {
    const { callers } = setUp()
    const sessions = [callers.openLink(callers.newLink()) ?? '', callers.openLink(callers.newLink()) ?? '']
    const [mine, other] = sessions.map((secret) => callers.bySession(secret))
    if (mine == null || other == null) throw new Error('no session')
    const ticket = callers.newTicket(mine)
    callers.endSessions(mine)
    expect(mine.ended.aborted).toBe(true)
    expect(other.ended.aborted).toBe(false)
    expect(callers.bySession(sessions[0] ?? '')).toBeNull()
    expect(callers.byTicket(ticket)).toBeNull()
  })

  it('keeps the newest hundred sessions', () => {
    const { callers } = setUp()
    const secrets = Array.from({ length: 101 }, () => callers.openLink(callers.newLink()) ?? '')
    expect(callers.bySession(secrets[0] ?? '')).toBeNull()
    expect(secrets.slice(1).every((secret) => callers.bySession(secret) !== null)).toBe(true)
  })
})
