import { AppError } from '../lib/appError.ts'
import type { Caller } from './callers.ts'

const MOST = { waiting: 20, streams: 20, sockets: 20 }

const take = (caller: Caller | null, what: keyof Caller['open']): (() => void) => {
  if (caller === null) return () => {}
  if (caller.open[what] >= MOST[what])
    throw new AppError('TOO_MANY_REQUESTS', `This token has ${MOST[what]} ${what} open already.`)
  caller.open[what] += 1
  return () => {
    caller.open[what] -= 1
  }
}

export const takeSocket = (caller: Caller): (() => void) => take(caller, 'sockets')

/**
 * One request's place among those its caller has open: none → waiting → stream → left. Nobody in particular (null) is not
 * counted. `wait` and `stream` throw TOO_MANY_REQUESTS when the caller has enough open.
 */
export function createTurn(caller: Caller | null) {
  let state: 'none' | 'waiting' | 'stream' | 'left' = 'none'
  let release = (): void => {}
  const move = (to: 'waiting' | 'stream' | 'left', next: () => void): void => {
    release()
    release = next
    state = to
  }
  return {
    wait(): void {
      if (state === 'none') move('waiting', take(caller, 'waiting'))
    },
    stream(): void {
      if (state === 'waiting') move('stream', take(caller, 'streams'))
    },
    leave(): void {
      move('left', () => {})
    },
  }
}
export type Turn = ReturnType<typeof createTurn>
