import { mapEventIterator } from '@orpc/client'
import type { StandardHandlerOptions } from '@orpc/server/standard'
import type { ReportBug } from '../router/errorEdge.ts'
import type { RequestContext } from '../router/router.ts'
import { contractErrorOf } from './contractError.ts'
import type { Turn } from './turn.ts'

export interface CallContext extends RequestContext {
  readonly requestId: string
  readonly turn: Turn
}

export const isIterator = (value: unknown): value is AsyncIterator<unknown, unknown, void> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value

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
          throw contractErrorOf(error, context.requestId, reportBug)
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
        return mapEventIterator(output, {
          value: async (value) => value,
          error: async (error) => contractErrorOf(error, context.requestId, reportBug),
        })
      },
    ],
  } satisfies Pick<StandardHandlerOptions<CallContext>, 'interceptors' | 'clientInterceptors'>
}
