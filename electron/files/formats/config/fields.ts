import type { Json, JsonObject } from '../json/readJson.ts'

/** A JSON object by what is expected in it: a value of another type than asked for is null. */
export interface Fields {
  readonly has: (key: string) => boolean
  readonly text: (key: string) => string | null
  readonly number: (key: string) => number | null
  /** ≥ 0 and exact */
  readonly integer: (key: string) => number | null
  readonly truth: (key: string) => boolean | null
  readonly texts: (key: string) => readonly string[] | null
  readonly integers: (key: string) => readonly number[] | null
  readonly list: (key: string) => readonly Json[] | null
  readonly object: (key: string) => Fields | null
  readonly keys: () => readonly string[]
  readonly value: (key: string) => Json | undefined
}

const isObject = (json: unknown): json is JsonObject => json instanceof Map

/** Null: it is no object. Plain objects count by their own properties. */
export const fieldsOf = (json: unknown): Fields | null => {
  if (isObject(json)) return createFields(json)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null
  return createFields(new Map(Object.entries(json)))
}

const createFields = (object: JsonObject): Fields => {
  const value = (key: string) => object.get(key)
  const number = (key: string) => {
    const found = value(key)
    return typeof found === 'number' && Number.isFinite(found) ? found : null
  }
  const list = (key: string): readonly Json[] | null => {
    const found = value(key)
    return Array.isArray(found) ? found : null
  }
  const all = <Kind extends Json>(key: string, is: (item: Json) => item is Kind): readonly Kind[] | null => {
    const found = list(key)
    return found?.every(is) ? found : null
  }
  return {
    has: (key) => value(key) !== undefined && value(key) !== null,
    text: (key) => {
      const found = value(key)
      return typeof found === 'string' && found !== '' ? found : null
    },
    number,
    integer: (key) => {
      const found = number(key)
      return found !== null && Number.isSafeInteger(found) && found >= 0 ? found : null
    },
    truth: (key) => {
      const found = value(key)
      return typeof found === 'boolean' ? found : null
    },
    texts: (key) => all(key, (item): item is string => typeof item === 'string'),
    integers: (key) => all(key, (item): item is number => typeof item === 'number' && Number.isSafeInteger(item)),
    list,
    object: (key) => fieldsOf(value(key)),
    keys: () => [...object.keys()],
    value,
  }
}
