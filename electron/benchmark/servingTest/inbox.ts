import { clock } from './clock.ts'

/** Work is left for the next turn after so long, so that sockets are looked at again. */
const turnMs = 0.3

/**
 * What came is worked on after everything that is there was taken from its sockets: one answer that is read does not hold up the
 * times of the others. What a job leaves to `process.nextTick` is done before the next job.
 */
export const createInbox = () => {
  let waiting: (() => void)[] = []
  let at = 0
  let until = 0
  let planned = false
  const begin = (): void => {
    until = clock() + turnMs
    work()
  }
  const work = (): void => {
    waiting[at++]?.()
    if (at >= waiting.length) {
      waiting = []
      at = 0
      planned = false
    } else if (clock() < until) process.nextTick(work)
    else setImmediate(begin)
  }
  return (job: () => void): void => {
    waiting.push(job)
    if (planned) return
    planned = true
    setImmediate(begin)
  }
}
export type Inbox = ReturnType<typeof createInbox>
