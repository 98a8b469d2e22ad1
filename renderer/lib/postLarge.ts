import { ORPCError } from '@orpc/client'
import { ConnectionLost } from './failure.ts'

const textIn = (answer: unknown, key: string): string => {
  if (typeof answer !== 'object' || answer === null) return ''
  const value: unknown = Reflect.get(answer, key)
  return typeof value === 'string' ? value : ''
}

/** What Berth answers when it refuses, as the typed client would throw it. */
export const refusalOf = (status: number, answer: unknown): Error =>
  new ORPCError(textIn(answer, 'code') || 'INTERNAL', {
    message: textIn(answer, 'message') || `Berth answered with status ${status}.`,
    data: { advice: textIn(answer, 'advice'), requestId: textIn(answer, 'requestId') },
  })

/**
 * For what is longer than a message of the socket may be, in a browser: the same procedure over REST, paid with the cookie.
 * The answer is unchecked: the caller names the procedure whose answer it is.
 */
export const postLarge = async <Answer>(path: `/api/v1/${string}`, body: string): Promise<Answer> => {
  const headers = { 'content-type': 'application/json', 'x-berth': '1' }
  const response = await fetch(path, { method: 'POST', headers, body }).catch(() => {
    throw new ConnectionLost()
  })
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw refusalOf(response.status, answer)
  return answer as Answer // see above
}
