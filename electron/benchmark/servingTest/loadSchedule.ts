import { createPurse } from '../purse.ts'
import { clock, waitUntil } from './clock.ts'
import { type Answer, type LoadEnd, type LoadOrder, type LoadOutcome, usedOf } from './loadOrder.ts'

/** More connections than this help no load; what comes then is sent late, and its figures say so. */
const maxUnderWay = 4096
/** A server that fails so many requests, the first that it got, is asked no more. Those that wait at it may still succeed. */
const hopelessFailures = 100
/** so that nothing of a load is late from the start */
const leadMs = 3

export interface Sending {
  /** number of its prompt */
  readonly prompt: number
  readonly beganAt: number
  readonly plannedAt: number
}
/** Never rejects. */
export type Send = (sending: Sending) => Promise<Answer>

/** Sends what an order plans, each at its time, and resolves when the last answer has ended. */
export const runSchedule = async (
  { arrivals, firstPrompt, remainingMs, spending }: LoadOrder,
  send: Send,
  onAnswer: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<Pick<LoadOutcome, 'end' | 'beganAt' | 'cutOff'>> => {
  const beganAt = clock() + leadMs
  const deadline = remainingMs === null ? Number.POSITIVE_INFINITY : beganAt + remainingMs
  const purse = createPurse(spending)
  const counted = { succeeded: 0, failedFirst: 0, cutOff: 0 }
  let end: LoadEnd = 'whole'

  const mayGo = (): boolean => {
    if (signal.aborted) end = 'cancelled'
    else if (clock() >= deadline) end = 'deadline'
    else if (!purse.mayBegin()) end = 'spent'
    else if (counted.succeeded === 0 && counted.failedFirst >= hopelessFailures) end = 'failing'
    return end === 'whole'
  }
  const one = async (index: number, plannedAt: number): Promise<Answer> => {
    purse.begin()
    const answer = await send({ prompt: firstPrompt + index, beganAt, plannedAt })
    purse.end(usedOf(answer))
    if (answer.error === 'CANCELLED') counted.cutOff += 1
    else {
      if (answer.error === null) counted.succeeded += 1
      else if (index < hopelessFailures) counted.failedFirst += 1
      onAnswer(answer)
    }
    return answer
  }

  /** Each lane goes on where its last answer ended. */
  const closed = async (level: number, count: number): Promise<void> => {
    let next = 0
    const lane = async (): Promise<void> => {
      let plannedAt = beganAt
      while (next < count && mayGo()) plannedAt = beganAt + (await one(next++, plannedAt)).endMs
    }
    if (!(await waitUntil(beganAt, signal))) end = 'cancelled'
    await Promise.all(Array.from({ length: Math.min(level, count) }, lane))
  }

  const open = async (atMs: readonly number[]): Promise<void> => {
    const underWay = new Set<Promise<Answer>>()
    for (const [index, at] of atMs.entries()) {
      const reached = await waitUntil(Math.min(beganAt + at, deadline), signal)
      if (underWay.size >= maxUnderWay) await Promise.race(underWay)
      if (!mayGo() || !reached) break
      const answer = one(index, beganAt + at)
      underWay.add(answer)
      void answer.then(() => underWay.delete(answer))
    }
    await Promise.all(underWay)
  }

  if (arrivals.loop === 'closed') await closed(arrivals.level, arrivals.count)
  else await open(arrivals.atMs)
  return { end: signal.aborted ? 'cancelled' : end, beganAt, cutOff: counted.cutOff }
}
