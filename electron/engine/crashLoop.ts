import { isDeepStrictEqual } from 'node:util'
import type { LoadOptions } from '../../shared/contract/models.ts'
import { AppError } from '../lib/appError.ts'

const CRASHES = 3
const WINDOW_MS = 5 * 60_000

/** Sets a model aside that has crashed three times in five minutes, until that is over or other options are tried. */
export function createCrashLoop(now: () => number) {
  const crashes = new Map<string, { readonly options: LoadOptions; readonly at: readonly number[] }>()
  const recent = (at: readonly number[]): number[] => at.filter((time) => now() - time < WINDOW_MS)

  return {
    /** @throws AppError SET_ASIDE */
    check(key: string, options: LoadOptions, reason: string | null): void {
      const known = crashes.get(key)
      if (known === undefined) return
      const at = recent(known.at)
      if (at.length === 0 || !isDeepStrictEqual(known.options, withoutKeepAlive(options))) crashes.delete(key)
      else if (at.length >= CRASHES)
        throw new AppError(
          'SET_ASIDE',
          `The model was set aside because its engine ended three times in five minutes. ${reason ?? ''}`.trim(),
          { details: { crashes: at.length, untilMs: Math.min(...at.slice(-CRASHES)) + WINDOW_MS } },
        )
    },
    add(key: string, options: LoadOptions): void {
      crashes.set(key, { options: withoutKeepAlive(options), at: [...recent(crashes.get(key)?.at ?? []), now()] })
    },
  }
}

export function withoutKeepAlive(options: LoadOptions): LoadOptions {
  const { keepAlive: _keepAlive, ...rest } = options
  return rest
}
