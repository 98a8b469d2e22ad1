import { cutText } from '../../lib/cutText.ts'

const longestText = 500

/** llama-bench's JSON has numbers and booleans, its CSV the same as text; older builds have 0 and 1 for booleans. */
const numberOf = (value: unknown): number | null => {
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = typeof value === 'string' && /^[-+]?\d[\d.]*(e[-+]?\d+)?$/i.test(value.trim()) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** Fields of one row of a stranger, read with bounds. What is missing, of another kind or out of range is null. */
export const createFields = (row: ReadonlyMap<string, unknown>) => {
  const number = (name: string, least: number, most: number): number | null => {
    const value = numberOf(row.get(name))
    return value !== null && value >= least && value <= most ? value : null
  }
  return {
    has: (name: string): boolean => row.has(name),
    number,
    whole: (name: string, least: number, most: number): number | null => {
      const value = number(name, least, most)
      return value !== null && Number.isInteger(value) ? value : null
    },
    /** Without control characters, and cut. Null when empty. */
    text: (name: string): string | null => {
      const value = row.get(name)
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null
      return plainText(String(value), longestText) || null
    },
    flag: (name: string): boolean | null => {
      const value = row.get(name)
      if (typeof value === 'boolean') return value
      if (value === 'true' || value === 'false') return value === 'true'
      const code = numberOf(value)
      return code === 0 || code === 1 ? code === 1 : null
    },
    /** The finite numbers within the bounds, or null if one of them is none, or there are none. */
    numbers: (name: string, most: number, least: number, greatest: number): readonly number[] | null => {
      const value = row.get(name)
      if (!Array.isArray(value) || value.length === 0) return null
      const first: unknown[] = value.slice(0, most)
      const kept = first.filter((item) => typeof item === 'number' && item >= least && item <= greatest)
      return kept.length === first.length ? kept.map(Number) : null
    },
  }
}
export type Fields = ReturnType<typeof createFields>

/** One line without control and formatting characters, which a terminal or a table would obey, and cut. */
export const plainText = (text: string, most: number): string =>
  cutText(
    text
      .slice(0, most * 4)
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
      .trim(),
    most,
  )
