import { expect, it } from 'vitest'
import { hasHiddenCharacters, quotedName, shownText } from './text.ts'
import { byteCount, count } from './words.ts'

it('names of strangers are cut and show what cannot be seen', () => {
  expect(shownText('a\u202eb\n')).toBe('a\ufffdb\ufffd')
  expect(shownText('x'.repeat(121))).toBe(`${'x'.repeat(120)}…`)
  expect(shownText(`${'x'.repeat(119)}😀`)).toBe(`${'x'.repeat(119)}\ufffd…`)
  expect(quotedName('a"\u200b')).toBe('"a\\"\\u200b"')
  expect(quotedName(`${'x'.repeat(119)}😀y`)).toBe(`"${'x'.repeat(119)}…"`)
  expect(['plain', 'a\u0000', 'a\u2066'].map(hasHiddenCharacters)).toEqual([false, true, true])
})

it('numbers are grouped and their nouns agree', () => {
  expect([count(1, 'tensor'), count(1234, 'tensor'), count(2, 'matrix', 'matrices')]).toEqual([
    '1 tensor',
    '1,234 tensors',
    '2 matrices',
  ])
  expect([byteCount(1), byteCount(4_920_734_272)]).toEqual(['1 byte', '4,920,734,272 bytes'])
})
