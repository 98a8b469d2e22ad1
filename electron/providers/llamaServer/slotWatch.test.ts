import { expect, test } from 'vitest'
import { createSlotWatch } from './slotWatch.ts'

const slot = (busy: boolean, tokens = 0) => ({
  id: 0,
  n_ctx: 100,
  is_processing: busy,
  n_prompt_tokens: tokens,
  id_task: 1,
})

/** Looks every 3 seconds, as the background does, and tells the seconds at which the server was asked. */
const lookFor = async (seconds: number, slotAt: (second: number) => ReturnType<typeof slot>) => {
  let second = 0
  const watch = createSlotWatch(() => second * 1000)
  const asked: number[] = []
  const seen: (number | null)[] = []
  for (; second <= seconds; second += 3) {
    const slots = await watch.read('m', async () => {
      asked.push(second)
      return [slotAt(second)]
    })
    seen.push(slots === null ? null : (slots[0]?.n_prompt_tokens ?? null))
  }
  return { asked, seen, watch }
}

test('a server that is idle is asked ever more seldom, so that it may go to sleep', async () => {
  const { asked } = await lookFor(600, () => slot(false))
  expect(asked).toEqual([0, 3, 9, 18, 36, 69, 135, 264, 522])
})

test('a server that works is asked with each look', async () => {
  const { asked, seen } = await lookFor(30, (second) => slot(true, second))
  expect(asked).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30])
  expect(seen.at(-1)).toBe(30)
})

test('what was read stands for a short time, and is unknown after that', async () => {
  const { seen } = await lookFor(66, () => slot(false, 7))
  expect(seen.slice(0, 8)).toEqual(Array(8).fill(7))
  expect(seen.at(-1)).toBeNull()
})

test('after it was used it is asked at once', async () => {
  const { watch } = await lookFor(60, () => slot(false))
  const ask = async () => [slot(false, 42)]
  expect(await watch.read('m', ask)).toBeNull()
  watch.used('m')
  expect((await watch.read('m', ask))?.[0]?.n_prompt_tokens).toBe(42)
})
