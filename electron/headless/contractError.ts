import { ORPCError } from '@orpc/client'
import { type ErrorCode, type ErrorData, errorCodes } from '../../shared/contract/errors.ts'
import { AppError } from '../lib/appError.ts'
import { type ReportBug, toContractError } from '../router/errorEdge.ts'

export type ContractError = ORPCError<ErrorCode, ErrorData>

const isContractError = (error: unknown): error is ContractError =>
  error instanceof ORPCError &&
  error.code in errorCodes &&
  typeof error.data === 'object' &&
  error.data !== null &&
  'requestId' in error.data

/** What leaves this host is an error of the contract, also when it was thrown around the router and not in it. */
export function contractErrorOf(error: unknown, requestId: string, reportBug: ReportBug): ContractError {
  const converted = toContractError(error, requestId, reportBug)
  if (isContractError(converted)) return converted
  reportBug(error, requestId)
  const { status, message, advice } = errorCodes.INTERNAL
  return new ORPCError('INTERNAL', { defined: true, status, message, data: { advice, requestId } })
}

/** A failure of the host itself, before or beside any procedure. */
export const appErrorOf = (error: unknown, requestId: string, reportBug: ReportBug): AppError => {
  if (error instanceof AppError) return error
  reportBug(error, requestId)
  return new AppError('INTERNAL', undefined, { cause: error })
}
