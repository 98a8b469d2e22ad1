import type { LoadOptions } from '../../../shared/contract/models.ts'
import { AppError } from '../../lib/appError.ts'
import type { Provider } from '../provider.ts'

/** @throws AppError VERB_NOT_SUPPORTED with the sentence of the first option that was given and is not taken */
export const refuseIgnored = (options: LoadOptions, ignored: Provider['ignoredOptions']): void => {
  const given: Readonly<Record<string, unknown>> = options
  for (const [name, sentence] of Object.entries(ignored))
    if (given[name] !== undefined)
      throw new AppError('VERB_NOT_SUPPORTED', sentence, { advice: 'Leave the option out.' })
}
