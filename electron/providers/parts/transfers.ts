import type { Transfer } from '../../../shared/contract/jobs.ts'

type Part = Transfer['parts'][number]

/** All files together. What one is in all is unknown as long as one of them does not tell. */
export const sumOf = (parts: readonly Part[]): Omit<Transfer, 'bytesPerSecond'> => {
  const totals = parts.map(({ totalBytes }) => totalBytes)
  return {
    doneBytes: parts.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
    totalBytes: totals.every((total) => total !== null) ? totals.reduce((sum, total) => sum + total, 0) : null,
    parts: [...parts],
  }
}
