import { AppError } from '../lib/appError.ts'

/** One at a time, in order of arrival; `waitingLimit` may wait, and the next is refused as BUSY. */
export function createTurns(waitingLimit: number) {
  const waiting: (() => void)[] = []
  let taken = false

  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else taken = false
  }
  return {
    /** Resolves with the function that ends the turn. */
    async enter(signal: AbortSignal): Promise<() => void> {
      if (signal.aborted) throw new AppError('CANCELLED')
      if (!taken) {
        taken = true
        return leave
      }
      if (waiting.length >= waitingLimit)
        throw new AppError('BUSY', 'This model is answering, and as many requests as it takes are waiting.')
      await new Promise<void>((resolve, reject) => {
        const start = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(start), 1)
          reject(new AppError('CANCELLED'))
        }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.push(start)
      })
      return leave
    },
  }
}
