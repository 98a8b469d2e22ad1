import type { TensorRow } from '../modelFile.ts'

/** What classification looks at; never the data. Shapes are outermost first. */
export type NamedTensor = Pick<TensorRow, 'name' | 'shape' | 'type'>

/** Tensor names, asked for by the patterns of the tables. */
export interface KeyIndex {
  readonly count: number
  /**
   * The first tensor a pattern means, or null. Without a star: the whole name, also behind the prefixes that tools put
   * before a diffusion model. With stars: any text stands for a star. `#` is any number between dots or underscores; in a
   * pattern with a star every such number is.
   */
  find(pattern: string): NamedTensor | null
  /** As `find`, but no prefix is tried. */
  bare(pattern: string): NamedTensor | null
  /** The highest of the first numbers of the names that the pattern (with `#`, without stars or prefix) means; -1: none. */
  highest(pattern: string): number
  /** How many names end like this; a number is `#`. */
  endingIn(suffixes: readonly string[]): number
}

interface Template {
  readonly tensor: NamedTensor
  count: number
  highest: number
}

const prefixes = [
  '',
  'model.diffusion_model.',
  'diffusion_model.',
  'net.',
  'model.model.',
  'transformer.',
  'model.',
] as const

/** Honest models have some hundred; a stranger with more is judged by the first. */
const mostTemplates = 4000

const isDigit = (code: number) => code >= 48 && code <= 57
const isBorder = (code: number) => code === 46 || code === 95

/** `blocks.12.w1_a` → `blocks.#.w1_a`: the names of a model's layers become one. */
export const templateOf = (name: string): { template: string; first: number } => {
  let template = ''
  let copied = 0
  let first = -1
  for (let at = 0; at < name.length; at++) {
    if (!isDigit(name.charCodeAt(at))) continue
    const start = at
    while (at < name.length && isDigit(name.charCodeAt(at))) at++
    const isWhole =
      (start === 0 || isBorder(name.charCodeAt(start - 1))) && (at === name.length || isBorder(name.charCodeAt(at)))
    if (!isWhole) continue
    if (first < 0) first = Number(name.slice(start, at))
    template += `${name.slice(copied, start)}#`
    copied = at
  }
  return { template: copied === 0 ? name : template + name.slice(copied), first }
}

/** Greedy from the left, no going back: time is length × parts. */
const matches = (text: string, parts: readonly string[]): boolean => {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

export const createKeyIndex = (tensors: readonly NamedTensor[]): KeyIndex => {
  const byName = new Map<string, NamedTensor>()
  const templates = new Map<string, Template>()
  for (const tensor of tensors) {
    byName.set(tensor.name, tensor)
    const { template, first } = templateOf(tensor.name)
    const known = templates.get(template)
    if (known !== undefined) {
      known.count += 1
      known.highest = Math.max(known.highest, first)
    } else if (templates.size < mostTemplates) templates.set(template, { tensor, count: 1, highest: first })
  }

  const wild = (pattern: string): NamedTensor | null => {
    const parts = templateOf(pattern).template.split('*')
    for (const [template, { tensor }] of templates) if (matches(template, parts)) return tensor
    return null
  }
  const bare = (pattern: string): NamedTensor | null => {
    if (pattern.includes('*')) return wild(pattern)
    return (pattern.includes('#') ? templates.get(pattern)?.tensor : byName.get(pattern)) ?? null
  }
  return {
    count: tensors.length,
    bare,
    find: (pattern) => {
      if (pattern.includes('*')) return wild(pattern)
      for (const prefix of prefixes) {
        const found = bare(prefix + pattern)
        if (found !== null) return found
      }
      return null
    },
    highest: (pattern) => templates.get(pattern)?.highest ?? -1,
    endingIn: (suffixes) => {
      let count = 0
      for (const [template, entry] of templates)
        if (suffixes.some((suffix) => template.endsWith(suffix))) count += entry.count
      return count
    },
  }
}
