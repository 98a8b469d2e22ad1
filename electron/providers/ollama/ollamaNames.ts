import { AppError } from '../../lib/appError.ts'

/** The parts of a name as Ollama reads it. Null: not given, so its default holds. */
export interface OllamaName {
  readonly host: string | null
  readonly namespace: string | null
  readonly model: string
  readonly tag: string | null
}

const defaultHost = 'registry.ollama.ai'
const defaultNamespace = 'library'
const first = 'A-Za-z0-9_'
const rules = {
  host: { pattern: new RegExp(`^[${first}][${first}.:-]{0,349}$`), others: '. : - _', most: 350 },
  namespace: { pattern: new RegExp(`^[${first}][${first}-]{0,79}$`), others: '- _, and no dot', most: 80 },
  model: { pattern: new RegExp(`^[${first}][${first}.-]{0,79}$`), others: '. - _', most: 80 },
  tag: { pattern: new RegExp(`^[${first}][${first}.-]{0,79}$`), others: '. - _', most: 80 },
} as const

/**
 * `[scheme://][host/][namespace/]model[:tag]`
 * @throws AppError NAME_INVALID
 */
export const parseOllamaName = (text: string): OllamaName => {
  const parts = text.replace(/^[a-z][a-z\d+.-]*:\/\//i, '').split('/')
  if (parts.length > 3) throw invalid(text, 'it has more than host, namespace and model between its slashes')
  const last = parts.at(-1) ?? ''
  const colon = last.indexOf(':')
  const model = check('model', colon === -1 ? last : last.slice(0, colon), text)
  const tag = colon === -1 ? null : check('tag', last.slice(colon + 1), text)
  const namespace = parts.at(-2)
  const host = parts.at(-3)
  return {
    host: host === undefined ? null : check('host', host, text),
    namespace: namespace === undefined ? null : check('namespace', namespace, text),
    model,
    tag,
  }
}

const check = (part: keyof typeof rules, value: string, text: string): string => {
  const { pattern, others, most } = rules[part]
  if (pattern.test(value)) return value
  const wrong = value === '' ? `its ${part} is empty` : `its ${part} "${value.slice(0, 100)}" is not one`
  throw invalid(text, `${wrong}: 1–${most} of A–Z a–z 0–9 ${others}, beginning with a letter, a digit or _`)
}

const invalid = (text: string, why: string) =>
  new AppError('NAME_INVALID', `Ollama cannot use the name "${text.slice(0, 200)}": ${why}.`)

/** A name that a new model may have. Under the tags `local` and `cloud` Ollama would make it and never find it again. */
export const parseNewName = (text: string): OllamaName => {
  const name = parseOllamaName(text)
  if (name.tag !== null && /^(local|cloud|.*-cloud)$/i.test(name.tag))
    throw invalid(text, `Ollama takes the tag "${name.tag}" for the place where a model runs, and would not find it`)
  return name
}

/** As Ollama lists it: without defaults, the tag always there. */
export const listedName = ({ host, namespace, model, tag }: OllamaName): string => {
  const named = `${model}:${tag ?? 'latest'}`
  const isDefaultHost = host === null || host.toLowerCase() === defaultHost
  if (!isDefaultHost) return `${host}/${namespace ?? defaultNamespace}/${named}`
  return namespace === null || namespace.toLowerCase() === defaultNamespace ? named : `${namespace}/${named}`
}

/** As Ollama compares names: any case, with or without its defaults. A text that is no name is compared as it is. */
export const comparable = (key: string): string => {
  try {
    return listedName(parseOllamaName(key)).toLowerCase()
  } catch {
    return key.toLowerCase() // a server may list what it would not take
  }
}

/** Only these can be uploaded: what has no namespace of its own belongs to Ollama's library. */
export const hasNamespace = (key: string): boolean => {
  const name = comparable(key)
  return name.slice(0, name.lastIndexOf(':')).includes('/')
}
