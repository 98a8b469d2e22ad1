import { expect, it } from 'vitest'
import { defaultForm } from './loadForm.ts'
import { loadPresets, presetOf } from './loadPresets.ts'

const contextOf = (name: string, trained: number | null, most: number) =>
  loadPresets(trained, (tokens) => tokens <= most).find((preset) => preset.name === name)?.form?.contextLength ?? null

it('takes the longest context that was trained and fits', () => {
  expect(contextOf('Long context', 131_072, 1_000_000)).toBe(131_072)
  expect(contextOf('Long context', 131_072, 40_000)).toBe(32_768)
  expect(contextOf('Long context', 40_960, 1_000_000)).toBe(40_960)
})

it('has no long context where nothing longer than the default was trained, fits or is known', () => {
  expect(contextOf('Long context', 4096, 1_000_000)).toBeNull()
  expect(contextOf('Long context', 131_072, 4096)).toBeNull()
  expect(contextOf('Long context', null, 1_000_000)).toBeNull()
})

it('takes a short context for little memory, and no longer one than was trained', () => {
  expect(contextOf('Low memory', 131_072, 0)).toBe(2048)
  expect(contextOf('Low memory', 512, 0)).toBe(512)
})

it('is left out where the provider does not take what it sets', () => {
  const namesFor = (...ignored: string[]) =>
    loadPresets(
      131_072,
      () => true,
      (option) => !ignored.includes(option),
    ).map(({ name }) => name)
  expect(namesFor('batchSize')).toEqual(['Defaults', 'Long context'])
  expect(namesFor('contextLength')).toEqual(['Defaults'])
})

it('is recognised until one of its options is changed by hand', () => {
  const presets = loadPresets(131_072, () => true)
  for (const preset of presets) expect(presetOf(preset.form ?? defaultForm, presets)).toBe(preset)
  expect(presetOf({ ...defaultForm, threads: 3 }, presets)).toBeNull()
})
