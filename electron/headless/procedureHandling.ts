import type { StandardHandlerOptions } from '@orpc/server/standard'
import { isIterator, type ReportBug, type RequestContext, toContractError } from '../router/errorEdge.ts'
import type { Turn } from './turn.ts'

export interface CallContext extends RequestContext {
  readonly requestId: string
  readonly turn: Turn
}

/**
 * What REST and sockets do alike around every procedure: it takes its turn, and whatever fails around the router leaves as
 * an error of the contract too.
 */
export function procedureHandling(reportBug: ReportBug) {
  return {
    interceptors: [
      async ({ next, context }) => {
        try {
          context.turn.wait()
          return await next()
        } catch (error) {
          throw toContractError(error, context.requestId, reportBug)
        }
      },
    ],
    clientInterceptors: [
      async ({ next, context }) => {
        const output = await next()
        if (!isIterator(output)) return output
        try {
          context.turn.stream()
        } catch (error) {
          await output.return?.()
          throw error
        }
        return output
      },
    ],
  } satisfies Pick<StandardHandlerOptions<CallContext>, 'interceptors' | 'clientInterceptors'>
}
