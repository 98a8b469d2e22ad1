import { errors } from 'undici'
import { z } from 'zod'
import { AppError } from './appError.ts'
import { collect } from './httpBody.ts'
import { errorTextOf, type HttpPeer, oneLine } from './httpFaults.ts'
import type { KeyRedaction } from './keyRedaction.ts'

/**
 * What the server's own error means. `text` is '' when it said nothing, `answer` is its JSON (undefined when it is none), `wait`
 * what its Retry-After says in milliseconds. An error inside a good status comes with that status.
 */
export type ToFault = (
  status: number,
  text: string,
  more: { readonly answer: unknown; readonly wait: number | null },
) => AppError

/** Of an answer that is an error only its beginning is read. */
const maxErrorBytes = 65_536

/** What a server says, taken for what it is: JSON of the form that was asked for, its own error, or neither. */
export const createAnswerReader = (peer: HttpPeer, redaction: KeyRedaction, toFault: ToFault) => {
  const badAnswer = (words: string, cause?: unknown) =>
    new AppError('PROVIDER_BAD_ANSWER', `${peer.name} at ${peer.origin} ${words}`, { cause })

  /** An answer with a status of 400 and more. A page for people says nothing to us. */
  const readError = async (body: AsyncIterable<Uint8Array>, contentType: string) => {
    const text = redaction.fault((await collect(body, maxErrorBytes)).bytes.toString('utf8'))
    if (contentType.includes('html') || /^\s*</.test(text)) return { text: '', answer: undefined }
    try {
      const answer = redaction.faultJson(JSON.parse(text))
      return { text: errorTextOf(answer) ?? oneLine(text), answer }
    } catch {
      return { text: oneLine(text), answer: undefined } // plain text is an error text too
    }
  }

  /** @throws AppError PROVIDER_BAD_ANSWER, or what `toFault` makes of an error under a good status */
  const parse = <T>(text: string, schema: z.ZodType<T>, status: number): T => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      const shown = oneLine(redaction.fault(text), 80)
      throw badAnswer(`sent something that is not JSON: ${shown || 'nothing'}`, withoutText(error))
    }
    if (errorTextOf(value) !== null) {
      const answer = redaction.faultJson(value)
      throw toFault(status, errorTextOf(answer) ?? '', { answer, wait: null })
    }
    const result = schema.safeParse(redaction.answerJson(value, text))
    if (!result.success)
      throw badAnswer(`sent JSON of another form: ${oneLine(z.prettifyError(result.error), 300)}`, result.error)
    return result.data
  }

  /** For `toFault`: one JSON object where events were asked for. */
  const errorInPlaceOfEvents = (text: string): [string, { answer: unknown; wait: null }] => {
    try {
      const answer = redaction.faultJson(JSON.parse(text))
      return [errorTextOf(answer) ?? oneLine(redaction.fault(text)), { answer, wait: null }]
    } catch {
      throw badAnswer(`sent something that is not a stream of events: ${oneLine(redaction.fault(text), 80)}`)
    }
  }

  return { badAnswer, readError, parse, errorInPlaceOfEvents }
}

/** JSON.parse repeats what it did not understand, and undici hangs the bytes that are not HTTP on its error. */
export const withoutText = (error: unknown): unknown => {
  if (error instanceof SyntaxError) return new SyntaxError('It is not JSON.')
  if (error instanceof errors.HTTPParserError) Object.assign(error, { data: undefined })
  return error
}
