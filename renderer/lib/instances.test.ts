import { expect, it } from 'vitest'
import { ModelState } from '../../shared/contract/models.ts'
import { isRunning, isUnloadable } from './instances.ts'

const statesOf = (is: typeof isRunning) => ModelState.options.filter((state) => is({ state }))

it('counts as running what holds memory, and not what failed', () => {
  expect(statesOf(isRunning)).toEqual(['loading', 'loaded', 'unloading'])
})

it('offers an unload for what is loaded or being loaded', () => {
  expect(statesOf(isUnloadable)).toEqual(['loading', 'loaded'])
})
