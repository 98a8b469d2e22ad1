import type { Transfer } from '../../shared/contract/jobs.ts'
import { formatDisk, formatDuration } from './format.ts'

/** `1.2 GB of 4.9 GB, 31.0 MB/s, ≈ 2 min left`; what is not known is left out. */
export const transferWords = ({ doneBytes, totalBytes, bytesPerSecond }: Transfer): string => {
  const done = totalBytes === null ? formatDisk(doneBytes) : `${formatDisk(doneBytes)} of ${formatDisk(totalBytes)}`
  if (bytesPerSecond === null || bytesPerSecond <= 0) return done
  const speed = `${formatDisk(bytesPerSecond)}/s`
  if (totalBytes === null) return `${done}, ${speed}`
  return `${done}, ${speed}, ≈ ${formatDuration(((totalBytes - doneBytes) / bytesPerSecond) * 1000)} left`
}
