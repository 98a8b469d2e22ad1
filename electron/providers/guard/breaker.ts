import { AppError } from '../../lib/appError.ts'

/**
 * closed → open after `threshold` faults in a row; open → half-open when its time is over or somebody insists; half-open →
 * closed with the first good answer, → open, for twice as long, with a fault. Own code: cockatiel's closes when the one who
 * probes gives up, reads the clock by itself, and cannot be asked when it will try again.
 */
export type BreakerState =
  | { readonly state: 'closed'; readonly faults: number }
  | { readonly state: 'open'; readonly until: number; readonly openings: number }
  | { readonly state: 'half-open'; readonly openings: number }

/** `good`: the server answered, were it with a refusal. `fault`: 5xx, time-out, connection, malformed. */
export type Outcome = 'good' | 'fault' | 'cancelled'

export interface BreakerDeps {
  /** Unix milliseconds */
  readonly now: () => number
  /** 0–1: half of each pause is left to chance, so that many who wait do not come back at once */
  readonly random: () => number
}

export const breakerLimits = { threshold: 3, firstPauseMs: 2_000, longestPauseMs: 60_000 }

export const createBreaker = ({ now, random }: BreakerDeps) => {
  let current: BreakerState = { state: 'closed', faults: 0 }
  /** answers to questions of an earlier phase say nothing about this one */
  let phase = 0

  const become = (next: BreakerState): void => {
    if (next.state !== current.state) phase++
    current = next
  }
  const open = (openings: number): void => {
    const longest = Math.min(breakerLimits.longestPauseMs, breakerLimits.firstPauseMs * 2 ** Math.min(openings - 1, 10))
    become({ state: 'open', until: now() + longest * (0.5 + random() / 2), openings })
  }

  const settle = (outcome: Outcome, asked: number): void => {
    if (asked !== phase) return
    if (current.state === 'half-open') {
      if (outcome === 'good') become({ state: 'closed', faults: 0 })
      else if (outcome === 'fault') open(current.openings + 1)
      else become({ state: 'open', until: now(), openings: current.openings })
    } else if (current.state === 'closed' && outcome !== 'cancelled') {
      const faults = outcome === 'good' ? 0 : current.faults + 1
      if (faults >= breakerLimits.threshold) open(1)
      else current = { state: 'closed', faults }
    }
  }

  return {
    state: (): BreakerState => current,
    /**
     * May one ask now? Null: no. Else tell how it ended, once. While half-open one asks and nobody else; `insist` asks before
     * the pause is over, and beside a probe.
     */
    enter: (insist = false): ((outcome: Outcome) => void) | null => {
      if (current.state === 'half-open' && !insist) return null
      if (current.state === 'open') {
        if (now() < current.until && !insist) return null
        become({ state: 'half-open', openings: current.openings })
      }
      const asked = phase
      return (outcome) => settle(outcome, asked)
    },
  }
}
export type Breaker = ReturnType<typeof createBreaker>

/** What a failed call says about its server. */
export const outcomeOf = (error: unknown): Outcome => {
  if (!(error instanceof AppError)) return 'fault'
  switch (error.code) {
    case 'CANCELLED':
      return 'cancelled'
    case 'PROVIDER_UNREACHABLE':
    case 'PROVIDER_TIMEOUT':
    case 'PROVIDER_BAD_ANSWER':
    case 'PROVIDER_BUSY': // a 503
      return 'fault'
    case 'PROVIDER_ERROR': {
      const status = error.details?.status
      return typeof status === 'number' && status < 500 ? 'good' : 'fault'
    }
    default:
      return 'good'
  }
}
