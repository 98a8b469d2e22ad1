import { expect, it } from 'vitest'
import { endAll } from './endAll.ts'

const failing = (fault: unknown) => () => Promise.reject(fault)

it('ends everything in its order, whatever fails, and throws that afterwards', async () => {
  const ended: number[] = []
  const one = new Error('one')
  const step = (number: number) => async () => void ended.push(number)
  await endAll([step(1), step(2)])
  await expect(endAll([failing(one), step(3)])).rejects.toBe(one)
  const two = new Error('two')
  await expect(endAll([failing(one), step(4), failing(two)])).rejects.toMatchObject({ errors: [one, two] })
  expect(ended).toEqual([1, 2, 3, 4])
})
