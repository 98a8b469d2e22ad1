import type { ProviderService } from '../providers/providerService.ts'
import { os } from './base.ts'

export const providersRouter = (providers: ProviderService) =>
  os.providers.router({
    list: os.providers.list.handler(() => ({ providers: providers.list() })),
    check: os.providers.check.handler(({ input }) => providers.check(input.provider)),
  })
