import type { NameVerdict } from '../../shared/contract/modelCare.ts'
import { visibleText } from '../../shared/visibleText.ts'

export type NameProblem = NameVerdict['name']['problems'][number]
type PartRule = {
  readonly part: string
  /** characters */
  readonly most: number
  readonly wrong: RegExp
  readonly allowed: string
}

const common = { most: 80, wrong: /[^\w.-]/u, allowed: 'the letters A to Z and a to z, digits, "_", "." and "-"' }
const rules = {
  host: {
    part: 'host',
    most: 350,
    wrong: /[^\w.:-]/u,
    allowed: 'the letters A to Z and a to z, digits, "_", ".", "-" and, before a port, ":"',
  },
  namespace: { part: 'namespace', ...common },
  /** as Ollama has it; without a host it may be another server's name */
  'namespace below a host': {
    part: 'namespace',
    most: 80,
    wrong: /[^\w-]/u,
    allowed: 'the letters A to Z and a to z, digits, "_" and "-"',
  },
  model: { part: 'model', ...common },
  variant: { part: 'model', ...common },
  tag: { part: 'tag', ...common },
} as const satisfies Record<string, PartRule>

/** `at`: where the part begins in the `whole` name, in UTF-16 units. */
type Place = { readonly text: string; readonly at: number; readonly whole: string }

export const partProblems = (of: keyof typeof rules, { text, at, whole }: Place): NameProblem[] => {
  const { part, most, wrong, allowed }: PartRule = rules[of]
  const problem = (message: string, index: number): NameProblem => ({ part, message, at: index })
  if (text === '') return [problem(emptyMessage(of), Math.min(at, whole.length - 1))]
  const problems: NameProblem[] = []
  if (text.length > most)
    problems.push(problem(`The ${part} is longer than ${most} characters (${text.length}).`, at + most))
  const bad = text.search(wrong)
  if (/^[.:-]/.test(text))
    problems.push(problem(`The ${part} begins with "${text[0]}"; it has to begin with a letter, a digit or "_".`, at))
  else if (bad !== -1) problems.push(problem(wrongCharacter(part, text, bad, allowed), at + bad))
  const dots = text.indexOf('..')
  if (dots > 0) problems.push(problem(`The ${part} has two dots in a row: write one.`, at + dots))
  if (deviceName.test(text))
    problems.push(
      problem(
        `"${text.split('.')[0]}" is the name of a device on Windows, where stores keep a file for each part of a name: choose another ${part}.`,
        at,
      ),
    )
  if (of === 'host') problems.push(...portProblems(text, at))
  return problems
}

/** They stay what they are with any ending. */
const deviceName = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i

const emptyMessage = (of: keyof typeof rules): string => {
  if (of === 'tag') return 'The tag behind : is missing: write one, like :latest, or leave out the colon.'
  if (of === 'variant') return 'The variant behind @ is missing: write one, like @q4_k_m, or leave out the @.'
  if (of === 'model') return 'The model is missing, like llama3 in library/llama3:8b.'
  return `The ${rules[of].part} in front of / is empty: write it, or leave out the slash.`
}

const wrongCharacter = (part: string, text: string, bad: number, allowed: string): string => {
  const character = String.fromCodePoint(text.codePointAt(bad) ?? 0)
  if (/\s/.test(character)) return `The ${part} has a blank; write "-" or "_" in its place.`
  if (character === ':' && part === 'tag') return 'A name has one : only, in front of its tag.'
  if (character === '.' && part === 'namespace')
    return 'The namespace has a "."; below a host only letters, digits, "_" and "-" can be used in it.'
  return `The ${part} has ${visible(character)}; possible are ${allowed}.`
}

const visible = (character: string): string => {
  const shown = visibleText(character)
  return shown === character ? `"${shown}"` : shown
}

const portProblems = (host: string, at: number): NameProblem[] => {
  const colon = host.indexOf(':')
  if (colon <= 0) return []
  const port = host.slice(colon + 1)
  if (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) return []
  return [
    { part: 'host', message: 'Behind the : of a host stands its port, a number from 1 to 65535.', at: at + colon },
  ]
}
