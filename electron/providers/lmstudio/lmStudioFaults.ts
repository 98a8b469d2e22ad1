import { AppError } from '../../lib/appError.ts'
import type { ToFault } from '../../lib/httpAnswer.ts'
import { openAiFault, withoutSecrets } from '../openai/openAiFault.ts'

/** LM Studio answers 200 to what it does not know; only its sentence tells. */
const unknownPath = /unexpected endpoint or method/i
const modelMissing =
  /model_not_found|cannot find (a )?model|model .{0,300}\b(not found|does not exist|could not be found)\b|no model found/is
const outOfMemory =
  /insufficient (system )?resources|out of memory|not enough (system |gpu |video )?(memory|resources)|(failed|unable) to allocate|overload(ing)? the system|guardrail/i

const openAi = openAiFault('LM Studio')

/** Of HTTP answers, and of errors that the socket sends: those have no status. */
export const lmStudioFault: ToFault = (status, text, more) => {
  if (unknownPath.test(text))
    return new AppError('PROVIDER_TOO_OLD', 'This LM Studio does not know what Berth asks it for.', {
      advice: 'Update LM Studio to 0.4 or newer.',
      details: { status },
    })
  return faultOfText(text, status) ?? openAi(status, text, more)
}

/** What only LM Studio's words tell. */
export const faultOfText = (text: string, status: number | null): AppError | null => {
  const said = withoutSecrets(text)
  const details = { ...(status !== null && { status }), providerMessage: said }
  if (outOfMemory.test(said))
    return new AppError('OUT_OF_MEMORY', `LM Studio has not enough memory for this: ${said}`, { details })
  if (modelMissing.test(said))
    return new AppError('MODEL_NOT_FOUND', `LM Studio: ${said}`, {
      advice: 'List the models and use a name from there.',
      details,
    })
  return null
}
