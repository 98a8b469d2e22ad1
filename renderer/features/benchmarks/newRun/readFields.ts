import { formatCount } from '../../../lib/format.ts'

/** What is wrong, by the name of its field. */
export type Faults = Readonly<Record<string, string>>

export interface Range {
  readonly from: number
  readonly to: number
  readonly whole?: boolean
}

const shown = (value: number): string => (Number.isInteger(value) ? formatCount(value) : String(value))

const faultOf = (value: number, text: string, { from, to, whole }: Range): string | null => {
  if (!Number.isFinite(value)) return `${text.slice(0, 40)} is no number.`
  if (whole === true && !Number.isInteger(value)) return `${text.slice(0, 40)} is not a whole number.`
  if (value < from || value > to) return `From ${shown(from)} to ${shown(to)}.`
  return null
}

/** `4096`, `4k`: as people write lengths. */
const parse = (text: string): number => {
  const [, digits = '', unit] = /^(\d+(?:\.\d+)?)\s*(k?)$/i.exec(text) ?? []
  if (digits === '') return Number.NaN
  return Number(digits) * (unit === '' ? 1 : 1024)
}

/** One number; where it is none, `faults` has its field and 0 comes back. */
export const readNumber = (text: string, range: Range, field: string, faults: Record<string, string>): number => {
  const value = parse(text.trim())
  const fault = text.trim() === '' ? 'Give a number.' : faultOf(value, text.trim(), range)
  if (fault === null) return value
  faults[field] = fault
  return 0
}

/** Numbers between commas or blanks, each once in its order; what is no number is named in `faults`. */
export const readList = (
  text: string,
  range: Range,
  most: number,
  field: string,
  faults: Record<string, string>,
): number[] => {
  const values = new Set<number>()
  for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
    const value = parse(part)
    const fault = faultOf(value, part, range)
    if (fault !== null) {
      faults[field] = fault
      return []
    }
    values.add(value)
  }
  if (values.size > most) faults[field] = `At most ${most} values.`
  return [...values]
}
