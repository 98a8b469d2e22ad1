import { expect, it } from 'vitest'
import { rankCommands, withRecent } from './rankCommands.ts'

const command = (title: string, detail?: string) => ({
  id: title,
  title,
  run: () => {},
  ...(detail === undefined ? {} : { detail }),
})
const commands = [
  command('Go to Models'),
  command('Load qwen3', 'ollama/qwen3:8b'),
  command('Unload all'),
  command('Add a folder'),
]
const titles = (query: string, recent: string[] = []) =>
  rankCommands(commands, query, recent, 10).map(({ title }) => title)

it('keeps the given order while nothing is typed, with the recent ones before', () => {
  expect(titles('')).toEqual(['Go to Models', 'Load qwen3', 'Unload all', 'Add a folder'])
  expect(titles('', ['Add a folder', 'Unload all'])).toEqual([
    'Add a folder',
    'Unload all',
    'Go to Models',
    'Load qwen3',
  ])
})

it('finds every word anywhere and prefers the start of a word', () => {
  expect(titles('load')).toEqual(['Load qwen3', 'Unload all'])
  expect(titles('8b load')).toEqual(['Load qwen3'])
  expect(titles('nothing')).toEqual([])
})

it('remembers the last ones, each once', () => {
  expect(withRecent(['a', 'b'], 'b')).toEqual(['b', 'a'])
  expect(
    withRecent(
      Array.from({ length: 30 }, (_, index) => String(index)),
      'x',
    ).length,
  ).toBe(12)
})
