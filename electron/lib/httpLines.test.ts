import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mutationSeed } from '../../test/support/mutation.ts'
import { splitLines } from './httpLines.ts'

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
const tooLong = () => new Error('too long')

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]) {
  let start = 0
  for (let index = 0; start < bytes.length; index++) {
    const end = start + (sizes[index % sizes.length] ?? 1)
    yield bytes.subarray(start, end)
    start = end
  }
}

test('lines come out whole however the bytes are cut, characters of several bytes included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '·')),
        { minLength: 1 },
      ),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      fc.boolean(),
      async (lines, sizes, ended) => {
        const bytes = new TextEncoder().encode(lines.join('\n') + (ended ? '\n' : ''))
        const split = await all(splitLines(chunksOf(bytes, sizes), 10_000, tooLong))
        expect(split).toEqual(lines.at(-1) === '' && !ended ? lines.slice(0, -1) : lines)
      },
    ),
    { seed: mutationSeed },
  )
})

test('a line without an end is given up as soon as it is too long', async () => {
  let sent = 0
  async function* endless() {
    for (;;) {
      sent += 100
      yield new TextEncoder().encode('x'.repeat(100))
    }
  }
  await expect(all(splitLines(endless(), 1_000, tooLong))).rejects.toThrow('too long')
  expect(sent).toBe(1_100)
})
