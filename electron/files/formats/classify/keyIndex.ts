import type { TensorRow } from '../modelFile.ts'

/** What classification looks at; never the data. Shapes are outermost first. */
export type NamedTensor = Pick<TensorRow, 'name' | 'shape' | 'type'>

/** Tensor names, asked for by the patterns of the tables (see rules.ts). */
export interface KeyIndex {
  readonly count: number
  /** The first tensor a pattern means and that passes the test, also behind the prefixes of diffusion models; or null. */
  find(pattern: string, test?: (tensor: NamedTensor) => boolean): NamedTensor | null
  /** The highest of the first numbers in the names that a pattern means; -1: none. */
  highest(pattern: string): number
  /** How many names end like one of these, numbers written as `#`. */
  endingIn(suffixes: readonly string[]): number
}

interface Template {
  /** by shape: the first tensor of each, for layers of one name differ in size */
  readonly shapes: Map<string, NamedTensor>
  count: number
  highest: number
}

/** What tools put before a diffusion model's names. */
const prefixes = [
  '',
  'model.diffusion_model.',
  'diffusion_model.',
  'net.',
  'model.model.',
  'transformer.',
  'model.',
] as const

/** Honest models have some hundred, of a few shapes each; a stranger with more is judged by the first. */
const mostTemplates = 2000
const mostShapes = 8

const isDigit = (code: number) => code >= 48 && code <= 57
/** `.`, `_` and `~`, which adapters.ts puts behind a module */
const isBorder = (code: number) => code === 46 || code === 95 || code === 126

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
  for (let index = 1; index < parts.length - 1; index++) {
    const part = parts[index] ?? ''
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/** @param nameOf how a tensor is to be called here; its own name by default */
export const createKeyIndex = (
  tensors: readonly NamedTensor[],
  nameOf: (tensor: NamedTensor) => string = (tensor) => tensor.name,
): KeyIndex => {
  const byName = new Map<string, NamedTensor>()
  const templates = new Map<string, Template>()
  for (const tensor of tensors) {
    const name = nameOf(tensor)
    byName.set(name, tensor)
    addTemplate(templates, name, tensor)
  }
  const find: KeyIndex['find'] = (pattern, test = () => true) => {
    for (const { shapes } of entriesOf(templates, pattern))
      for (const tensor of shapes.values()) if (test(tensor)) return tensor
    if (pattern.includes('*') || pattern.includes('#')) return null
    const bare = pattern.startsWith('^')
    for (const prefix of bare ? [''] : prefixes) {
      const tensor = byName.get(prefix + (bare ? pattern.slice(1) : pattern))
      if (tensor !== undefined && test(tensor)) return tensor
    }
    return null
  }
  return {
    count: tensors.length,
    find,
    highest: (pattern) => {
      let highest = -1
      for (const template of entriesOf(templates, pattern)) highest = Math.max(highest, template.highest)
      return highest
    },
    endingIn: (suffixes) => {
      let count = 0
      for (const [template, entry] of templates)
        if (suffixes.some((suffix) => template.endsWith(suffix))) count += entry.count
      return count
    },
  }
}

const addTemplate = (templates: Map<string, Template>, name: string, tensor: NamedTensor): void => {
  const { template, first } = templateOf(name)
  let entry = templates.get(template)
  if (entry === undefined) {
    if (templates.size >= mostTemplates) return
    entry = { shapes: new Map(), count: 0, highest: -1 }
    templates.set(template, entry)
  }
  entry.count += 1
  entry.highest = Math.max(entry.highest, first)
  if (entry.shapes.size >= mostShapes) return
  const shape = tensor.shape.join()
  if (!entry.shapes.has(shape)) entry.shapes.set(shape, tensor)
}

/** The templates a pattern with `#` or `*` means. */
function* entriesOf(templates: ReadonlyMap<string, Template>, pattern: string): Generator<Template> {
  const isBare = pattern.startsWith('^')
  const name = isBare ? pattern.slice(1) : pattern
  const before = isBare || name.startsWith('*') ? [''] : prefixes
  if (name.includes('*')) {
    const [first = '', ...rest] = templateOf(name).template.split('*')
    const ways = before.map((prefix) => [prefix + first, ...rest])
    for (const [template, entry] of templates) if (ways.some((parts) => matches(template, parts))) yield entry
  } else if (name.includes('#'))
    for (const prefix of before) {
      const entry = templates.get(prefix + templateOf(name).template)
      if (entry !== undefined) yield entry
    }
}
