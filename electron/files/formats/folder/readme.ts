/** The flat keys at the beginning of a model card. Lists hold one text a line. */
export type FrontMatter = ReadonlyMap<string, readonly string[]>

const mostLines = 2000
const mostValues = 200
const longestValue = 300

/**
 * The YAML between two lines of `---` at the beginning of a README.md, as far as model cards use it: `key: value`,
 * `key: [a, b]`, and `key:` with lines of `- item`. What is nested deeper is left out. Null: there is none.
 */
export const readFrontMatter = (text: string): FrontMatter | null => {
  const lines = text.replace(/^\ufeff/, '').split('\n', mostLines)
  if (lines[0]?.trimEnd() !== '---') return null
  const found = new Map<string, string[]>()
  let open: string[] | null = null
  for (const line of lines.slice(1)) {
    const clean = line.trimEnd()
    if (clean === '---' || clean === '...') return found
    const item = /^ {0,4}- +(\S.*)$/.exec(clean)?.[1]
    if (item !== undefined) {
      if (open !== null && open.length < mostValues && !isNested(item)) open.push(scalar(item))
      continue
    }
    const match = /^([A-Za-z_][\w-]{0,60}):(?: +(\S.*))?$/.exec(clean)
    if (match === null) {
      if (clean !== '' && !clean.startsWith(' ') && !clean.startsWith('#')) open = null
      continue
    }
    const [, key = '', value] = match
    open = value === undefined ? [] : valuesOf(value)
    if (found.size < mostValues && !found.has(key)) found.set(key, open)
  }
  return null // it never ends: a page that begins with a line
}

/** `- name: x` begins an object. */
const isNested = (item: string): boolean => /^[A-Za-z_][\w-]{0,60}:( |$)/.test(item)

const valuesOf = (value: string): string[] => {
  if (value === '|' || value === '>' || value === '|-' || value === '>-') return []
  if (!value.startsWith('[') || !value.endsWith(']')) return [scalar(value)]
  return value
    .slice(1, -1)
    .split(',', mostValues)
    .map(scalar)
    .filter((part) => part !== '')
}

const scalar = (value: string): string => {
  const text = value.trim()
  const quoted = /^"(.*)"$|^'(.*)'$/.exec(text)
  const bare = quoted?.[1] ?? quoted?.[2] ?? text.split(' #', 1)[0] ?? ''
  return bare.trim().slice(0, longestValue)
}
