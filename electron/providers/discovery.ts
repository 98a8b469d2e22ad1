import type { FoundProvider } from '../../shared/contract/providers.ts'

export const discoverProviders = async (_signal: AbortSignal): Promise<readonly FoundProvider[]> => []
