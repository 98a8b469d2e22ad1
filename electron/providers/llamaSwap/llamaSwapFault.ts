import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { openAiFault } from '../openai/openAiFault.ts'

const general = openAiFault('llama-swap')

/** `src` tells what it says itself from what the server of a model says through it. */
const isOwnWord = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'src' in answer && answer.src === 'llama-swap'

export const llamaSwapFault: ToFault = (status, text, more) => {
  const own = isOwnWord(more.answer)
  const said = withoutCommand(text)
  const details = { status, providerMessage: said, own }
  if (own && status === 409)
    return new AppError('MODEL_NOT_LOADED', 'llama-swap answers this only when the model is loaded.', { details })
  if (own && status === 404)
    return new AppError('MODEL_NOT_FOUND', `llama-swap: ${said || 'there is no such model'}`, {
      advice: 'List the models and use a name from there.',
      details,
    })
  const fault = general(status, said, { ...more, answer: withMessage(more.answer, said) })
  return new AppError(fault.code, fault.message, { advice: fault.advice, details: { ...fault.details, own } })
}

/** A failed start may be told with the command that failed, and its arguments with keys in them. */
const withoutCommand = (text: string): string => text.replace(/\s-{1,2}[A-Za-z][\s\S]*$/, ' …')

const withMessage = (answer: unknown, message: string): unknown => {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined
  const { error } = answer
  return { error: typeof error === 'object' && error !== null ? { ...error, message } : message }
}
