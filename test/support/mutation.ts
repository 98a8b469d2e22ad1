/** The same for every run, so that none fails by its luck; `BERTH_SEED` is for those who look for more. */
export const mutationSeed = Number(process.env.BERTH_SEED ?? 20_261_122)
/** `BERTH_FUZZ=20000` for more than the default. */
export const mutationRounds = Number(process.env.BERTH_FUZZ ?? 3000)

/** mulberry32: small, fast, the same everywhere */
export const createRandom = (start: number) => {
  let state = start
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  return {
    below: (limit: number) => next() % Math.max(1, limit),
    /** @param items not empty */
    pick: <T>(items: readonly T[]) => items[next() % items.length] as T,
  }
}
export type Random = ReturnType<typeof createRandom>
