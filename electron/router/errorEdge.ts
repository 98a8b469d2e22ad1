import { mapEventIterator, ORPCError } from '@orpc/client'
import type { ErrorData } from '../../shared/contract/errors.ts'
import { type ErrorCode, errorCodes } from '../../shared/contract/errors.ts'
import { AppError, errnoOf } from '../lib/appError.ts'

export interface RequestContext {
  /** shown to the caller and in the log; made here where the transport has none */
  readonly requestId?: string
}

export type ReportBug = (error: unknown, requestId: string) => void

const contractError = (code: ErrorCode, message: string, data: ErrorData) =>
  new ORPCError(code, { defined: true, status: errorCodes[code].status, message, data })

/** The one place where what was thrown becomes an error of the contract. What nobody foresaw is INTERNAL, and reported. */
export const toContractError = (error: unknown, requestId: string, reportBug: ReportBug): unknown => {
  if (error instanceof AppError) {
    const { code, message, advice, details } = error
    return contractError(code, message, { advice, requestId, ...(details && { details }) })
  }
  if (errnoOf(error) === 'SQLITE_FULL' || errnoOf(error) === 'ENOSPC') {
    return contractError('DISK_FULL', errorCodes.DISK_FULL.message, { advice: errorCodes.DISK_FULL.advice, requestId })
  }
  if (error instanceof ORPCError) return error.code === 'BAD_REQUEST' ? invalidInput(error, requestId) : error
  // Someone hung up: there is nobody to tell, and nothing to report.
  if (error instanceof Error && error.name === 'AbortError') {
    return contractError('CANCELLED', errorCodes.CANCELLED.message, { advice: errorCodes.CANCELLED.advice, requestId })
  }
  reportBug(error, requestId)
  return contractError('INTERNAL', errorCodes.INTERNAL.message, { advice: errorCodes.INTERNAL.advice, requestId })
}

interface Issue {
  readonly message: string
  readonly path?: readonly unknown[]
}

const hasIssues = (data: unknown): data is { issues: readonly Issue[] } =>
  typeof data === 'object' && data !== null && 'issues' in data && Array.isArray(data.issues)

/** oRPC's own word for input that does not fit the schema, said by field. */
const invalidInput = (error: ORPCError<string, unknown>, requestId: string) => {
  const issues = hasIssues(error.data) ? error.data.issues.slice(0, 5) : []
  const words = issues.map(
    ({ path, message }) => `${path?.length ? path.map(String).join('.') : 'request'}: ${message}`,
  )
  const message =
    words.length > 0
      ? `The request does not have the expected form. ${words.join('; ')}`
      : errorCodes.INVALID_INPUT.message
  return contractError('INVALID_INPUT', message.slice(0, 2000), { advice: errorCodes.INVALID_INPUT.advice, requestId })
}

const isIterator = (value: unknown): value is AsyncIterator<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The same for what a stream throws after it began. */
export const guardOutput = (output: unknown, requestId: string, reportBug: ReportBug): unknown =>
  isIterator(output)
    ? mapEventIterator(output, {
        value: async (value) => value,
        error: async (error) => toContractError(error, requestId, reportBug),
      })
    : output
