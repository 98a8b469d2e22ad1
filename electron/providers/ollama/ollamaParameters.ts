import type { CreateRequest } from '../../../shared/contract/modelCare.ts'
import { AppError } from '../../lib/appError.ts'

type Parameters = NonNullable<CreateRequest['parameters']>
type Value = Parameters[string]

const whole = { words: 'a whole number', fits: (value: Value) => Number.isInteger(value) }
const number = { words: 'a number', fits: (value: Value) => typeof value === 'number' && Number.isFinite(value) }
const flag = { words: 'true or false', fits: (value: Value) => typeof value === 'boolean' }
const texts = { words: 'a text or a list of texts', fits: (value: Value) => isText(value) }
const isText = (value: Value) => typeof value === 'string' || Array.isArray(value)

const kinds: Readonly<Record<string, { words: string; fits: (value: Value) => boolean }>> = {
  ...Object.fromEntries(
    [
      'num_ctx num_batch num_gpu main_gpu num_thread draft_num_predict',
      'top_k seed num_predict num_keep repeat_last_n',
    ].flatMap((names) => names.split(' ').map((name) => [name, whole])),
  ),
  ...Object.fromEntries(
    'temperature top_p min_p typical_p repeat_penalty presence_penalty frequency_penalty'
      .split(' ')
      .map((name) => [name, number]),
  ),
  use_mmap: flag,
  stop: texts,
}

/**
 * Ollama takes any value here, and then cannot load the model; so they are checked before. Names that Ollama does not know
 * are its business: it only notes them in its log.
 * @throws AppError INVALID_INPUT
 */
export const checkParameters = (parameters: Parameters): Parameters => {
  for (const [name, value] of Object.entries(parameters)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind !== undefined && !kind.fits(value))
      throw new AppError('INVALID_INPUT', `The parameter ${name} must be ${kind.words}.`, {
        advice: 'Correct it: Ollama would make the model and then fail to load it.',
      })
  }
  const { stop } = parameters
  return typeof stop === 'string' ? { ...parameters, stop: [stop] } : parameters
}
