import type { PerLayer } from '../modelFile.ts'
import { type GgufEntry, type GgufFile, isArray } from './ggufFile.ts'

/** Metadata by what it means: a value of another type than asked for is null, integers of any width are numbers. */
export interface Facts {
  readonly architecture: string | null
  has(key: string): boolean
  entry(key: string): GgufEntry | undefined
  text(key: string): string | null
  integer(key: string): number | null
  truth(key: string): boolean | null
  /** elements of an array, whether it was kept or not */
  count(key: string): number | null
  list(key: string): readonly string[] | null
  perLayer(key: string): PerLayer | null
  /** the key inside the architecture's own part, e.g. `llama.context_length` */
  own(key: string): string
}

export const createFacts = (file: GgufFile): Facts => {
  const value = (key: string) => file.metadata.get(key)?.value
  const array = (key: string) => {
    const found = value(key)
    return found !== undefined && isArray(found) ? found : null
  }
  const text = (key: string) => {
    const found = value(key)
    return typeof found === 'string' && found !== '' ? found : null
  }
  const integer = (key: string) => {
    const found = value(key)
    return typeof found === 'number' && Number.isSafeInteger(found) ? found : null
  }
  const architecture = text('general.architecture')
  return {
    architecture,
    has: (key) => file.metadata.has(key),
    entry: (key) => file.metadata.get(key),
    text,
    integer,
    truth: (key) => {
      const found = value(key)
      return typeof found === 'boolean' ? found : null
    },
    count: (key) => array(key)?.count ?? null,
    list: (key) => {
      const found = array(key)
      return found?.elementType === 'string' && found.values !== null ? Array.from(found.values, String) : null
    },
    perLayer: (key) => {
      const found = array(key)
      if (found === null) return integer(key)
      return found.elementType !== 'string' && found.values !== null ? Array.from(found.values, Number) : null
    },
    own: (key) => `${architecture ?? ''}.${key}`,
  }
}
