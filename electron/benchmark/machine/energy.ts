interface PowerPoint {
  /** Unix milliseconds, ascending */
  readonly at: number
  readonly watts: number
}

const leastPoints = 3
/** of the interval, between the first and the last point */
const leastCover = 0.8

/**
 * Joules of one device: the mean power between its first and its last point (trapezoids) over the whole interval, so that what
 * lies before the first and after the last point counts like the rest. null: too few points, or too little of it.
 */
function joulesOfDevice(points: readonly PowerPoint[], beganAt: number, endedAt: number): number | null {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined || points.length < leastPoints) return null
  const covered = last.at - first.at
  if (covered < leastCover * (endedAt - beganAt)) return null
  let area = 0
  let previous = first
  for (const point of points) {
    area += ((previous.watts + point.watts) / 2) * (point.at - previous.at)
    previous = point
  }
  return (area / covered) * ((endedAt - beganAt) / 1000)
}

/**
 * Joules over the devices that told their power at all; null when none did, or when one of them told too little, since the
 * others alone would be a part that looks like the whole.
 */
export function joulesOf(
  devices: readonly (readonly PowerPoint[])[],
  { beganAt, endedAt }: { beganAt: number; endedAt: number },
): number | null {
  const telling = devices.filter((points) => points.length > 0)
  const joules = telling.map((points) => joulesOfDevice(points, beganAt, endedAt))
  if (joules.length === 0) return null
  return joules.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0)
}
