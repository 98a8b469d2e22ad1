import { implement } from '@orpc/server'
import { contract } from '../../shared/contract/index.ts'
import type { RequestContext } from './errorEdge.ts'

/** The contract, waiting for its handlers; a missing one does not compile. */
export const os = implement(contract).$context<RequestContext>()
