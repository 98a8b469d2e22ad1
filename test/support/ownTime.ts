import { onTestFinished } from 'vitest'

const tickMs = 10

/**
 * Milliseconds since now in which this process had its turn, as a function: for what must not take longer than that. While
 * a busy machine lets it stand still they stand still too; of what it waits for itself they count all.
 */
export const startOwnTime = (): (() => number) => {
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, tickMs)
  onTestFinished(() => clearInterval(timer))
  return () => ticks * tickMs
}
