import { onTestFinished, vi } from 'vitest'

/** Until the test ends `performance.now` stands still: no work of a busy machine takes longer than it may. Timers go on. */
export const stillClock = (): void => {
  const stopped = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  onTestFinished(() => stopped.mockRestore())
}
