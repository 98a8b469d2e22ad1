import { expect, test } from 'vitest'
import { cpuMs } from '../../../test/support/cpuTime.ts'
import { createItemScanner } from './jsonItems.ts'

const limits = { maxItemLength: 1_000, maxItems: 100 }
const tooMuch = () => new Error('too much')

const scan = (pieces: Iterable<string>) => {
  const scanner = createItemScanner('data', limits, tooMuch)
  const items = [...pieces].flatMap((piece) => scanner.push(piece))
  return { items: items.map((item): unknown => JSON.parse(item)), whole: scanner.isWhole() }
}

const values = [
  { id: 'a', text: 'quotes " and \\ and \\" and { [ ] } \\\\' },
  { id: 'b', nested: { data: [{ id: 'not this' }], deep: [[[{}]]] } },
  { id: '你好 👩‍👩‍👧 \u2028' },
  {},
]
const documents: readonly (readonly [string, string])[] = [
  ['alone', JSON.stringify({ data: values })],
  ['with spaces', JSON.stringify({ data: values }, null, 2)],
  ['after other fields', JSON.stringify({ links: { data: [{ id: 'no' }], next: 'data' }, total: 4, data: values })],
  ['before other fields', JSON.stringify({ data: values, other: [{ id: 'no' }], 'da"ta': [{}], last: 'data' })],
]

test.each(documents)('the items of a list %s are found, however the text is cut', (_, document) => {
  const expected = { items: values, whole: true }
  expect(scan([document])).toEqual(expected)
  expect(scan(document)).toEqual(expected) // each character alone
  for (let at = 1; at < document.length; at++)
    expect(scan([document.slice(0, at), document.slice(at)])).toEqual(expected)
})

test('a text that ends in its middle is not whole', () => {
  const document = JSON.stringify({ data: values })
  for (let at = 0; at < document.length; at++) expect(scan([document.slice(0, at)]).whole).toBe(false)
})

test.each(['{}', '[]', '""', '[{"data":[]}]', '{"data":{}}', '{"data":"[]"}', '{"x":{"data":[]}}', '{"x":"data"}'])(
  '%s has no such list',
  (document) => {
    expect(scan([document])).toEqual({ items: [], whole: false })
  },
)

test('an empty list is a list', () => {
  expect(scan(['{"data" : [ ]}'])).toEqual({ items: [], whole: true })
  expect(scan(['{"data":[1,"x",null]}'])).toEqual({ items: [], whole: true })
})

test('an item or a list without end is cut off', () => {
  const scanner = createItemScanner('data', limits, tooMuch)
  scanner.push('{"data":[{"id":"')
  expect(() => {
    for (;;) scanner.push('x'.repeat(100))
  }).toThrow('too much')
  expect(() => scan([`{"data":[${'{},'.repeat(101)}`])).toThrow('too much')
  expect(() => scan([`{"data":[{"id":"${'x'.repeat(2_000)}"}]}`])).toThrow('too much')
})

test('a megabyte of backslashes takes no longer than a megabyte of letters', () => {
  const timeOf = (text: string) => {
    const startedAt = cpuMs()
    createItemScanner('data', { ...limits, maxItemLength: 10_000_000 }, tooMuch).push(`{"data":[{"id":"${text}`)
    return cpuMs() - startedAt
  }
  expect(timeOf('\\\\'.repeat(500_000))).toBeLessThan(500)
})
