import { expect, test } from 'vitest'
import { describePrice, priceOf, toPrice } from './openRouterPrice.ts'

test.each([
  ['0.00000015', 0.15],
  ['0.0000006', 0.6],
  ['0.000000049', 0.049],
  ['0.000000000123', 0.000123],
  ['0.00001', 10],
  ['0.000175', 175],
  ['1.5e-7', 0.15],
  ['1E-6', 1],
  ['.000001', 1],
  ['0', 0],
  ['0.0', 0],
  [' 0.000003 ', 3],
])('%s a token is exactly %d a million', (text, perMillion) => {
  expect(priceOf(text, 6)).toBe(perMillion)
})

test('every price of up to twelve decimals is as exact as its text', () => {
  for (let nano = 1; nano < 20_000; nano += 7) {
    const text = `0.${String(nano).padStart(12, '0')}`
    expect(priceOf(text, 6)).toBe(Number(`${nano}e-6`))
  }
})

test.each(['-1', '-0.5', '', 'free', 'NaN', 'Infinity', '1e999', '0x10', '1,5', '1e', '0.1.2', undefined])(
  '%s is no price',
  (text) => {
    expect(priceOf(text, 6)).toBeNull()
  },
)

const zero = { prompt: '0', completion: '0' }
test.each([
  ['nothing', zero, true],
  ['nothing, in other words', { prompt: '0.0', completion: '0e-9', request: '0', image: '0.000' }, true],
  ['only for a search that nobody asked for', { ...zero, web_search: '0.01' }, true],
  ['for the answer', { ...zero, completion: '0.0000001' }, false],
  ['for each request', { ...zero, request: '0.001' }, false],
  ['for a picture', { ...zero, image_output: '0.04' }, false],
  ['what it costs then', { prompt: '-1', completion: '-1' }, false],
  ['nobody knows what for a request', { ...zero, request: '-1' }, false],
  ['something that cannot be read', { prompt: 'free', completion: 'free' }, false],
  ['what is not told', { prompt: '0' }, false],
])('a model that costs %s: free is %s', (_, texts, free) => {
  expect(toPrice(texts, []).free).toBe(free)
})

test('a model that costs at some hours, or with long prompts, is not free', () => {
  expect(toPrice(zero, [{ min_prompt_tokens: '0', prompt: '0' }]).free).toBe(true)
  expect(toPrice(zero, [{ prompt: '0.0000001' }]).free).toBe(false)
})

test('variable prices are unknown, never minus a million', () => {
  expect(toPrice({ prompt: '-1', completion: '-1', request: '-1' }, [])).toEqual({
    promptUsdPerMillion: null,
    completionUsdPerMillion: null,
    requestUsd: null,
    free: false,
  })
})

test.each([
  ['prompt', '0.00000015', 'Prompt', '$0.15 per million tokens'],
  ['completion', '0.000000000123', 'Answer', '$0.000123 per million tokens'],
  ['request', '0.005', 'Request', '$0.005 per request'],
  ['prompt', '0', 'Prompt', 'free'],
  ['prompt', '-1', 'Prompt', 'changes with each request'],
  ['something_new', '0.25', 'something_new', '$0.25 per unit'],
  ['constructor', 'x', 'constructor', 'x'],
  ['discount', '0.25', 'Discount', '25 %'],
])('%s %s reads %s: %s', (name, text, label, value) => {
  expect(describePrice(name, text)).toEqual([label, value])
})
