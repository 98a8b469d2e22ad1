/** For `vi.waitFor`, whose own second a busy machine may outrun; `expect.poll` has as much by vite.config.ts. */
export const patience = { timeout: 15_000, interval: 5 }
