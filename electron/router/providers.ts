import type { ConnectionService } from '../providers/connections/connectionService.ts'
import { os } from './base.ts'

const never = new AbortController().signal

export const providersRouter = (connections: ConnectionService) =>
  os.providers.router({
    list: os.providers.list.handler(() => ({ providers: connections.list() })),
    add: os.providers.add.handler(({ input }) => connections.add(input)),
    change: os.providers.change.handler(({ input }) => connections.change(input)),
    remove: os.providers.remove.handler(async ({ input }) => ({
      providers: await connections.remove(input.provider),
    })),
    check: os.providers.check.handler(({ input }) => connections.check(input.provider)),
    health: os.providers.health.handler(({ input, signal = never }) => connections.health(input.provider, signal)),
    found: os.providers.found.handler(async ({ signal = never }) => ({ found: await connections.found(signal) })),
    test: os.providers.test.handler(({ input, signal = never }) => connections.test(input, signal)),
  })
