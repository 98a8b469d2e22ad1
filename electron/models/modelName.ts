import type { NameVerdict } from '../../shared/contract/modelCare.ts'
import { bidiCharacter, controlCharacter, invisibleCharacter, visibleText } from '../../shared/visibleText.ts'
import { type NameProblem, partProblems } from './modelNamePart.ts'
import { checkVersion } from './modelVersion.ts'

type CheckedName = NameVerdict['name']
type Parts = NonNullable<CheckedName['parts']>
/** A piece of the name, and where it begins, in UTF-16 units. */
type Piece = { readonly text: string; readonly at: number }

/**
 * What is wrong with a model's name and with a version, explained. A name is `[host/][namespace/]model[:tag]`: Ollama's grammar,
 * wide enough for the names of the others (`author/slug:free`, `publisher/model@q4`, `user.NAME`). Upper and lower case stay.
 */
export const validateName = (name: string, version: string | undefined): NameVerdict => {
  const checkedName = checkName(name)
  const checkedVersion = version === undefined ? null : checkVersion(version)
  return {
    valid: checkedName.valid && (checkedVersion?.valid ?? true),
    name: checkedName,
    version: checkedVersion,
  }
}

const checkName = (name: string): CheckedName => {
  if (name === '') return failed([{ part: 'name', message: 'A name is missing, like qwen3:8b.', at: null }])
  const first = wholeProblems(name)
  const known = new Set(first.map(({ at }) => at))
  const { pieces, problems } = split(name)
  const all = [...first, ...[...problems, ...piecesProblems(pieces, name)].filter(({ at }) => !known.has(at))]
  const { model } = pieces
  if (all.length > 0 || model === null) return failed(all)
  const parts: Parts = {
    host: pieces.host?.text ?? null,
    namespace: pieces.namespace?.text ?? null,
    model: model.text,
    tag: pieces.tag?.text ?? null,
  }
  return { valid: true, normalized: normalize(parts, name), parts, problems: [] }
}

const failed = (problems: NameProblem[]): CheckedName => ({ valid: false, normalized: null, parts: null, problems })

/** What belongs to no part of a name. */
const wholeProblems = (name: string): NameProblem[] => {
  const problems: NameProblem[] = []
  const add = (at: number, message: string) => at !== -1 && problems.push({ part: 'name', message, at })
  const shown = (at: number) => visibleText(String.fromCodePoint(name.codePointAt(at) ?? 0))
  const blankAtEnd = name.trimEnd().length
  if (name !== name.trimStart()) add(0, 'There is a blank in front of the name: leave it out.')
  if (blankAtEnd < name.length && blankAtEnd > 0) add(blankAtEnd, 'There is a blank behind the name: leave it out.')
  if (schemeOf(name) !== '') add(0, `A name has no ${schemeOf(name)}: begin with the host.`)
  const control = name.search(controlCharacter)
  add(control, `${shown(control)} is a control character: leave it out.`)
  const bidi = name.search(bidiCharacter)
  add(bidi, `${shown(bidi)} turns the direction of the text, so that a name looks like another: leave it out.`)
  const invisible = name.replace(hidden, (found) => '-'.repeat(found.length)).search(invisibleCharacter)
  add(invisible, `${shown(invisible)} cannot be seen: leave it out.`)
  add(name.indexOf('\\'), 'Parts are separated by / and not by \\.')
  add(name.search(digest), 'A digest behind @ names no model: name it by its tag, like qwen3:8b.')
  return problems
}
const hidden = new RegExp(`${bidiCharacter.source}|${controlCharacter.source}`, 'gu')
const digest = /@sha\d{1,3}[:-]/i
const schemeOf = (name: string): string => /^[a-z][a-z\d+.-]{0,30}:\/\//i.exec(name)?.[0] ?? ''

type Pieces = {
  readonly host: Piece | null
  readonly namespace: Piece | null
  readonly model: Piece | null
  readonly tag: Piece | null
}
const nothing: Pieces = { host: null, namespace: null, model: null, tag: null }

const split = (name: string): { pieces: Pieces; problems: NameProblem[] } => {
  const start = schemeOf(name).length
  const end = name.search(digest)
  const segments: Piece[] = []
  let at = start
  for (const text of name.slice(start, end === -1 ? undefined : end).split('/', 5)) {
    segments.push({ text, at })
    at += text.length + 1
  }
  const fourth = segments[3]
  if (fourth) {
    const message = 'A name has at most three parts with / between them: host/namespace/model.'
    return { pieces: nothing, problems: [{ part: 'name', message, at: fourth.at - 1 }] }
  }
  const last = segments.at(-1) ?? { text: '', at: start }
  const colon = last.text.indexOf(':')
  const model = colon === -1 ? last : { text: last.text.slice(0, colon), at: last.at }
  const tag = colon === -1 ? null : { text: last.text.slice(colon + 1), at: last.at + colon + 1 }
  const [host = null, namespace = null] =
    segments.length === 3 ? segments : [null, segments.length === 2 ? segments[0] : null]
  return { pieces: { host, namespace, model, tag }, problems: [] }
}

const piecesProblems = ({ host, namespace, model, tag }: Pieces, name: string): NameProblem[] => {
  if (host === null && namespace !== null && isHost(namespace.text))
    return [
      {
        part: 'namespace',
        message: `"${namespace.text}" is a host; between it and the model stands a namespace, like ${namespace.text}/library/${visibleText(model?.text || 'model')}.`,
        at: namespace.at,
      },
    ]
  const place = (piece: Piece) => ({ ...piece, whole: name })
  return [
    ...(host ? partProblems('host', place(host)) : []),
    ...(namespace ? partProblems(host ? 'namespace below a host' : 'namespace', place(namespace)) : []),
    ...(model ? modelProblems(model, name, host !== null) : []),
    ...(tag ? partProblems('tag', place(tag)) : []),
  ]
}

/** LM Studio, whose names have no hosts, writes one of several files of a model behind an @: `publisher/model@q4_k_m`. */
const modelProblems = ({ text, at }: Piece, whole: string, hasHost: boolean): NameProblem[] => {
  const sign = hasHost ? -1 : text.indexOf('@')
  if (sign === -1) return partProblems('model', { text, at, whole })
  return [
    ...partProblems('model', { text: text.slice(0, sign), at, whole }),
    ...partProblems('variant', { text: text.slice(sign + 1), at: at + sign + 1, whole }),
  ]
}

/** Where a name of two parts begins with what can only be a host. */
const isHost = (text: string): boolean =>
  /^[\w.-]{1,350}:\d{1,5}$/.test(text) || /^(hf\.co|huggingface\.co|registry\.ollama\.ai|localhost)$/i.test(text)

/**
 * Only Ollama's names have hosts, so there its own rules hold: its registry and `library` are left out, the tag is shown. Of
 * any other name nobody knows what a missing part stands for.
 */
const normalize = ({ host, namespace, model, tag }: Parts, name: string): string => {
  if (host === null || namespace === null) return name
  const tagged = `${model}:${tag ?? 'latest'}`
  if (host.toLowerCase() !== 'registry.ollama.ai') return `${host}/${namespace}/${tagged}`
  return namespace.toLowerCase() === 'library' ? tagged : `${namespace}/${tagged}`
}
