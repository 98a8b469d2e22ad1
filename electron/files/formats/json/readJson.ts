import type { ByteSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { byteCount, grouped } from '../words.ts'
import { createJsonScanner, type JsonVisitor } from './jsonStream.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
/** Keys are a stranger's: a Map has no prototype to hit. */
export type JsonObject = ReadonlyMap<string, Json>

export interface JsonDocument {
  readonly value: Json
  /** keys given twice, as paths; the last one counts, as in Python */
  readonly duplicates: readonly string[]
  /** it has NaN or Infinity, which Python reads and others refuse */
  readonly hasOddNumbers: boolean
}

const limits = {
  /** bytes; the longest configurations have some megabytes */
  size: 8 * 2 ** 20,
  depth: 64,
  values: 250_000,
  containers: 100_000,
  namedDuplicates: 20,
}

/** A small JSON file, whole. Files of any size are gone through with the scanner. */
export const readJson = async (source: ByteSource, most = limits.size): Promise<JsonDocument> => {
  if (source.sizeBytes > most)
    throw new FormatError(
      'HEADER_TOO_LARGE',
      `The file has ${byteCount(source.sizeBytes)}; ${grouped(most)} are read at most.`,
    )
  return parseJson(await source.read(0, source.sizeBytes))
}

interface Building {
  readonly path: string
  readonly list: Json[] | null
  readonly object: Map<string, Json> | null
  key: string
}

export const parseJson = (bytes: Uint8Array): JsonDocument => {
  const duplicates: string[] = []
  const stack: Building[] = []
  const counts = { values: 0, containers: 0 }
  let value: Json = null
  let hasOddNumbers = false

  const put = (found: Json): void => {
    if (++counts.values > limits.values) throw tooMuch()
    const top = stack.at(-1)
    if (top === undefined) value = found
    else if (top.list !== null) top.list.push(found)
    else top.object?.set(top.key, found)
  }
  const visitor: JsonVisitor = {
    open(kind) {
      if (++counts.containers > limits.containers) throw tooMuch()
      const top = stack.at(-1)
      const path = top === undefined ? '' : pathOf(top)
      const [list, object] = kind === 'array' ? [[] as Json[], null] : [null, new Map<string, Json>()]
      put(list ?? object)
      stack.push({ path, list, object, key: '' })
    },
    close() {
      stack.pop()
    },
    key(read) {
      const top = stack.at(-1)
      if (top === undefined) return
      top.key = read()
      if (top.object?.has(top.key) && duplicates.length < limits.namedDuplicates) duplicates.push(pathOf(top))
    },
    text: (read) => put(read()),
    number(read) {
      const number = read()
      if (!Number.isFinite(number)) hasOddNumbers = true
      put(number)
    },
    literal: put,
  }
  createJsonScanner(visitor, limits.depth).feed(bytes, true)
  return { value, duplicates, hasOddNumbers }
}

const tooMuch = () => new FormatError('TOO_MUCH_WORK', 'The file has more values than any configuration.')

const pathOf = ({ path, list, key }: Building): string => {
  const step = list === null ? key.slice(0, 100) : String(list.length)
  return (path === '' ? step : `${path}.${step}`).slice(-300)
}
