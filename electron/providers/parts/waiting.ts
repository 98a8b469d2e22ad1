import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../lib/appError.ts'
import { untilAborted } from '../../lib/untilAborted.ts'

/** Each pause is half as long again as the one before. */
interface Pace {
  readonly firstMs: number
  readonly mostMs: number
}
const usualPace: Pace = { firstMs: 50, mostMs: 1_000 }

/** Asks until it has an answer other than undefined. @throws AppError CANCELLED, and whatever the question rejects with */
export const untilAnswered = async <T>(
  ask: () => Promise<T | undefined>,
  signal: AbortSignal,
  { firstMs, mostMs } = usualPace,
): Promise<T> => {
  for (let waitMs = firstMs; ; waitMs = Math.min(waitMs * 1.5, mostMs)) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await delay(waitMs, undefined, { signal }).catch((cause: unknown) => {
      throw new AppError('CANCELLED', 'The wait was cancelled.', { cause })
    })
  }
}

export interface Deadline {
  readonly ms: number
  /** what took too long, for people */
  readonly words: string
  readonly advice?: string
}

/**
 * Work that has to end in time.
 * @throws AppError PROVIDER_TIMEOUT; whatever the work rejected with otherwise, also when the caller cancelled it
 */
export const inTime = async <T>(
  { ms, words, advice }: Deadline,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const deadline = AbortSignal.timeout(ms)
  try {
    return await work(AbortSignal.any([signal, deadline]))
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error
    throw new AppError('PROVIDER_TIMEOUT', words, { cause: error, ...(advice !== undefined && { advice }) })
  }
}

/** The work goes on; the caller stops waiting for it. @throws AppError CANCELLED */
export const orCancelled = async <T>(work: T | Promise<T>, signal: AbortSignal, words: string): Promise<T> => {
  try {
    return await untilAborted(Promise.resolve(work), signal)
  } catch (error) {
    if (error !== signal.reason) throw error
    throw new AppError('CANCELLED', words, { cause: error })
  }
}
