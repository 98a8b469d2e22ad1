import type { FactGroup } from '../../../shared/contract/checks.ts'
import { grouped } from './words.ts'

/** `source`: the key, file or table it was read from */
export type Row = readonly [label: string, value: string | number | null, source: string]

/** What is null or empty is left out: unknown facts are not facts. */
export const factGroup = (title: string, rows: readonly Row[]): FactGroup => ({
  title,
  facts: rows.flatMap(([label, value, source]) =>
    value === null || value === ''
      ? []
      : [{ label, value: typeof value === 'number' ? grouped(value) : value, source }],
  ),
})
