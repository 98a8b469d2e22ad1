import { randomUUID } from 'node:crypto'
import { mapEventIterator, ORPCError } from '@orpc/client'
import { os } from '@orpc/server'
import { type ErrorCode, ErrorData, errorCodes } from '../../shared/contract/errors.ts'
import { AppError, errnoOf } from '../lib/appError.ts'

export interface RequestContext {
  /** shown to the caller and in the log; made here where the transport has none */
  readonly requestId?: string
}

export type ReportBug = (error: unknown, requestId: string) => void

export type ContractError = ORPCError<ErrorCode, ErrorData>

const contractError = (error: AppError, requestId: string): ContractError => {
  const { code, message, advice, details } = error
  const data = { advice, requestId, ...(details && { details }) }
  return new ORPCError(code, { defined: true, status: errorCodes[code].status, message, data })
}

/** One that has been here before, on its way out of the router. */
const isContractError = (error: unknown): error is ContractError =>
  error instanceof ORPCError && Object.hasOwn(errorCodes, error.code) && ErrorData.safeParse(error.data).success

/** The one place where what was thrown becomes an error of the contract. What nobody foresaw is INTERNAL, and reported. */
export const toContractError = (error: unknown, requestId: string, reportBug: ReportBug): ContractError =>
  isContractError(error) ? error : contractError(toAppError(error, requestId, reportBug), requestId)

const toAppError = (error: unknown, requestId: string, reportBug: ReportBug): AppError => {
  if (error instanceof AppError) return error
  if (errnoOf(error) === 'SQLITE_FULL' || errnoOf(error) === 'ENOSPC') return new AppError('DISK_FULL')
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') return invalidInput(error)
  // Someone hung up: there is nobody to tell, and nothing to report.
  if (error instanceof Error && error.name === 'AbortError') return new AppError('CANCELLED')
  reportBug(error, requestId)
  return new AppError('INTERNAL')
}

interface Issue {
  readonly message: string
  readonly path?: readonly unknown[]
}

const hasIssues = (data: unknown): data is { issues: readonly Issue[] } =>
  typeof data === 'object' && data !== null && 'issues' in data && Array.isArray(data.issues)

/** oRPC's own word for input that does not fit the schema, said by field. */
const invalidInput = (error: ORPCError<string, unknown>): AppError => {
  const issues = hasIssues(error.data) ? error.data.issues.slice(0, 5) : []
  const words = issues.map(
    ({ path, message }) => `${path?.length ? path.map(String).join('.') : 'request'}: ${message}`,
  )
  const message = `${errorCodes.INVALID_INPUT.message} ${words.join('; ')}`.trim()
  return new AppError('INVALID_INPUT', message.slice(0, 2000))
}

export const isIterator = (value: unknown): value is AsyncIterator<unknown, unknown, void> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value

/** Stands around every handler: whatever it throws, also after a stream began, leaves as an error of the contract. */
export const errorEdge = (reportBug: ReportBug) =>
  os.$context<RequestContext>().middleware(async ({ context, next }) => {
    const requestId = context.requestId ?? randomUUID()
    const convert = (error: unknown): ContractError => toContractError(error, requestId, reportBug)
    try {
      const { output, ...result } = await next()
      if (!isIterator(output)) return { ...result, output }
      const value = async (one: unknown): Promise<unknown> => one
      const guarded = mapEventIterator(output, { value, error: async (error) => convert(error) })
      return { ...result, output: guarded }
    } catch (error) {
      throw convert(error)
    }
  })
