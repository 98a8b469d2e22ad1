/** SentencePiece's stand-in for a space. */
const space = '\u2581'
const specials = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>']
export const tokenIds = { unknown: 0, begin: 1, end: 2, endOfTurn: 4 } as const

/** As numbered in GGUF files. */
const tokenTypes = { normal: 1, unknown: 2, control: 3, byte: 6 } as const

/** The first ones are for control and for single bytes; from here on they are text. */
export const firstTextToken = specials.length + 256
/** Enough for the letters, so that any text can be written. */
export const smallestVocabulary = firstTextToken + 64

/** Syllables, then words of two, of three …: pronounceable nonsense. */
function* words(): Generator<string> {
  const syllables = [...'bdfghjklmnprstvwz'].flatMap((consonant) => [...'aeiou'].map((vowel) => consonant + vowel))
  let level = ['']
  for (;;) {
    const longer: string[] = []
    for (const start of level) {
      for (const syllable of syllables) {
        longer.push(start + syllable)
        yield start + syllable
      }
    }
    level = longer
  }
}

/** A vocabulary of the SentencePiece kind, of exactly `size` different tokens. */
export const sampleVocabulary = (size: number) => {
  if (size < smallestVocabulary) throw new RangeError(`a vocabulary needs at least ${smallestVocabulary} tokens`)
  const tokens = [...specials]
  const types: number[] = [tokenTypes.unknown, ...specials.slice(1).map(() => tokenTypes.control)]
  for (let byte = 0; byte < 256; byte++) {
    tokens.push(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
    types.push(tokenTypes.byte)
  }
  tokens.push(space, ...'abcdefghijklmnopqrstuvwxyz', ...'.,!?')
  for (const word of words()) {
    if (tokens.length >= size) break
    tokens.push(space + word)
  }
  while (types.length < tokens.length) types.push(tokenTypes.normal)
  return {
    tokens,
    types,
    // Shorter words come first and win, so that text is cut the same way everywhere.
    scores: types.map((type, index) => (type === tokenTypes.normal ? firstTextToken - index : 0)),
  }
}
