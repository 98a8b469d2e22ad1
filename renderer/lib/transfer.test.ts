import { expect, test } from 'vitest'
import { transferWords } from './transfer.ts'

const transfer = { doneBytes: 1.2e9, totalBytes: 4.9e9, bytesPerSecond: 31e6, parts: [] }

test.each([
  [transfer, '1.2 GB of 4.9 GB, 31.0 MB/s, ≈ 1 min 59 s left'],
  [{ ...transfer, totalBytes: null }, '1.2 GB, 31.0 MB/s'],
  [{ ...transfer, bytesPerSecond: null }, '1.2 GB of 4.9 GB'],
  [{ ...transfer, bytesPerSecond: 0 }, '1.2 GB of 4.9 GB'],
])('%j is %s', (value, words) => {
  expect(transferWords(value)).toBe(words)
})
