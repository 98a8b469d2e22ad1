import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../byteSource.ts'
import { FormatError } from '../formatError.ts'
import { createJsonScanner } from './jsonStream.ts'
import { type Json, parseJson, readJson } from './readJson.ts'

const rounds = Number(process.env.BERTH_FUZZ ?? 3000)
const seed = Number(process.env.BERTH_SEED ?? 20_261_121)
const parse = (text: string) => parseJson(Buffer.from(text))
/** JavaScript puts numbers first among keys. */
const byKey = (entries: [string, unknown][]) => entries.sort(([one], [other]) => (one < other ? -1 : 1))
const plain = (json: Json): unknown =>
  json instanceof Map
    ? { object: byKey([...json].map(([key, value]) => [key, plain(value)])) }
    : Array.isArray(json)
      ? json.map(plain)
      : json
const asMaps = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(asMaps)
    : typeof value === 'object' && value !== null
      ? { object: byKey(Object.entries(value).map(([key, inner]) => [key, asMaps(inner)])) }
      : value
const codeOf = (read: () => unknown): string | null => {
  try {
    read()
    return null
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}

describe('a JSON file', () => {
  it('is read as any other reader reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(plain(parse(text).value)).toEqual(asMaps(JSON.parse(text)))
      }),
      { seed },
    )
  })

  it('gives the same in pieces of any length', () => {
    const text = '{"a":[1,-2.5e3,true,null,"x\\u00e9é",{"b":""}],"Infinity":-Infinity,"c" : {} , "d":[]}'
    const events = (size: number) => {
      const seen: string[] = []
      const scanner = createJsonScanner(
        {
          open: (kind) => seen.push(kind),
          close: () => seen.push('close'),
          key: (read) => seen.push(`key ${read()}`),
          text: (read) => seen.push(`text ${read()}`),
          number: (read) => seen.push(`number ${read()}`),
          literal: (value) => seen.push(String(value)),
        },
        10,
      )
      const bytes = Buffer.from(text)
      for (let from = 0, to = 0; to < bytes.length; ) {
        to = Math.min(bytes.length, to + size)
        from += scanner.feed(bytes.subarray(from, to), to === bytes.length)
      }
      return seen
    }
    const whole = events(1000)
    expect(whole).toHaveLength(22)
    for (const size of [1, 2, 3, 7, 11]) expect(events(size)).toEqual(whole)
  })

  it('says which keys are there twice; the last one counts', () => {
    const { value, duplicates } = parse('{"a":1,"b":{"c":1,"c":2},"a":2,"d":[{"e":1,"\\u0065":2}]}')
    expect(duplicates).toEqual(['b.c', 'a', 'd.0.e'])
    expect(value instanceof Map ? value.get('a') : null).toBe(2)
  })

  it('may have the numbers of Python', () => {
    expect(parse('[NaN, Infinity, -Infinity, 1]')).toMatchObject({
      value: [Number.NaN, Infinity, -Infinity, 1],
      hasOddNumbers: true,
    })
    expect(parse('[1]').hasOddNumbers).toBe(false)
  })

  it('with names of JavaScript changes nothing', () => {
    const { value } = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(value instanceof Map ? [...value.keys()] : null).toEqual(['__proto__', 'constructor'])
  })

  const refused: [text: string, code: string][] = [
    ['', 'BAD_JSON'],
    ['   ', 'BAD_JSON'],
    ['{', 'BAD_JSON'],
    ['{"a"', 'BAD_JSON'],
    ['{"a":', 'BAD_JSON'],
    ['{"a":1', 'BAD_JSON'],
    ['{"a":1,}', 'BAD_JSON'],
    ['[1,]', 'BAD_JSON'],
    ['[,1]', 'BAD_JSON'],
    ['[1 2]', 'BAD_JSON'],
    ['{"a" 1}', 'BAD_JSON'],
    ['{a:1}', 'BAD_JSON'],
    ["{'a':1}", 'BAD_JSON'],
    ['[1}', 'BAD_JSON'],
    ['{} {}', 'BAD_JSON'],
    ['{}x', 'BAD_JSON'],
    ['01', 'BAD_JSON'],
    ['+1', 'BAD_JSON'],
    ['.5', 'BAD_JSON'],
    ['1.', 'BAD_JSON'],
    ['1e', 'BAD_JSON'],
    ['-', 'BAD_JSON'],
    ['tru', 'BAD_JSON'],
    ['undefined', 'BAD_JSON'],
    ['"\\x41"', 'BAD_JSON'],
    ['"\\u12"', 'BAD_JSON'],
    ['"\n"', 'BAD_JSON'],
    ['"a', 'BAD_JSON'],
    ['"a\\"', 'BAD_JSON'],
    ['\ufeff{}', 'BAD_JSON'],
    ['// a\n{}', 'BAD_JSON'],
    ['['.repeat(100_000), 'TOO_DEEP'],
    ['{"a":'.repeat(65), 'TOO_DEEP'],
    [`[${'1,'.repeat(600_000)}1]`, 'TOO_MUCH_WORK'],
    [`[${'{},'.repeat(200_000)}1]`, 'TOO_MUCH_WORK'],
    [`${'9'.repeat(1000)}`, 'BAD_JSON'],
  ]
  it.each(refused.map(([text, code]) => [JSON.stringify(text.slice(0, 30)), code, text]))(
    'is refused: %s (%s)',
    (_, code, text) => {
      expect(codeOf(() => parse(text))).toBe(code)
    },
  )

  it('that is no UTF-8 is refused', () => {
    expect(codeOf(() => parseJson(Buffer.from([34, 0xff, 34])))).toBe('BAD_JSON')
  })

  it('larger than any configuration is not read at all', async () => {
    const source = { ...bytesSource(new Uint8Array(0)), sizeBytes: 2 ** 40 }
    await expect(readJson(source)).rejects.toMatchObject({ code: 'HEADER_TOO_LARGE' })
  })

  it(`is refused by name or read as Python reads it, ${rounds} times (BERTH_SEED=${seed})`, () => {
    const piece = fc.oneof(
      fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'e', '-', '0', 'nul', '\u0000', ' '),
      fc.string({ maxLength: 4 }),
    )
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(4), piece), { maxLength: 3 })
    fc.assert(
      fc.property(fc.json(), edits, (json, changes) => {
        let text = json
        for (const [at, length, put] of changes) {
          const from = at % (text.length + 1)
          text = text.slice(0, from) + put + text.slice(from + length)
        }
        let expected: unknown
        let isValid = true
        try {
          expected = JSON.parse(text)
        } catch {
          isValid = false
        }
        const code = codeOf(() => parse(text))
        if (isValid) expect(code).toBeNull()
        if (code !== null) expect(['BAD_JSON', 'TOO_DEEP']).toContain(code)
        else if (isValid && parse(text).duplicates.length === 0 && !/[\ud800-\udfff]|\\u[dD]/.test(text))
          expect(plain(parse(text).value)).toEqual(asMaps(expected))
      }),
      { numRuns: rounds, seed },
    )
  })
})
