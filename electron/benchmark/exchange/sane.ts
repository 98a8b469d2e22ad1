import { cutText } from '../../lib/cutText.ts'

const longestText = 2_000
const mostItems = 1_000

/**
 * A copy with every text cut and made one line, and long lists cut; no key is one that a prototype has. Schemas have said
 * what else it is.
 */
export const sane = <T>(value: T): T => copyOf(value) as T // the shape stays: texts stay texts, lists lists

const copyOf = (value: unknown): unknown => {
  if (typeof value === 'string') return saneText(value)
  if (Array.isArray(value)) return value.slice(0, mostItems).map(copyOf)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
  return Object.fromEntries(entries.slice(0, mostItems).map(([key, item]) => [saneText(key), copyOf(item)]))
}

/** Without control and formatting characters, which a terminal or a table would obey. */
const saneText = (text: string): string =>
  cutText(text.slice(0, longestText * 2).replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' '), longestText)

/**
 * Are all numbers in it such that sums, products and quotients of two stay finite? No figure of a benchmark is beyond:
 * bytes, milliseconds since 1970, nanoseconds of a day.
 */
export const hasSaneNumbers = (value: unknown): boolean => {
  if (typeof value === 'number') return value === 0 || (Math.abs(value) >= 1e-9 && Math.abs(value) <= 1e15)
  if (Array.isArray(value)) return value.every(hasSaneNumbers)
  return typeof value !== 'object' || value === null || Object.values(value).every(hasSaneNumbers)
}

/** Counts and bytes. */
export const hasWholeNumbers = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isInteger(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(hasWholeNumbers)
}
