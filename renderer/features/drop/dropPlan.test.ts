import { expect, it } from 'vitest'
import { dropPlan } from './dropPlan.ts'

it('adds a dropped folder, and one file for all files of a folder', () => {
  expect(dropPlan(['/data/models'])).toEqual({ kind: 'add', paths: ['/data/models'] })
  expect(dropPlan(['/m/a.gguf', '/m/b.gguf', '/n/c.gguf'])).toEqual({ kind: 'add', paths: ['/m/b.gguf', '/n/c.gguf'] })
  expect(dropPlan(['D:\\models\\a.gguf'])).toEqual({ kind: 'add', paths: ['D:\\models\\a.gguf'] })
})

it('asks for the path where the browser keeps it', () => {
  expect(dropPlan(['', ''])).toEqual({ kind: 'ask' })
  expect(dropPlan([])).toEqual({ kind: 'ask' })
})
