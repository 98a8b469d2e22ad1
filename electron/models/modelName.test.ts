import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameVerdict } from '../../shared/contract/modelCare.ts'
import { cpuMs } from '../../test/support/cpuTime.ts'
import { mutationSeed } from '../../test/support/mutation.ts'
import { validateName } from './modelName.ts'

const nameOf = (name: string) => validateName(name, undefined).name
const wrong = (name: string) => nameOf(name).problems.map(({ part, at }) => [part, at])
const messages = (name: string) => nameOf(name).problems.map(({ message }) => message)

describe('a valid name', () => {
  it.each([
    ['llama3', [null, null, 'llama3', null]],
    ['qwen3:8b', [null, null, 'qwen3', '8b']],
    ['library/qwen3:8b', [null, 'library', 'qwen3', '8b']],
    ['gpt-oss:120b-cloud', [null, null, 'gpt-oss', '120b-cloud']],
    [
      'hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M',
      ['hf.co', 'bartowski', 'Llama-3.2-1B-Instruct-GGUF', 'Q4_K_M'],
    ],
    ['localhost:5000/library/tiny:latest', ['localhost:5000', 'library', 'tiny', 'latest']],
    ['meta-llama/llama-3.3-70b-instruct:free', [null, 'meta-llama', 'llama-3.3-70b-instruct', 'free']],
    ['google/gemma-4-26b-a4b@q4_k_m', [null, 'google', 'gemma-4-26b-a4b@q4_k_m', null]],
    ['google/gemma@q4:2', [null, 'google', 'gemma@q4', '2']],
    ['Qwen/Qwen3-8B', [null, 'Qwen', 'Qwen3-8B', null]],
    ['user.My-Model', [null, null, 'user.My-Model', null]],
    ['z.ai/glm-4.7', [null, 'z.ai', 'glm-4.7', null]],
    ['_x/_y:_z', [null, '_x', '_y', '_z']],
    [`${'n'.repeat(80)}/${'m'.repeat(80)}:${'t'.repeat(80)}`, [null, 'n'.repeat(80), 'm'.repeat(80), 't'.repeat(80)]],
    [`${'h'.repeat(350)}/n/m`, ['h'.repeat(350), 'n', 'm', null]],
    ['console/nul-model:com10', [null, 'console', 'nul-model', 'com10']],
  ])('%s has these parts', (name, [host, namespace, model, tag]) => {
    const { parts, problems, valid } = nameOf(name)
    expect({ valid, parts, problems }).toEqual({ valid: true, parts: { host, namespace, model, tag }, problems: [] })
  })

  it('keeps its letters, its colon and its slashes when it is normalized', () => {
    for (const name of ['Qwen3:8B', 'Qwen/Qwen3-8B', 'a/b:free', 'model', 'p/m@q4'])
      expect(nameOf(name).normalized).toBe(name)
  })

  it('with a host is an Ollama name, so it is shown as Ollama shows it', () => {
    expect(nameOf('registry.ollama.ai/library/Qwen3').normalized).toBe('Qwen3:latest')
    expect(nameOf('registry.ollama.ai/me/qwen3:8b').normalized).toBe('me/qwen3:8b')
    expect(nameOf('hf.co/user/repo').normalized).toBe('hf.co/user/repo:latest')
  })
})

describe('a name that is wrong', () => {
  it.each<[string, [string, number | null][]]>([
    ['', [['name', null]]],
    [' ', [['name', 0]]],
    [' qwen3', [['name', 0]]],
    ['qwen3 ', [['name', 5]]],
    ['my model', [['model', 2]]],
    ['a/b\\c', [['name', 3]]],
    ['../etc', [['namespace', 0]]],
    ['a/..', [['model', 2]]],
    ['a..b', [['model', 1]]],
    ['/a', [['namespace', 0]]],
    ['a/', [['model', 1]]],
    ['a//b', [['namespace', 2]]],
    ['a:', [['tag', 1]]],
    [':8b', [['model', 0]]],
    ['a:b:c', [['tag', 3]]],
    ['a@', [['model', 1]]],
    ['a@b@c', [['model', 3]]],
    [
      '-a:.b',
      [
        ['model', 0],
        ['tag', 3],
      ],
    ],
    ['a/b/c/d', [['name', 5]]],
    ['https://huggingface.co/user/repo', [['name', 0]]],
    ['qwen3@sha256:0123', [['name', 5]]],
    ['qwen3:8b@sha256:0123', [['name', 8]]],
    ['localhost:5000/tiny', [['namespace', 0]]],
    ['hf.co/repo', [['namespace', 0]]],
    ['hf.co/us.er/repo', [['namespace', 8]]],
    ['host:99999/a/b', [['host', 4]]],
    ['modèle', [['model', 3]]],
    ['a\u{1f600}b', [['model', 1]]],
    ['a\u0000b', [['name', 1]]],
    ['model\u202efugg', [['name', 5]]],
    ['mo\u200bdel', [['name', 2]]],
    [
      `${'m'.repeat(81)}:${'t'.repeat(81)}`,
      [
        ['model', 80],
        ['tag', 162],
      ],
    ],
    [`a/${'n'.repeat(351)}`, [['model', 82]]],
    ['CON', [['model', 0]]],
    ['nul/x', [['namespace', 0]]],
    ['x:com1.bin', [['tag', 2]]],
  ])('%j is told where', (name, expected) => {
    const checked = nameOf(name)
    expect(wrong(name)).toEqual(expected)
    expect({ ...checked, problems: [] }).toEqual({ valid: false, normalized: null, parts: null, problems: [] })
  })

  it('is told what is wrong and what would be right', () => {
    expect(messages('a/b\\c')).toEqual(['Parts are separated by / and not by \\.'])
    expect(messages('my model')).toEqual(['The model has a blank; write "-" or "_" in its place.'])
    expect(messages('model\u202efugg')[0]).toMatch(/^<U\+202E> turns the direction of the text/)
    expect(messages('hf.co/repo')[0]).toMatch(/hf\.co\/library\/repo/)
    expect(messages('a:b:c')).toEqual(['A name has one : only, in front of its tag.'])
    expect(messages('https://hf.co/u/r')).toEqual(['A name has no https://: begin with the host.'])
  })
})

describe('a name and a version', () => {
  it('are valid together, and each by itself', () => {
    expect(validateName('qwen3:8b', '1.2.0')).toMatchObject({ valid: true, version: { normalized: '1.2.0' } })
    expect(validateName('qwen3:8b', '1.2')).toMatchObject({
      valid: false,
      name: { valid: true },
      version: { valid: false },
    })
    expect(validateName('a b', '1.2.0')).toMatchObject({
      valid: false,
      name: { valid: false },
      version: { valid: true },
    })
    expect(validateName('a', undefined)).toMatchObject({ valid: true, version: null })
  })
})

/** Strings that come close to a name, so that each rule is met. */
const nearName = fc
  .array(fc.constantFrom(...'aZ09_.-:/@\\ \u202e\u0000é', 'con', 'hf.co', '..', 'sha256', 'https://'), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''))
const anyName = fc.oneof(nearName, fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 2000 }))

describe('for every string', () => {
  it('with a host there is no variant behind @', () => {
    expect(validateName('a/a/a@sha256', undefined).valid).toBe(false)
    expect(validateName('a/a@q4', undefined).valid).toBe(true)
  })

  it('what cannot be seen in it is named and never repeated', () => {
    expect(JSON.stringify(validateName('hf.co/\u202e', undefined))).not.toContain('\u202e')
  })

  it('there is a verdict, in the form the contract has, whose places lie in the string', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const verdict = NameVerdict.parse(validateName(name, name))
        expect(verdict.name.valid).toBe(verdict.name.problems.length === 0)
        for (const { at, message } of verdict.name.problems) {
          if (at !== null) expect(at >= 0 && at < name.length).toBe(true)
          expect(message).toMatch(/^["<A-Z].*\.$/s)
          for (const hidden of ['\u202e', '\u0000']) expect(message).not.toContain(hidden)
        }
      }),
      { numRuns: 2000, seed: mutationSeed },
    )
  })

  it('the parts of a valid name give the name again, and its normalized form is valid and stays', () => {
    let valid = 0
    fc.assert(
      fc.property(nearName, (name) => {
        const { parts, normalized } = nameOf(name)
        if (parts === null || normalized === null) return
        valid++
        const { host, namespace, model, tag } = parts
        const path = [host, namespace, model].filter((part) => part !== null).join('/')
        expect(tag === null ? path : `${path}:${tag}`).toBe(name)
        expect(nameOf(normalized).normalized).toBe(normalized)
      }),
      { numRuns: 3000, seed: mutationSeed },
    )
    expect(valid).toBeGreaterThan(50)
  })

  it('a verdict takes no time, however the string is made to be slow', () => {
    for (const unit of [
      'a',
      '/',
      ':',
      '@',
      '.',
      '..',
      ' ',
      '\\',
      '\u202e',
      '\u200b',
      'a.',
      '@sha256:',
      'https://',
      '\ud800',
      '1.',
      '0-',
      '+',
    ]) {
      const text = unit.repeat(100_000 / unit.length)
      const times = [1, 2, 3].map(() => {
        const begun = cpuMs()
        validateName(text, text)
        return cpuMs() - begun
      })
      expect([unit, Math.min(...times) < 50]).toEqual([unit, true])
    }
  })
})
