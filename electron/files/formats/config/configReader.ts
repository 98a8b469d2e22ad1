import { type Fields, fieldsOf } from './fields.ts'

/** A value and the key it was read from. */
export interface Found<Value> {
  readonly value: Value
  readonly source: string
}

/** One configuration under several generations of names. The part about text comes first where there are several. */
export interface ConfigReader {
  readonly top: Fields
  readonly text: Fields
  integer(...keys: readonly string[]): Found<number> | null
  number(...keys: readonly string[]): Found<number> | null
  string(...keys: readonly string[]): Found<string> | null
  truth(...keys: readonly string[]): Found<boolean> | null
  integers(...keys: readonly string[]): Found<readonly number[]> | null
  strings(...keys: readonly string[]): Found<readonly string[]> | null
}

/** Where multimodal models keep the numbers of their language model, in the order they are looked for. */
const textParts: readonly (readonly string[])[] = [
  ['thinker_config', 'text_config'],
  ['text_config'],
  ['language_config'],
  ['llm_config'],
  ['text_model_config'],
  ['decoder'],
]

export const createConfigReader = (top: Fields, fileName: string): ConfigReader => {
  const parts: { fields: Fields; prefix: string }[] = []
  for (const path of textParts) {
    let fields: Fields | null = top
    for (const key of path) fields = fieldsOf(fields?.value(key))
    if (fields !== null) parts.push({ fields, prefix: `${path.join('.')}.` })
  }
  parts.push({ fields: top, prefix: '' })
  const find =
    <Value>(get: (fields: Fields, key: string) => Value | null) =>
    (...keys: readonly string[]): Found<Value> | null => {
      for (const { fields, prefix } of parts)
        for (const key of keys) {
          const value = get(fields, key)
          if (value !== null) return { value, source: `${fileName}: ${prefix}${key}` }
        }
      return null
    }
  return {
    top,
    text: parts[0]?.fields ?? top,
    integer: find((fields, key) => fields.integer(key)),
    number: find((fields, key) => fields.number(key)),
    string: find((fields, key) => fields.text(key)),
    truth: find((fields, key) => fields.truth(key)),
    integers: find((fields, key) => fields.integers(key)),
    strings: find((fields, key) => fields.texts(key)),
  }
}
