import type { Findings } from '../findings.ts'
import { typeName } from './checkTypes.ts'
import type { Facts } from './facts.ts'
import { type ElementType, type GgufArray, type GgufFile, isArray } from './ggufFile.ts'
import type { StringList } from './stringList.ts'

const models = new Set([
  'none',
  'no_vocab',
  'llama',
  'gpt2',
  'hybriddna',
  'whitespace',
  'bert',
  't5',
  'rwkv',
  'plamo2',
  'gemma4',
])
const withoutTokens = new Set(['none', 'no_vocab'])
const arrays: Readonly<Record<string, readonly ElementType[]>> = {
  tokens: ['string'],
  merges: ['string'],
  scores: ['float32'],
  token_type: ['int32'],
  precompiled_charsmap: ['uint8', 'int8'],
}

export const checkTokenizer = (file: GgufFile, facts: Facts, findings: Findings): void => {
  const key = (name: string) => `tokenizer.ggml.${name}`
  const offset = (name: string) => facts.entry(key(name))?.offset ?? null
  const array = (name: string): GgufArray | null => {
    const value = file.metadata.get(key(name))?.value
    return value !== undefined && isArray(value) ? value : null
  }
  for (const [name, wanted] of Object.entries(arrays)) {
    const entry = facts.entry(key(name))
    if (entry === undefined || (isArray(entry.value) && wanted.includes(entry.value.elementType))) continue
    findings.add(
      'broken',
      'wrong-type',
      `"${entry.key}" is ${typeName(entry)} and must be ${wanted[0]}[]; llama.cpp refuses the file.`,
      entry.offset,
    )
  }
  const model = facts.text(key('model'))
  if (model !== null && !models.has(model))
    findings.add(
      'warning',
      'unknown-tokenizer',
      `The tokenizer "${model.slice(0, 100)}" is not known: it may need a newer runtime.`,
      offset('model'),
    )
  const tokens = array('tokens')
  if (model === null || withoutTokens.has(model) || tokens === null) return

  for (const name of ['scores', 'token_type']) {
    const count = array(name)?.count
    if (count !== undefined && count < tokens.count)
      findings.add(
        'broken',
        'short-token-table',
        `"${key(name)}" has ${count} elements for ${tokens.count} tokens; llama.cpp refuses the file.`,
        offset(name),
      )
  }
  if (model === 'gpt2' && !facts.has(key('merges')))
    findings.add('broken', 'missing-key', `The key "${key('merges')}" is missing; llama.cpp refuses the file.`)
  if (model === 'gpt2' && !facts.has(key('pre')))
    findings.add(
      'warning',
      'missing-pre-tokenizer',
      'The file does not name its pre-tokenizer: an old conversion, its answers are worse.',
    )
  if (tokens.values !== null && tokens.elementType === 'string')
    checkDuplicates(tokens.values, offset('tokens'), findings)
}

/** llama.cpp keeps tokens as C strings in a table and asserts that all are there. Only when the tokens were kept. */
const checkDuplicates = (tokens: StringList, offset: number | null, findings: Findings): void => {
  const places = new Map<string, number>()
  for (let index = 0; index < tokens.length; index++) {
    const whole = tokens.bytesAt(index)?.toString('latin1') ?? ''
    const nul = whole.indexOf('\0')
    const text = nul < 0 ? whole : whole.slice(0, nul)
    const first = places.get(text)
    if (first === undefined) places.set(text, index)
    else if (text !== '') {
      findings.add(
        'broken',
        'duplicate-token',
        `Token ${index} has the same text as token ${first}; llama.cpp crashes on that.`,
        offset,
      )
      return
    }
  }
}
