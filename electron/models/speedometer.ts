const windowMs = 5_000

/** Bytes per second over the last seconds; null until there is something to compare with. */
export const createSpeedometer = (now: () => number) => {
  const seen: { at: number; bytes: number }[] = []
  return {
    at: (bytes: number): number | null => {
      const at = now()
      const last = seen.at(-1)
      if (last && bytes < last.bytes) seen.length = 0 // it began anew
      if (!last || at - last.at >= 100) seen.push({ at, bytes })
      while (seen.length > 2 && at - (seen[0]?.at ?? at) > windowMs) seen.shift()
      const first = seen[0]
      return first && at > first.at ? ((bytes - first.bytes) / (at - first.at)) * 1000 : null
    },
  }
}
