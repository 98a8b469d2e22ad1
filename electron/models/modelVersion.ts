import parse from 'semver/functions/parse.js'
import type { NameVerdict } from '../../shared/contract/modelCare.ts'
import { visibleText } from '../../shared/visibleText.ts'
import type { NameProblem } from './modelNamePart.ts'

type CheckedVersion = NonNullable<NameVerdict['version']>

/** A version by SemVer 2.0.0; a small v in front is taken and left out. What is wrong is explained. */
export const checkVersion = (text: string): CheckedVersion => {
  const problems = versionProblems(text)
  const parsed = problems.length === 0 ? parse(text) : null
  if (parsed === null)
    return {
      valid: false,
      normalized: null,
      major: null,
      minor: null,
      patch: null,
      prerelease: [],
      build: [],
      problems,
    }
  const { version, major, minor, patch, prerelease, build } = parsed
  const normalized = build.length === 0 ? version : `${version}+${build.join('.')}`
  return { valid: true, normalized, major, minor, patch, prerelease: [...prerelease], build: [...build], problems }
}

/** The most that semver reads. */
const mostCharacters = 256

const versionProblems = (text: string): NameProblem[] => {
  const whole = (message: string, at: number | null): NameProblem => ({ part: 'version', message, at })
  if (text.trim() === '') return [whole('A version is missing, like 1.2.0.', text === '' ? null : 0)]
  if (text.length > mostCharacters)
    return [whole(`A version has at most ${mostCharacters} characters (${text.length}).`, mostCharacters)]
  const blanks = text.length - text.trimStart().length
  const end = text.trimEnd().length
  const problems: NameProblem[] = []
  if (blanks > 0) problems.push(whole('There is a blank in front of the version: leave it out.', 0))
  if (end < text.length) problems.push(whole('There is a blank behind the version: leave it out.', end))
  const start = blanks + (text[blanks] === 'v' ? 1 : 0)
  const coreEnd = indexOrEnd(text.slice(0, end).search(/[-+]/), end)
  const plus = indexOrEnd(text.indexOf('+'), end)
  problems.push(...coreProblems(text.slice(start, coreEnd), start, end))
  if (text[coreEnd] === '-')
    problems.push(...identifierProblems('prerelease', text.slice(coreEnd + 1, plus), coreEnd + 1, end))
  if (plus < end) problems.push(...identifierProblems('build', text.slice(plus + 1, end), plus + 1, end))
  return problems
}

const indexOrEnd = (index: number, end: number): number => (index === -1 ? end : index)

const numberNames = ['major', 'minor', 'patch'] as const

/** `end`: of the whole version. */
const coreProblems = (core: string, start: number, end: number): NameProblem[] => {
  const next = start + core.length < end ? start + core.length : null
  const problems: NameProblem[] = []
  const numbers = core.split('.')
  let at = start
  for (const [index, name] of numberNames.entries()) {
    const number = numbers[index]
    if (number === undefined) {
      const example = [...numbers, '0', '0'].slice(0, 3).join('.')
      const like = problems.length === 0 ? `, as in ${example}` : ''
      problems.push({
        part: name,
        message: `A version has three numbers; the ${name} number is missing${like}.`,
        at: next,
      })
      return problems
    }
    const problem = numberProblem(name, number)
    if (problem) problems.push({ part: name, message: problem.message, at: Math.min(at + problem.at, end - 1) })
    at += number.length + 1
  }
  if (numbers.length > 3)
    problems.push({ part: 'version', message: 'A version has three numbers, not more.', at: at - 1 })
  return problems
}

const numberProblem = (name: string, number: string): { message: string; at: number } | null => {
  if (number === '') return { message: `The ${name} number is empty.`, at: 0 }
  const bad = number.search(/\D/)
  if (bad === 0 && /^[V=]\d/.test(number))
    return { message: `Only a small v may stand in front of a version: leave out "${number[0]}".`, at: 0 }
  if (bad !== -1) {
    const shown = visibleText(String.fromCodePoint(number.codePointAt(bad) ?? 0))
    return {
      message: `The ${name} is a number, without "${shown}". A pre-release follows a hyphen, as in 1.2.0-beta.1.`,
      at: bad,
    }
  }
  if (/^0\d/.test(number))
    return { message: `The ${name} number begins with 0: write ${number.replace(/^0+(?=\d)/, '')}.`, at: 0 }
  if (Number(number) > Number.MAX_SAFE_INTEGER)
    return { message: `The ${name} number is larger than ${Number.MAX_SAFE_INTEGER}.`, at: 0 }
  return null
}

const kindNames = { prerelease: 'pre-release', build: 'build' } as const

const identifierProblems = (part: keyof typeof kindNames, text: string, start: number, end: number): NameProblem[] => {
  const problems: NameProblem[] = []
  let at = start
  for (const identifier of text.split('.')) {
    const problem = identifierProblem(part, identifier)
    if (problem) problems.push({ part, message: problem.message, at: Math.min(at + problem.at, end - 1) })
    at += identifier.length + 1
  }
  return problems.slice(0, mostProblems)
}
/** Enough to see what is going on. */
const mostProblems = 8

const identifierProblem = (
  part: keyof typeof kindNames,
  identifier: string,
): { message: string; at: number } | null => {
  const name = kindNames[part]
  if (identifier === '') return { message: `A part of the ${name} between dots is empty.`, at: 0 }
  const bad = identifier.search(/[^0-9A-Za-z-]/u)
  if (bad !== -1) {
    const shown = visibleText(String.fromCodePoint(identifier.codePointAt(bad) ?? 0))
    return { message: `The ${name} has "${shown}"; possible are letters, digits, "-" and dots between them.`, at: bad }
  }
  if (part === 'build') return null
  if (/^0\d+$/.test(identifier))
    return {
      message: `A number in the pre-release begins with 0: write ${identifier.replace(/^0+(?=\d)/, '')}.`,
      at: 0,
    }
  return null
}
