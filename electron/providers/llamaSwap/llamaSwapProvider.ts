import { AppError } from '../../lib/appError.ts'
import type { Provider, ProviderConfig } from '../provider.ts'

export const createLlamaSwapProvider = (_config: ProviderConfig): Provider => {
  throw new AppError('VERB_NOT_SUPPORTED')
}
