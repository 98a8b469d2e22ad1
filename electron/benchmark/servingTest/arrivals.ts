import { randomNumbers } from '../randomNumbers.ts'

export interface ArrivalPlan {
  readonly requestsPerSecond: number
  readonly count: number
  readonly pattern: 'constant' | 'poisson'
  readonly seed: number
}

/**
 * When each request is to leave, in milliseconds from the first one, all of it fixed before the first: a server that stalls cannot
 * hold the load back, and what waits for it is in its figures. Random spaces are exponential, as of a Poisson process.
 */
export const arrivalTimes = ({ requestsPerSecond, count, pattern, seed }: ArrivalPlan): number[] => {
  const meanMs = 1000 / requestsPerSecond
  const random = randomNumbers(seed)
  let at = 0
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) at = pattern === 'constant' ? index * meanMs : at - Math.log(1 - random()) * meanMs
    return at
  })
}
