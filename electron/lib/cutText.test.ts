import { expect, it } from 'vitest'
import { cutText } from './cutText.ts'

it('a long text is cut before a character that would be halved, and says how long it was', () => {
  expect(cutText(`${'x'.repeat(9)}😀 and more`, 10)).toBe(`${'x'.repeat(9)}… (20 characters)`)
  expect(cutText('x'.repeat(10), 10)).toBe('x'.repeat(10))
})
