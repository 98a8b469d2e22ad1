import { AppError } from '../lib/appError.ts'

const WINDOW_MS = 60_000
const FREE_FAILURES = 10
const MOST_WAITING = 20
const MOST_ADDRESSES = 1000

/**
 * Slows down whoever tries secrets: after ten wrong ones in a minute each further one is answered late, and while
 * twenty such answers wait, no secret from that address is looked at.
 */
export function createLoginGuard({ now, delayMs = 1000 }: { now: () => number; delayMs?: number }) {
  const byAddress = new Map<string, { failedAt: number[]; waiting: number }>()

  const recordOf = (address: string) => {
    const known = byAddress.get(address)
    if (known !== undefined) return known
    if (byAddress.size >= MOST_ADDRESSES)
      for (const [other, { waiting }] of byAddress) if (waiting === 0) byAddress.delete(other)
    const record = { failedAt: [], waiting: 0 }
    byAddress.set(address, record)
    return record
  }

  return {
    /** Throws when this address has too many wrong secrets waiting. */
    admit(address: string): void {
      if ((byAddress.get(address)?.waiting ?? 0) < MOST_WAITING) return
      throw new AppError('TOO_MANY_REQUESTS', 'Too many wrong tokens came from this address.', {
        advice: 'Wait a minute, then use the right token.',
      })
    },
    /** Call for each wrong secret; resolves when it may be answered. */
    async failed(address: string): Promise<void> {
      const record = recordOf(address)
      const recent = record.failedAt.filter((at) => at > now() - WINDOW_MS)
      record.failedAt = [...recent, now()].slice(-FREE_FAILURES - 1)
      if (recent.length < FREE_FAILURES) return
      record.waiting += 1
      await new Promise((resolve) => setTimeout(resolve, delayMs).unref())
      record.waiting -= 1
    },
  }
}
export type LoginGuard = ReturnType<typeof createLoginGuard>
