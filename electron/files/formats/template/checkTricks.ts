import type { Tag, Token } from './lexTemplate.ts'
import { localNames, pathsOf } from './paths.ts'
import type { TemplateReport } from './report.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** How Python code gets from any value to everything else. */
const tricks = [
  ...words(`
  __class__ __mro__ __base__ __bases__ __subclasses__ __globals__ __builtins__ __import__ __init__ __getattribute__
  __getattr__ __getitem__ __dict__ __code__ __closure__ __reduce__ __reduce_ex__ __self__ __func__ __wrapped__
  __loader__ __spec__ func_globals func_code gi_frame gi_code cr_frame ag_frame f_globals f_builtins f_locals tb_frame`),
]
const isTrick = (text: string): boolean => tricks.some((trick) => text.includes(trick))

/** What Jinja and the frameworks around it hand to every template, and what attacks start from. */
const entryObjects = words('cycler joiner lipsum self request config url_for get_flashed_messages')
/** Alone in code, whatever they are called on. */
const effectNames = words('popen subprocess importlib socket __import__ check_output execfile')
const effectCalls = words('system eval exec open compile popen spawn')
const attributeCalls = words('getattr setattr vars dir chr')
const loaders = words('include import extends from')

const lineOf = (tokens: readonly Token[]): string =>
  tokens
    .slice(0, 60)
    .map(({ kind, value }) => (kind === 'string' ? `'${value.slice(0, 200)}'` : value))
    .join(' ')

/** Code in a template that no chat needs: ways to Python's objects, effects, other files, endless work. */
export const checkTricks = (tags: readonly Tag[], report: TemplateReport): void => {
  const locals = new Set(tags.flatMap(({ tokens }) => localNames(tokens)))
  const short: string[] = []
  for (const tag of tags) {
    if (tag.tokens.length === 0) continue
    const place = { offset: tag.offset, text: lineOf(tag.tokens) }
    checkAttributes(tag.tokens, place, report)
    checkEffects(tag.tokens, locals, place, report)
    const [first] = tag.tokens
    if (tag.kind === 'statement' && first?.kind === 'name' && loaders.has(first.value))
      report.add('dangerous', 'template-loads-file', `"${first.value}" takes in another file.`, place)
    for (const { kind, value } of tag.tokens) if (kind === 'string' && value.length <= 24) short.push(value)
  }
  const joined = short.join('')
  if (!report.has('attribute-trick') && (isTrick(joined) || isTrick(reversed(joined))))
    report.add('dangerous', 'attribute-trick', 'Pieces of strings put together name the inside of Python objects.', {
      offset: 0,
      text: tricks.find((trick) => joined.includes(trick) || reversed(joined).includes(trick)) ?? '',
    })
}

const reversed = (text: string): string => Array.from(text).reverse().join('')

type Place = Parameters<TemplateReport['add']>[3]

const checkAttributes = (tokens: readonly Token[], place: Place, report: TemplateReport): void => {
  const trick = (message: string) => report.add('dangerous', 'attribute-trick', message, place)
  const strings: string[] = []
  const formats = tokens.some((token) => token.value === 'format' || token.value === '%')
  for (const [index, { kind, value, escapesPlain }] of tokens.entries()) {
    const before = tokens[index - 1]?.value
    if (kind === 'name' && (isTrick(value) || /^__\w+__$/.test(value)))
      trick(`"${value}" reaches into Python objects. No chat needs it.`)
    if (kind === 'name' && value === 'attr' && before === '|')
      trick('"|attr" reads an attribute whose name is put together. No chat needs it.')
    if (kind === 'name' && attributeCalls.has(value) && tokens[index + 1]?.value === '(' && before !== 'macro')
      trick(`"${value}(…)" reads attributes or letters by what is put together.`)
    if (kind !== 'string') continue
    strings.push(value)
    if (value === 'attr' && before === '(') trick('"attr" as a filter reads attributes by a name that is put together.')
    if (isTrick(value) || isTrick(reversed(value))) trick('A string names the inside of Python objects.')
    else if (escapesPlain === true)
      report.add('warning', 'escaped-letters', 'A string hides plain letters behind escapes.', place)
    if (formats && /%\d{0,4}c/.test(value)) trick('A text is put together from character codes.')
  }
  const joined = strings.join('')
  if (strings.length > 1 && !strings.some(isTrick) && (isTrick(joined) || isTrick(reversed(joined))))
    trick('Pieces of a string put together name the inside of Python objects.')
}

const checkEffects = (
  tokens: readonly Token[],
  locals: ReadonlySet<string>,
  place: Place,
  report: TemplateReport,
): void => {
  const effect = (name: string) =>
    report.add('dangerous', 'template-effect', `"${name}" runs programs, opens files or the network.`, place)
  for (const [index, { kind, value }] of tokens.entries()) {
    const [before, after] = [tokens[index - 1]?.value, tokens[index + 1]?.value]
    const isMember = before === '.'
    if (kind === 'string' && (effectNames.has(value) || /^(os|sys|subprocess|builtins)\.\w+/.test(value))) effect(value)
    if (kind !== 'name' || (!isMember && locals.has(value))) continue
    if (effectNames.has(value)) effect(value)
    else if (effectCalls.has(value) && after === '(' && before !== 'macro') effect(value)
    else if (value === 'os' && (after === '.' || after === '[')) effect(value)
  }
  for (const { root, start } of pathsOf(tokens)) {
    const isArgument = tokens[start + 1]?.value === '=' && tokens[start - 1]?.value !== 'set'
    if (entryObjects.has(root) && !locals.has(root) && !isArgument)
      report.add(
        'warning',
        'entry-object',
        `"${root}" is no part of a chat. Attacks on templates start from it.`,
        place,
      )
  }
}
