import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { mutationSeed } from '../../../test/support/mutation.ts'
import { AppError } from '../../lib/appError.ts'
import { type Breaker, breakerLimits, createBreaker, type Outcome, outcomeOf } from './breaker.ts'

const { threshold, firstPauseMs, longestPauseMs } = breakerLimits

/** Chance that leaves every pause at its longest. */
const noChance = () => 1

describe('a breaker', () => {
  const start = () => {
    let now = 1_000
    const breaker = createBreaker({ now: () => now, random: noChance })
    const answer = (outcome: Outcome, insist = false) => breaker.enter(insist)?.(outcome)
    return {
      breaker,
      answer,
      pass: (ms: number) => {
        now += ms
      },
    }
  }

  it('opens after three faults in a row, and a good answer between them begins the count anew', () => {
    const { breaker, answer } = start()
    for (const outcome of ['fault', 'fault', 'good', 'fault', 'fault'] as const) answer(outcome)
    expect(breaker.state().state).toBe('closed')
    answer('fault')
    expect(breaker.state()).toEqual({ state: 'open', until: 1_000 + firstPauseMs, openings: 1 })
    expect(breaker.enter()).toBeNull()
  })

  it('lets one ask when the pause is over, closes with its good answer, and pauses twice as long with its fault', () => {
    const { breaker, answer, pass } = start()
    for (let count = 0; count < threshold; count++) answer('fault')
    pass(firstPauseMs)
    const probe = breaker.enter()
    expect(breaker.enter()).toBeNull()
    probe?.('fault')
    expect(breaker.state()).toMatchObject({ state: 'open', until: 1_000 + firstPauseMs + 2 * firstPauseMs })
    pass(2 * firstPauseMs)
    answer('good')
    expect(breaker.state()).toEqual({ state: 'closed', faults: 0 })
  })

  it('counts nothing when who asked gave up, and the next may ask at once', () => {
    const { breaker, answer, pass } = start()
    for (let count = 0; count < 10; count++) answer('cancelled')
    expect(breaker.state()).toEqual({ state: 'closed', faults: 0 })
    for (let count = 0; count < threshold; count++) answer('fault')
    pass(firstPauseMs)
    answer('cancelled')
    expect(breaker.state().state).toBe('open')
    expect(breaker.enter()).not.toBeNull()
  })

  it('is asked before its time by who insists, and never pauses longer than a minute', () => {
    const { breaker, answer } = start()
    for (let count = 0; count < threshold; count++) answer('fault')
    for (let count = 0; count < 20; count++) answer('fault', true)
    const state = breaker.state()
    expect(state.state === 'open' && state.until).toBe(1_000 + longestPauseMs)
    answer('good', true)
    expect(breaker.state().state).toBe('closed')
  })

  it('does not listen to answers of an earlier phase', () => {
    const { breaker, answer, pass } = start()
    const slow = breaker.enter()
    for (let count = 0; count < threshold; count++) answer('fault')
    slow?.('good')
    expect(breaker.state().state).toBe('open')
    pass(firstPauseMs)
    answer('good')
    expect(breaker.state().state).toBe('closed')
  })
})

/** The same rules told as plainly as possible: a list of what happened since the phase began. */
const createReference = (now: () => number) => {
  let phase: { name: 'closed' | 'open' | 'half-open'; number: number; until: number; pauses: number } = {
    name: 'closed',
    number: 0,
    until: 0,
    pauses: 0,
  }
  let outcomes: Outcome[] = []
  const next = (name: typeof phase.name, until = 0, pauses = 0) => {
    phase = { name, number: phase.number + 1, until, pauses }
    outcomes = []
  }
  const pauseAfter = (pauses: number) => Math.min(longestPauseMs, firstPauseMs * 2 ** (pauses - 1))
  return {
    phase: () => phase.name,
    ask: (insist: boolean): number | null => {
      if (phase.name === 'half-open' && !insist) return null
      if (phase.name === 'open') {
        if (!insist && now() < phase.until) return null
        next('half-open', 0, phase.pauses)
      }
      return phase.number
    },
    told: (number: number, outcome: Outcome) => {
      if (number !== phase.number) return
      if (phase.name === 'half-open') {
        if (outcome === 'good') next('closed')
        if (outcome === 'fault') next('open', now() + pauseAfter(phase.pauses + 1), phase.pauses + 1)
        if (outcome === 'cancelled') next('open', now(), phase.pauses)
        return
      }
      outcomes = [...outcomes, outcome].filter((each) => each !== 'cancelled')
      const last = outcomes.slice(-threshold)
      if (last.length === threshold && last.every((each) => each === 'fault')) next('open', now() + pauseAfter(1), 1)
    },
  }
}

type Command =
  | { readonly do: 'ask'; readonly insist: boolean }
  | { readonly do: 'end'; readonly which: number; readonly outcome: Outcome }
  | { readonly do: 'wait'; readonly ms: number }

const commands = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('ask' as const), insist: fc.boolean() }),
    fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(5),
      outcome: fc.constantFrom<Outcome>('good', 'fault', 'fault', 'cancelled'),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 1_999, 2_000, 4_000, 60_000) }),
  ),
  { maxLength: 80 },
)

/** Runs the commands on both; the first difference, or null. */
const difference = (list: readonly Command[], make: (now: () => number) => Breaker): string | null => {
  let now = 0
  const breaker = make(() => now)
  const reference = createReference(() => now)
  const asked: { settle: (outcome: Outcome) => void; number: number }[] = []
  for (const [step, command] of list.entries()) {
    if (command.do === 'wait') now += command.ms
    if (command.do === 'ask') {
      const settle = breaker.enter(command.insist)
      const number = reference.ask(command.insist)
      if ((settle === null) !== (number === null)) return `step ${step}: one lets in, the other does not`
      if (settle && number !== null) asked.push({ settle, number })
    }
    if (command.do === 'end') {
      const [one] = asked.splice(command.which % Math.max(1, asked.length), 1)
      one?.settle(command.outcome)
      if (one) reference.told(one.number, command.outcome)
    }
    if (breaker.state().state !== reference.phase())
      return `step ${step}: ${breaker.state().state}, ${reference.phase()}`
  }
  return null
}

test('in 2,000 random sequences of questions and answers it does what the reference does', () => {
  const make = (now: () => number) => createBreaker({ now, random: noChance })
  fc.assert(
    fc.property(commands, (list) => difference(list, make) === null),
    { numRuns: 2_000, seed: mutationSeed },
  )
})

test('a breaker that counts who gave up is told apart from the reference', () => {
  const counting = (now: () => number): Breaker => {
    const inner = createBreaker({ now, random: noChance })
    return {
      ...inner,
      enter: (insist) => {
        const settle = inner.enter(insist)
        return settle && ((outcome) => settle(outcome === 'cancelled' ? 'fault' : outcome))
      },
    }
  }
  const { failed } = fc.check(
    fc.property(commands, (list) => difference(list, counting) === null),
    { numRuns: 2_000, seed: mutationSeed },
  )
  expect(failed).toBe(true)
})

test.each([
  [new AppError('CANCELLED'), 'cancelled'],
  [new AppError('PROVIDER_UNREACHABLE'), 'fault'],
  [new AppError('PROVIDER_TIMEOUT'), 'fault'],
  [new AppError('PROVIDER_BAD_ANSWER'), 'fault'],
  [new AppError('PROVIDER_BUSY'), 'fault'],
  [new AppError('PROVIDER_ERROR', 'x', { details: { status: 500 } }), 'fault'],
  [new AppError('PROVIDER_ERROR', 'x', { details: { status: 400 } }), 'good'],
  [new AppError('PROVIDER_RATE_LIMITED'), 'good'],
  [new AppError('PROVIDER_KEY_REJECTED'), 'good'],
  [new AppError('MODEL_NOT_FOUND'), 'good'],
  [new AppError('OUT_OF_MEMORY'), 'good'],
  [new Error('nobody foresaw this'), 'fault'],
] as const)('%o says of its server: %s', (error, outcome) => {
  expect(outcomeOf(error)).toBe(outcome)
})
