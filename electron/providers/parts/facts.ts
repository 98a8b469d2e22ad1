import type { FactGroup } from '../../../shared/contract/checks.ts'
import { cutText } from '../../lib/cutText.ts'
import type { ProviderDetails } from '../provider.ts'

/** What a server tells, with its name for people. Nothing, and an empty text, make no row. */
export type Row = readonly [label: string, value: string | number | null | undefined]

/** Characters of one value. */
const longestValue = 4_000

/** `source`: where it was read, as the server calls it. */
export const group = (title: string, source: string, rows: readonly Row[]): FactGroup => ({
  title,
  facts: rows.flatMap(([label, value]) => {
    const text = typeof value === 'number' ? grouped(value) : value
    return text ? [{ label, value: cutText(text, longestValue), source }] : []
  }),
})

/** Only those in which something is told. */
export const told = (groups: readonly FactGroup[]): FactGroup[] => groups.filter(({ facts }) => facts.length > 0)

/** Details of a server that tells of no files, tensors, template and metadata. */
export const plainDetails = (groups: readonly FactGroup[]): ProviderDetails => ({
  groups: told(groups),
  files: [],
  tensorTypes: [],
  chatTemplate: null,
  metadata: [],
  warnings: [],
})

/** `fractionDigits`: at most so many. */
export const grouped = (value: number, fractionDigits = 3): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: fractionDigits })
export const tokens = (value: number | null | undefined): string | null => withUnit(value, 'tokens')
export const bytes = (value: number | null | undefined): string | null => withUnit(value, 'bytes')
export const yesNo = (value: boolean | null | undefined): string | null => (value == null ? null : value ? 'yes' : 'no')

const withUnit = (value: number | null | undefined, unit: string): string | null =>
  value == null ? null : `${grouped(value)} ${unit}`
