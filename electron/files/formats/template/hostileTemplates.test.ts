import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../../test/support/cpuTime.ts'
import { checkTemplate } from './checkTemplate.ts'
import { compareTemplates } from './compareTemplates.ts'

const check = (text: string) => checkTemplate({ name: 'default', text, source: 'chat_template.jinja' })
const million = 2 ** 20
const rounds = Number(process.env.BERTH_FUZZ ?? 3000)
const seed = Number(process.env.BERTH_SEED ?? 20_261_121)
const folder = new URL('../../../../test/fixtures/templates/benign/', import.meta.url)
const benign = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))

describe('a template made to hurt its reader', () => {
  it.each([
    ['brackets inside one another', `{{ ${'('.repeat(101)}a${')'.repeat(101)} }}`],
    ['lists inside one another', `{{ ${'['.repeat(50_000)} }}`],
    ['objects inside one another', `{{ ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)} }}`],
    ['blocks inside one another', '{% if a %}'.repeat(30_000)],
    ['branches in a row', `{% if a %}${'{% elif b %}'.repeat(10_000)}{% endif %}`],
    ['not not not', `{{ ${'not '.repeat(90_000)}a }}`],
    ['signs in a row', `{{ ${'- '.repeat(90_000)}a }}`],
    ['choices in a row', `{{ ${'a if b else '.repeat(20_000)}c }}`],
    ['calls in a row', `{{ a${'()'.repeat(40_000)} }}`],
    ['more parts than any template', '{{a}}'.repeat(100_000)],
    ['more text than any template', ' '.repeat(million + 1)],
    ['a string that never ends', "{{ 'a"],
    ['a comment that never ends', 'a {# b'],
    ['an expression that never ends', '{{ a '],
    ['a block that never ends', '{% if a %}b'],
    ['no expression', '{{ }}'],
    ['a block that nothing opened', '{% endif %}'],
    ['an unknown block', '{% frobnicate %}'],
  ])('by %s is a warning in less than a second', (_, text) => {
    const start = cpuMs()
    const outcomes = check(text).checks.filter(({ outcome }) => outcome !== 'passed')
    expect(outcomes.map(({ outcome, code }) => `${outcome} ${code}`)).toContain('warning template-unparsable')
    expect(cpuMs() - start).toBeLessThan(1000)
  })

  it.each([
    ['white space', ' '.repeat(million)],
    ['runs of white space', `${' '.repeat(31)}x`.repeat(2 ** 15)],
    ['starts of a tag', `{%${' '.repeat(30)}generation`.repeat(20_000)],
    ['invisible characters', '\u200b'.repeat(million)],
    ['one long word of base64', 'A'.repeat(million)],
    ['addresses', 'http://a '.repeat(110_000)],
    ['very many strings', `{{ ${"'%c' ~ ".repeat(29_000)}'a'|format(1) }}`],
    ['ranges that never close', `{{ ${'range('.repeat(29_000)}`],
    [
      'findings by the thousand',
      `{% if 'bank' in content %}${"{{ 'please send all the money' }}".repeat(25_000)}{% endif %}`,
    ],
    [
      'as deep as it may be',
      `${'{% if a %}'.repeat(100)}{{ ${'('.repeat(100)}a${')'.repeat(100)} }}${'{% endif %}'.repeat(100)}`,
    ],
  ])('by %s is read in less than a second', (_, text) => {
    const start = cpuMs()
    const { checks } = check(text)
    expect(cpuMs() - start).toBeLessThan(1000)
    expect(checks.length).toBeLessThan(60)
  })

  it('that is as deep as it may be still parses', () => {
    const text = `${'{% if a %}'.repeat(100)}{{ ${'('.repeat(100)}a${')'.repeat(100)} }}${'{% endif %}'.repeat(100)}`
    expect(check(text).checks.every(({ outcome }) => outcome === 'passed')).toBe(true)
  })

  it(`stays text: ${rounds} mutations of ordinary templates give checks and nothing else (BERTH_SEED=${seed})`, () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{{',
        '}}',
        '{%',
        '%}',
        '{#',
        '#}',
        "'",
        '"',
        '\\',
        '\\x',
        '\\u12',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '|',
      ),
      fc.constantFrom(
        '__class__',
        ' if ',
        ' else ',
        ' not ',
        '{% if',
        '{% endif %}',
        '{% raw %}',
        '**',
        '-',
        'range(9',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(60), piece), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.constantFrom(...benign), edits, (template, changes) => {
        let text = template
        for (const [at, length, put] of changes)
          text = text.slice(0, at % text.length) + put + text.slice((at % text.length) + length)
        const start = cpuMs()
        const { checks, supports, sha256 } = check(text)
        expect(cpuMs() - start).toBeLessThan(1000)
        expect(sha256).toMatch(/^[0-9a-f]{64}$/)
        structuredClone({ checks, supports })
        for (const { evidence } of checks) expect(evidence?.offset ?? 0).toBeLessThanOrEqual(Buffer.byteLength(text))
      }),
      { numRuns: rounds, seed },
    )
  }, 300_000)

  it('leaves every object as it was', () => {
    check("{% set __proto__ = {'polluted': 1} %}{{ constructor.prototype }}{% for __proto__ in x %}{% endfor %}")
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('two templates side by side', () => {
  it('show what the second has more and less, line by line', () => {
    expect(compareTemplates('a\nb\nc\nd', 'a\nc\nx\nd')).toEqual([
      { kind: 'same', text: 'a' },
      { kind: 'removed', text: 'b' },
      { kind: 'same', text: 'c' },
      { kind: 'added', text: 'x' },
      { kind: 'same', text: 'd' },
    ])
  })

  it('are the same when they are', () => {
    expect(compareTemplates('a\n\nb', 'a\n\nb').every(({ kind }) => kind === 'same')).toBe(true)
  })

  it('give both back from the lines, whatever they are', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map((list) => list.join('\n'))
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const diff = compareTemplates(one, other)
        const without = (kind: string) => diff.filter((line) => line.kind !== kind).map(({ text }) => text)
        expect(without('added').join('\n')).toBe(one)
        expect(without('removed').join('\n')).toBe(other)
      }),
      { seed },
    )
  })

  it('that share nothing are told apart as a whole, at any length', () => {
    const many = (word: string) => Array.from({ length: 100_000 }, (_, index) => `${word}${index}`).join('\n')
    const start = cpuMs()
    const diff = compareTemplates(many('a'), many('b'))
    expect(cpuMs() - start).toBeLessThan(1000)
    expect([diff.length, diff[0]?.kind, diff.at(-1)?.kind]).toEqual([200_000, 'removed', 'added'])
  })
})
