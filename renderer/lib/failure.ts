import { ORPCError } from '@orpc/client'

/** Any error as a person and a bug report need it. `requestId` is null when Berth never saw the request. */
export type Failure = {
  readonly code: string
  readonly message: string
  readonly advice: string
  readonly requestId: string | null
}

const textIn = (data: unknown, key: string): string | null => {
  if (typeof data !== 'object' || data === null) return null
  const value: unknown = Reflect.get(data, key)
  return typeof value === 'string' && value !== '' ? value : null
}

export class ConnectionLost extends Error {
  constructor() {
    super('The connection to Berth is lost.')
    this.name = 'ConnectionLost'
  }
}

const lost: Failure = {
  code: 'CONNECTION_LOST',
  message: 'The connection to Berth is lost.',
  advice: 'It is tried again by itself. If it stays so, start Berth again.',
  requestId: null,
}

export const failureOf = (error: unknown): Failure => {
  if (error instanceof ORPCError)
    return {
      code: String(error.code),
      message: error.message,
      advice: textIn(error.data, 'advice') ?? 'Try again; if it stays so, report it with the details.',
      requestId: textIn(error.data, 'requestId'),
    }
  // a carrier that falls aborts the calls that it carried
  if (error instanceof ConnectionLost || (error instanceof Error && error.name === 'AbortError')) return lost
  return {
    code: 'WINDOW_ERROR',
    message: error instanceof Error ? error.message : String(error),
    advice: 'Reload the window; if it stays so, report it with the details.',
    requestId: null,
  }
}

/** What “Copy details” puts on the clipboard. */
export const failureText = ({ code, message, advice, requestId }: Failure): string =>
  [`${code}: ${message}`, advice, ...(requestId === null ? [] : [`request id ${requestId}`])].join('\n')
