import { type ErrorCode, errorCodes } from '../../shared/contract/errors.ts'

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/**
 * A failure a person can act on. Thrown anywhere in a service, turned into the contract's error once, at the router's
 * edge. Anything else thrown is a bug and reaches the caller as INTERNAL.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly advice: string
  readonly details: ErrorDetails | undefined

  constructor(
    code: ErrorCode,
    message?: string,
    options: { advice?: string; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message ?? errorCodes[code].message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.advice = options.advice ?? errorCodes[code].advice
    this.details = options.details
  }
}

/** The sentence inside anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Node's errno code (`ENOENT` …) of anything that was thrown, or null. */
export const errnoOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
