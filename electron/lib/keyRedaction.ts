/**
 * From here on a key is taken out of good answers too. A shorter one is a word like `lemonade` or `EMPTY`, which servers that
 * want no key are given, and which stands in what they say for other reasons.
 */
const leastInAnswers = 16
/** Below this a key is part of any sentence. */
const leastInFaults = 4
/** Below this its Base64 is part of any text. */
const leastEncoded = 12
/** Deeper JSON is no answer to us; its depth must not become ours. */
const maxDepth = 100

const removed = '[key removed]'

/**
 * Takes the key that was sent out of what comes back. A server that repeats it, as hostile and merely careless ones do, would
 * carry it into lists, errors, the catalog and the log. What a server gives in pieces, or hides well, stays hidden from this.
 */
export const createKeyRedaction = () => {
  let key = ''
  let forms: readonly string[] = []
  const text = (foreign: string): string =>
    forms.reduce((rest, form) => (rest.includes(form) ? rest.replaceAll(form, removed) : rest), foreign)
  const json = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') return text(value)
    if (typeof value !== 'object' || value === null) return value
    if (depth === maxDepth) return null
    if (Array.isArray(value)) return value.map((each) => json(each, depth + 1))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [text(name), json(each, depth + 1)]))
  }
  return {
    sent: (sent: string): void => {
      if (sent === key) return
      key = sent
      forms = formsOf(sent)
    },
    /** Of an answer as it came. */
    answer: (foreign: string): string => (key.length < leastInAnswers ? foreign : text(foreign)),
    /** A text that comes in pieces, which may cut the key anywhere, in others that do not. */
    pieces: async function* (foreign: AsyncIterable<string>): AsyncGenerator<string> {
      let rest = ''
      for await (const piece of foreign) {
        rest = key.length < leastInAnswers ? rest + piece : text(rest + piece)
        const held = key.length < leastInAnswers ? 0 : Math.max(...forms.map((form) => form.length))
        if (rest.length > held) yield rest.slice(0, rest.length - held)
        rest = rest.slice(Math.max(0, rest.length - held))
      }
      if (rest !== '') yield rest
    },
    /** Of JSON that was parsed from `source`: only escaped letters can hide in it what was not in its text. */
    answerJson: (value: unknown, source: string): unknown =>
      key.length < leastInAnswers || !/\\u00|\\\//i.test(source) ? value : json(value),
    /** Of what becomes part of an error. */
    fault: (foreign: string): string => (key.length < leastInFaults ? foreign : text(foreign)),
    faultJson: (value: unknown): unknown => (key.length < leastInFaults ? value : json(value)),
  }
}
export type KeyRedaction = ReturnType<typeof createKeyRedaction>

const formsOf = (key: string): string[] => {
  const plain = [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key), encodeURIComponent(key).toLowerCase()]
  const encoded = key.length < leastEncoded ? [] : [Buffer.from(key).toString('hex'), ...base64Forms(key)]
  return [...new Set([...plain, ...encoded])]
}

/** Its Base64, also behind `Bearer ` or a user name: where it begins among the three bytes of a group changes all letters. */
const base64Forms = (key: string): string[] =>
  [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(key)])
      .toString('base64')
      .replace(/=+$/, '')
    // the outer letters depend on the neighbours
    const own = whole.slice(before === 0 ? 0 : before + 1, (before + Buffer.byteLength(key)) % 3 === 0 ? undefined : -1)
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
