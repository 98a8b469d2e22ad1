import { cutText } from '../../../lib/cutText.ts'
import type { MetadataRow } from '../modelFile.ts'
import { count as countOf } from '../words.ts'
import { typeName } from './checkTypes.ts'
import { type ElementType, type GgufArray, type GgufEntry, type GgufFile, isArray } from './ggufFile.ts'

const longestText = 2000
const shownElements = 12
const longestElement = 60

/** All keys in the file's order, for people: long texts and arrays are cut, with what was left out. */
export const describeMetadata = (file: GgufFile): MetadataRow[] =>
  [...file.metadata.values()].map((entry) => ({
    key: cutText(entry.key, 200),
    type: typeName(entry),
    value: valueText(entry),
  }))

const valueText = ({ type, value }: GgufEntry): string => {
  if (isArray(value)) return arrayText(value)
  if (typeof value === 'string') return cutText(value, longestText)
  return type === 'float32' ? floatText(Number(value)) : String(value)
}

const arrayText = ({ elementType, count, values }: GgufArray): string => {
  const noun = elementType === 'string' ? 'string' : elementType === 'bool' ? 'truth value' : 'number'
  const total = countOf(count, noun)
  if (values === null || count === 0) return total
  const shown: string[] = []
  for (let index = 0; index < Math.min(count, shownElements); index++) {
    const element = values.at(index)
    shown.push(cutText(elementText(elementType, element), longestElement))
  }
  return `${total}: ${shown.join(', ')}${count > shownElements ? ', …' : ''}`
}

const elementText = (type: ElementType, element: string | number | bigint | undefined): string => {
  if (type === 'bool') return String(element !== 0)
  return type === 'float32' ? floatText(Number(element)) : String(element)
}

/** The shortest text that means the same 32-bit number: 1e-5 instead of 0.000009999999747378752. */
const floatText = (value: number): string => {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(value)
}
