import fc from 'fast-check'
import parse from 'semver/functions/parse.js'
import { describe, expect, it } from 'vitest'
import { mutationSeed } from '../../test/support/mutation.ts'
import { checkVersion } from './modelVersion.ts'

const wrong = (text: string) => checkVersion(text).problems.map(({ part, at }) => [part, at])

describe('a version', () => {
  it('is read by SemVer 2.0.0, with its pre-release and its build', () => {
    expect(checkVersion('1.2.0-rc.1+build.007')).toEqual({
      valid: true,
      normalized: '1.2.0-rc.1+build.007',
      major: 1,
      minor: 2,
      patch: 0,
      prerelease: ['rc', 1],
      build: ['build', '007'],
      problems: [],
    })
  })

  it.each([
    ['v1.2.0', '1.2.0'],
    ['0.0.0', '0.0.0'],
    ['1.0.0--', '1.0.0--'],
    ['1.0.0-0A.is.legal', '1.0.0-0A.is.legal'],
    ['1.0.0+-', '1.0.0+-'],
    ['9007199254740991.0.0', '9007199254740991.0.0'],
  ])('%s is normalized to %s', (text, normalized) => {
    expect(checkVersion(text)).toMatchObject({ valid: true, normalized })
  })

  it.each<[string, [string, number | null][]]>([
    ['', [['version', null]]],
    ['  ', [['version', 0]]],
    [' 1.2.3', [['version', 0]]],
    ['1.2.3 ', [['version', 5]]],
    ['1', [['minor', null]]],
    ['1.2', [['patch', null]]],
    ['1.2-beta', [['patch', 3]]],
    ['1.2.', [['patch', 3]]],
    ['1..3', [['minor', 2]]],
    ['1.2.3.4', [['version', 5]]],
    ['01.2.3', [['major', 0]]],
    ['1.002.3', [['minor', 2]]],
    ['V1.2.3', [['major', 0]]],
    ['=1.2.3', [['major', 0]]],
    ['vv1.2.3', [['major', 1]]],
    ['1.2.3beta', [['patch', 5]]],
    ['1.x.3', [['minor', 2]]],
    ['1.2.3-', [['prerelease', 5]]],
    ['1.2.3-a..b', [['prerelease', 8]]],
    ['1.2.3-a.01', [['prerelease', 8]]],
    ['1.2.3-ä', [['prerelease', 6]]],
    ['1.2.3+', [['build', 5]]],
    ['1.2.3+a+b', [['build', 7]]],
    [
      '1.2.3-a_b+c_d',
      [
        ['prerelease', 7],
        ['build', 11],
      ],
    ],
    ['9007199254740992.0.0', [['major', 0]]],
    [
      'latest',
      [
        ['major', 0],
        ['minor', null],
      ],
    ],
    [`1.2.3-${'a'.repeat(300)}`, [['version', 256]]],
  ])('%j is told where it is wrong', (text, expected) => {
    expect(wrong(text)).toEqual(expected)
    expect(checkVersion(text)).toMatchObject({ valid: false, normalized: null, major: null, prerelease: [], build: [] })
  })

  it('is told what would be right', () => {
    const message = (text: string) => checkVersion(text).problems[0]?.message
    expect(message('1.2')).toBe('A version has three numbers; the patch number is missing, as in 1.2.0.')
    expect(message('1.002.3')).toBe('The minor number begins with 0: write 2.')
    expect(message('V1.2.3')).toBe('Only a small v may stand in front of a version: leave out "V".')
    expect(message('1.2.3beta')).toMatch(/follows a hyphen, as in 1\.2\.0-beta\.1/)
  })

  const piece = fc.constantFrom(
    '0',
    '1',
    '07',
    '12',
    'v',
    'V',
    '.',
    '.',
    '-',
    '+',
    'a',
    'Z',
    ' ',
    'ä',
    '123456789012345678',
  )
  const near = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
  const identifiers = fc
    .array(fc.constantFrom('0', '01', '12', 'a', 'a-1', '-', '12345678901234567890'), { minLength: 1, maxLength: 3 })
    .map((all) => all.join('.'))
  const shaped = fc
    .tuple(
      fc.constantFrom('', 'v'),
      fc.nat(20),
      fc.nat(),
      fc.bigInt({ min: 0n, max: 10n ** 17n }),
      identifiers,
      identifiers,
    )
    .map(([v, major, minor, patch, pre, build]) => `${v}${major}.${minor}.${patch}-${pre}+${build}`)

  it('is valid exactly when semver reads it without trimming it', () => {
    let valid = 0
    fc.assert(
      fc.property(fc.oneof(near, shaped, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
        const checked = checkVersion(text)
        if (checked.valid) valid++
        expect(checked.valid).toBe(parse(text) !== null && text === text.trim())
        expect(checked.valid).toBe(checked.problems.length === 0)
        if (checked.normalized !== null) expect(checkVersion(checked.normalized)).toEqual(checked)
        for (const { at } of checked.problems) if (at !== null) expect(at >= 0 && at < text.length).toBe(true)
      }),
      { numRuns: 5000, seed: mutationSeed },
    )
    expect(valid).toBeGreaterThan(50)
  })
})
