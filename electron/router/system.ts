import type { Change } from '../../shared/contract/system.ts'
import type { SystemService } from '../system/systemService.ts'
import { os } from './base.ts'

export type SubscribeChanges = (signal: AbortSignal | undefined) => AsyncGenerator<Change, void, void>

export const systemRouter = (system: SystemService, subscribe: SubscribeChanges) =>
  os.system.router({
    health: os.system.health.handler(() => ({ status: 'ok', version: system.get().version })),
    get: os.system.get.handler(() => system.get()),
    dismiss: os.system.dismiss.handler(({ input }) => system.dismiss(input.id)),
    changes: os.system.changes.handler(({ signal }) => subscribe(signal)),
  })
