import { describe, expect, it } from 'vitest'
import { assignColors, colorOf } from './colors.ts'

const models = ['ollama/qwen3:8b', 'embedded/phi', 'embedded/llama', 'ollama/gemma3:4b', 'a/b', 'c/d', 'e/f']

describe('colours by identity', () => {
  it('starts a model always at the same colour', () => {
    expect(colorOf(assignColors(new Map(), ['a/b']), 'a/b')).toBe(colorOf(new Map(), 'a/b'))
  })
  it('gives up to seven models at once seven colours', () => {
    const colors = assignColors(new Map(), models)
    expect(new Set(models.map((model) => colorOf(colors, model))).size).toBe(7)
  })
  it('keeps a colour once it was seen, whoever comes and goes', () => {
    const first = assignColors(new Map(), models.slice(0, 3))
    const later = assignColors(first, models.slice(2))
    for (const model of models.slice(0, 3)) expect(colorOf(later, model)).toBe(colorOf(first, model))
  })
  it('shares colours when there are more models than colours', () => {
    const many = Array.from({ length: 40 }, (_, index) => `p/${index}`)
    const colors = assignColors(new Map(), many)
    for (const model of many) expect(colorOf(colors, model)).toMatch(/^#/)
  })
})
