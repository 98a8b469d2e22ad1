import type { KeyIndex, NamedTensor } from './keyIndex.ts'

/**
 * One line of a table: what it is called and the tests that must all hold. A test is a name or pattern:
 *
 *     img_in.weight               there is such a tensor, also behind the prefixes tools use
 *     ^decoder.conv_in.weight     … without any prefix
 *     blocks.#.attn.weight        … with any number, here and wherever else the name has one
 *     *attn2*to_k*                … with any text for a star, and any number
 *     !guidance_in.weight         there is none
 *     img_in.weight[1]=64|128     … whose dimension 1 is one of these
 *     blocks.#.attn.weight@37     … with 37 or more as its first number
 *     one || other                one of the two
 */
export type Rule = readonly [architecture: string, label: string, ...tests: string[]]

export interface Match {
  readonly architecture: string
  readonly label: string
  /** the tensor that said so */
  readonly source: string
}

/** The first rule of the table whose tests all hold. */
export const firstMatch = (keys: KeyIndex, rules: readonly Rule[]): Match | null => {
  for (const [architecture, label, ...tests] of rules) {
    const source = allHold(keys, tests)
    if (source !== null) return { architecture, label, source }
  }
  return null
}

/** The name of the tensor that the first positive test found; null: a test failed. */
export const allHold = (keys: KeyIndex, tests: readonly string[]): string | null => {
  let source: string | null = null
  for (const test of tests) {
    const found = holds(keys, test)
    if (found === null) return null
    source ??= found === true ? null : found.name
  }
  return source
}

const holds = (keys: KeyIndex, test: string): NamedTensor | true | null => {
  if (test.includes(' || ')) {
    for (const one of test.split(' || ')) {
      const found = holds(keys, one)
      if (found !== null) return found
    }
    return null
  }
  if (test.startsWith('!')) return holds(keys, test.slice(1)) === null ? true : null
  const at = test.indexOf('@')
  if (at >= 0) {
    const pattern = test.slice(0, at)
    return keys.highest(pattern) >= Number(test.slice(at + 1)) ? keys.find(pattern) : null
  }
  const size = /^(.+)\[(\d)\]=([\d|]+)$/.exec(test)
  if (size === null) return keys.find(test)
  const [, pattern = '', axis = '', sizes = ''] = size
  const wanted = new Set(sizes.split('|').map(Number))
  return keys.find(pattern, (tensor) => wanted.has(tensor.shape[Number(axis)] ?? -1))
}
