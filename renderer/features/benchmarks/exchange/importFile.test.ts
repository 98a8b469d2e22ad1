import { expect, it } from 'vitest'
import { emptyFile, sentBytes, tooLarge } from './importFile.ts'

it('does not read what would not be taken', () => {
  expect(tooLarge({ name: 'a.jsonl', size: 7_000_000 })).toBeNull()
  expect(tooLarge({ name: 'a.jsonl', size: 7_100_000 })).toMatchObject({
    code: 'TOO_LARGE',
    message: 'a.jsonl has 7.1 MB; at most 7.0 MB are taken in at once.',
  })
})

it('knows what quotes and line ends cost where they are sent', () => {
  expect(sentBytes('a')).toBe('{"text":"a"}'.length)
  expect(sentBytes('{"ä":1}\n')).toBe(sentBytes('') + 12)
})

it('sends nothing of an empty file', () => {
  expect(emptyFile({ name: 'a.jsonl', size: 0 })).toMatchObject({ message: 'a.jsonl is empty.' })
  expect(emptyFile({ name: 'a.jsonl', size: 1 })).toBeNull()
})
