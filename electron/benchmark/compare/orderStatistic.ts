import type { Random } from './bootstrap.ts'

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Of the gamma distribution with a shape from 1: Marsaglia and Tsang (2000). */
const gamma = (shape: number, random: Random): number => {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  while (true) {
    const x = normal(random)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}

/**
 * The percentile of a resample of ascending values, each drawn on its own, as likely as if all of it had been drawn and sorted:
 * the k-th smallest of n places follows a beta distribution, and the one above it the smallest of what is left. A few numbers
 * in place of n.
 */
export const drawnPercentile = (values: Float64Array, part: number, random: Random): number => {
  const count = values.length
  const at = (count - 1) * part
  const whole = Math.floor(at)
  const [below, above] = [gamma(whole + 1, random), gamma(count - whole, random)]
  const place = below / (below + above)
  const valueAt = (of: number): number => values[Math.min(count - 1, Math.floor(of * count))] ?? Number.NaN
  const near = valueAt(place)
  const left = count - whole - 1
  if (at === whole || left === 0) return near
  const next = 1 - (1 - place) * (1 - random()) ** (1 / left)
  return near + (valueAt(next) - near) * (at - whole)
}
