import type { ProviderTest } from '../../shared/contract/providers.ts'
import { AppError } from '../lib/appError.ts'

export const tryOut = async (): Promise<ProviderTest> => {
  throw new AppError('VERB_NOT_SUPPORTED')
}
