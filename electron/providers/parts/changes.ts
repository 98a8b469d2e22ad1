import { AppError } from '../../lib/appError.ts'

interface Change {
  readonly state: string
}

/**
 * What is being loaded or unloaded: one change of a model at a time, seen by `instances` while it lasts. `server`: for
 * people; `of`: which of its names mean the same model.
 */
export const createChanges = <T extends Change>(
  server: string,
  onChange: () => void,
  of: (key: string) => string = (key) => key,
) => {
  const pending = new Map<string, T>()

  /** @throws AppError BUSY */
  const refuseBusy = (key: string): void => {
    const other = pending.get(of(key))
    if (other !== undefined) throw new AppError('BUSY', `${server} is already ${other.state} ${key}.`)
  }

  return {
    /** by what `of` makes of a key */
    pending: pending as ReadonlyMap<string, T>,
    refuseBusy,
    during: async <R>(key: string, change: T, action: () => Promise<R>): Promise<R> => {
      refuseBusy(key)
      pending.set(of(key), change)
      onChange()
      try {
        return await action()
      } finally {
        pending.delete(of(key))
        onChange()
      }
    },
  }
}
