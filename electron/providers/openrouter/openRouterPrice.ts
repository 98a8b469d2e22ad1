import type { Price } from '../../../shared/contract/models.ts'

/** Name and text of each price, as they come: US dollars for one unit. */
export type PriceTexts = Readonly<Record<string, string>>

const decimal = /^(\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:e([+-]?\d{1,3}))?$/i

/**
 * `0.00000015` times 10^`shift`, rounded once, as a decimal text is: no error of a multiplication. null for what is no price:
 * `-1` says that it changes with each request.
 */
export const priceOf = (text: string | undefined, shift = 0): number | null => {
  const [, digits, exponent = '0'] = decimal.exec(text?.trim() ?? '') ?? []
  if (digits === undefined) return null
  const value = Number(`${digits}e${Number(exponent) + shift}`)
  return Number.isFinite(value) ? value : null
}

/** A search costs only who asks for one; what is left off is no price. */
const askedFor = new Set(['web_search', 'discount'])

/** Free is what costs nothing whatever is sent: a picture that costs makes a model of free words a paid one. */
export const toPrice = (texts: PriceTexts, overrides: readonly PriceTexts[]): Price => {
  const all = [texts, ...overrides].flatMap((each) => Object.entries(each)).filter(([name]) => !askedFor.has(name))
  const named = texts.prompt !== undefined && texts.completion !== undefined
  return {
    promptUsdPerMillion: priceOf(texts.prompt, 6),
    completionUsdPerMillion: priceOf(texts.completion, 6),
    requestUsd: priceOf(texts.request),
    free: named && all.every(([, text]) => priceOf(text) === 0),
  }
}

/** The unit of each price, and how many of it a person counts by. */
const units: Readonly<Record<string, readonly [label: string, unit: string, shift: number]>> = {
  prompt: ['Prompt', 'per million tokens', 6],
  completion: ['Answer', 'per million tokens', 6],
  request: ['Request', 'per request', 0],
  image: ['Image', 'per image', 0],
  image_token: ['Image tokens', 'per million tokens', 6],
  image_output: ['Made image', 'per image', 0],
  audio: ['Audio', 'per million tokens', 6],
  audio_output: ['Made audio', 'per million tokens', 6],
  input_audio_cache: ['Audio from the cache', 'per million tokens', 6],
  web_search: ['Web search', 'per search', 0],
  internal_reasoning: ['Reasoning', 'per million tokens', 6],
  input_cache_read: ['Prompt from the cache', 'per million tokens', 6],
  input_cache_write: ['Prompt into the cache', 'per million tokens', 6],
  input_cache_write_1h: ['Prompt into the cache for an hour', 'per million tokens', 6],
}

const dollars = (value: number): string => `$${value.toLocaleString('en-US', { maximumSignificantDigits: 15 })}`

/** One price for people: what it is of, and how much. */
export const describePrice = (name: string, text: string): readonly [label: string, value: string] => {
  if (name === 'discount') return ['Discount', `${priceOf(text, 2) ?? text} %`]
  const [label, unit, shift] = (Object.hasOwn(units, name) ? units[name] : undefined) ?? [name, 'per unit', 0]
  const value = priceOf(text, shift)
  if (value === null) return [label, text.startsWith('-') ? 'changes with each request' : text]
  return [label, value === 0 ? 'free' : `${dollars(value)} ${unit}`]
}
