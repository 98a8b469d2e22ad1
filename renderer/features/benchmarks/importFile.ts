import type { Failure } from '../../lib/failure.ts'
import { formatDisk } from '../../lib/format.ts'

/** What one request carries. */
const mostBytes = 7_000_000

/** Why a file is not even read; null: it is. */
export const tooLarge = ({ size, name }: Pick<File, 'size' | 'name'>): Failure | null =>
  size <= mostBytes
    ? null
    : {
        code: 'TOO_LARGE',
        message: `${name} has ${formatDisk(size)}; at most ${formatDisk(mostBytes)} are taken in at once.`,
        advice: 'Divide it, or export fewer runs.',
        requestId: null,
      }
