import { expect, it } from 'vitest'
import { defaultContextLength } from './contextLength.ts'

it('is what the model was trained for, up to 4,096 tokens, and these when that is not known', () => {
  expect([512, 4096, 131_072, null].map(defaultContextLength)).toEqual([512, 4096, 4096, 4096])
})
