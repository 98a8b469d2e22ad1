import type { Finding, FindingSeverity } from './modelFile.ts'

const maxPerCode = 5
const maxInAll = 100

export interface Findings {
  readonly list: readonly Finding[]
  add(severity: FindingSeverity, code: string, message: string, offset?: number | null): void
}

/** A hostile file could cause a finding per key: only the first of each code are kept. */
export const createFindings = (): Findings => {
  const list: Finding[] = []
  const counts = new Map<string, number>()
  return {
    list,
    add(severity, code, message, offset = null) {
      const count = (counts.get(code) ?? 0) + 1
      counts.set(code, count)
      if (count > maxPerCode || list.length >= maxInAll) return
      list.push({ severity, code, message, offset })
    },
  }
}
