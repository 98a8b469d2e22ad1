import { oc } from '@orpc/contract'
import { z } from 'zod'
import { type ErrorCode, ErrorData, errorCodes } from './errors.ts'

type DeclaredErrors = { [Code in ErrorCode]: { status: number; message: string; data: typeof ErrorData } }

/** Who may call a procedure. A procedure without a policy does not compile. */
export type Access = 'public' | 'user'

const declared = (codes: readonly ErrorCode[]) =>
  Object.fromEntries(
    codes.map((code) => [
      code,
      { status: errorCodes[code].status, message: errorCodes[code].message, data: ErrorData },
    ]),
  ) as DeclaredErrors // keys are exactly `codes`; handlers throw by code, so the wider type is harmless

/** A whole number, which a query carries as text. No text is no number, and not 0. */
export const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? Number.NaN : value),
    z.coerce.number().int().min(min).max(max),
  )

/** What any request can meet, whatever it asks for. */
const common: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'HEADERS_TOO_LARGE',
  'FORBIDDEN',
  'TOO_MANY_REQUESTS',
  'INTERNAL',
]

/** What a request that changes something can meet besides: it may have a body, and it may be written down. */
const ofChanges: readonly ErrorCode[] = ['INVALID_JSON', 'NOT_JSON', 'TOO_LARGE', 'DISK_FULL']

/**
 * One procedure of the contract: its REST route, who may call it, and the errors it can answer with besides those that
 * every request can meet.
 */
export const procedure = (
  route: { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: `/${string}`; summary: string; access: Access },
  errors: readonly ErrorCode[] = [],
) => {
  const { access, ...rest } = route
  return oc
    .$meta<{ access: Access }>({ access })
    .errors(
      declared([
        ...common,
        ...(route.method === 'GET' ? [] : ofChanges),
        ...(access === 'public' ? [] : (['UNAUTHENTICATED'] as const)),
        ...errors,
      ]),
    )
    .route({ ...rest, inputStructure: 'compact' })
}
