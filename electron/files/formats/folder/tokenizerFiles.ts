import type { ModelRole } from '../../../../shared/contract/models.ts'
import { FormatError } from '../formatError.ts'
import { createJsonScanner, type JsonVisitor } from '../json/jsonStream.ts'
import type { FolderReader } from './folderReader.ts'

export interface TokenizerFacts {
  /** for people: `BPE`, `SentencePiece` … */
  readonly kind: string | null
  /** the file it is in; null: there is none */
  readonly file: string | null
  /** the largest id of the vocabulary, and of what was added to it */
  readonly largestId: number | null
  readonly largestAddedId: number | null
}

/** By what programs take first. */
const vocabularies: readonly (readonly [name: RegExp, kind: string])[] = [
  [/^tokenizer\.json$/, 'tokenizers'],
  [/^tokenizer\.model(\.v\d\w*)?$/, 'SentencePiece'],
  [/^(spiece|sentencepiece(\.bpe)?|spm|source)\.(model|spm)$/, 'SentencePiece'],
  [/^tekken\.json$/, 'Tekken'],
  [/\.tiktoken$/, 'tiktoken'],
  [/^vocab\.(txt|json)$/, 'vocabulary'],
  [/^(shared_)?vocabulary\.(txt|json)$/, 'vocabulary'],
  [/^tokenization_\w+\.py$/, 'Python code of its own'],
  [/^(tokenizer|openvino_tokenizer)\.(xml|bin)$/, 'OpenVINO'],
]

const needsTokenizer = new Set<ModelRole>(['llm', 'embedding', 'reranker', 'text-encoder', 'classifier'])

export const readTokenizer = async (reader: FolderReader, prefix = ''): Promise<TokenizerFacts> => {
  const own = reader.names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
  for (const [pattern, kind] of vocabularies) {
    const base = own.find((name) => pattern.test(name))
    if (base === undefined) continue
    if (base !== 'tokenizer.json') return { kind, file: prefix + base, largestId: null, largestAddedId: null }
    return await scanTokenizer(reader, prefix + base)
  }
  return { kind: null, file: null, largestId: null, largestAddedId: null }
}

export const checkTokenizer = (
  reader: FolderReader,
  tokenizer: TokenizerFacts,
  role: ModelRole,
  vocabSize: number | null,
): void => {
  const { file, largestId, largestAddedId } = tokenizer
  if (file === null) {
    if (needsTokenizer.has(role) && role !== 'classifier')
      reader.meaning.add('warning', 'no-tokenizer', noTokenizer(role), {
        advice: 'Load the tokenizer files of the same model into this folder.',
      })
    return
  }
  if (vocabSize === null || largestId === null) return
  if (largestId >= vocabSize)
    reader.meaning.add(
      'warning',
      'vocabulary-too-large',
      `The tokenizer has ids up to ${largestId}; the model knows ${vocabSize} tokens.`,
      { file },
    )
  else if (largestAddedId !== null && largestAddedId >= vocabSize)
    reader.meaning.add(
      'note',
      'added-token-outside',
      `A token that was added has the id ${largestAddedId}; the model knows ${vocabSize} tokens.`,
      { file },
    )
  else reader.meaning.passed('vocabulary-fits', `Every id of the tokenizer is below the ${vocabSize} of the model.`)
}

const noTokenizer = (role: ModelRole): string =>
  role === 'llm'
    ? 'There is no tokenizer: the model cannot chat or write from this folder alone.'
    : 'There is no tokenizer: the model cannot read text from this folder alone.'

const chunk = 1 << 20
/** The largest known have some 40 MB. */
const mostBytes = 128 << 20
const deepest = 64
const longestPart = 16 << 20

/** Goes through the file without keeping its words: `model.vocab` and `added_tokens` have the ids. */
const scanTokenizer = async (reader: FolderReader, name: string): Promise<TokenizerFacts> => {
  const state = createIdVisitor()
  const facts = (): TokenizerFacts => ({
    kind: state.kind() ?? 'tokenizers',
    file: name,
    largestId: state.largest(),
    largestAddedId: state.largestAdded(),
  })
  try {
    await reader.use(name, async (file) => {
      if (file.sizeBytes > mostBytes)
        throw new FormatError('HEADER_TOO_LARGE', `It has ${file.sizeBytes} bytes; ${mostBytes} are read at most.`)
      const scanner = createJsonScanner(state.visitor, deepest)
      let rest = Buffer.alloc(0)
      for (let offset = 0; offset < file.sizeBytes || file.sizeBytes === 0; ) {
        reader.options.signal?.throwIfAborted()
        const read = await file.read(offset, Math.min(chunk, file.sizeBytes - offset))
        offset += read.length
        const bytes = rest.length === 0 ? read : Buffer.concat([rest, read])
        rest = Buffer.from(bytes.subarray(scanner.feed(bytes, offset >= file.sizeBytes)))
        if (rest.length > longestPart) throw new FormatError('STRING_TOO_LONG', 'One of its strings is endless.')
        if (file.sizeBytes === 0) break
      }
    })
    return facts()
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    reader.structure.add('broken', 'bad-json', `${name} cannot be read. ${error.message}`, {
      file: name,
      offset: error.offset,
    })
    return { ...facts(), largestId: null, largestAddedId: null }
  }
}

const createIdVisitor = () => {
  /** keys from the top; a number counts the elements of an array */
  const path: (string | number)[] = []
  const kinds: ('object' | 'array')[] = []
  let key = ''
  let kind: string | null = null
  let largest: number | null = null
  let added: number | null = null
  const isVocabulary = () => path[0] === 'model' && path[1] === 'vocab'
  const isAdded = () => path[0] === 'added_tokens' && path.length === 3
  const enter = () => {
    if (kinds.at(-1) === 'array') path[path.length - 1] = Number(path.at(-1)) + 1
  }
  const bump = (value: number, old: number | null) => (Number.isSafeInteger(value) && value > (old ?? -1) ? value : old)
  const visitor: JsonVisitor = {
    open(opened) {
      enter()
      // Unigram: the place in the list is the id
      if (opened === 'array' && isVocabulary() && path.length === 3) largest = bump(Number(path[2]), largest)
      kinds.push(opened)
      path.push(opened === 'array' ? -1 : '')
    },
    close() {
      kinds.pop()
      path.pop()
    },
    key(read) {
      // the words of a vocabulary are not needed
      key = path.length <= 2 || path.length === 3 ? (isVocabulary() ? '' : read()) : ''
      path[path.length - 1] = key
    },
    text(read) {
      enter()
      if (path.length === 2 && path[0] === 'model' && path[1] === 'type') kind = read().slice(0, 40)
    },
    number(read) {
      enter()
      if (isVocabulary() && path.length === 3 && kinds.at(-1) === 'object') largest = bump(read(), largest)
      else if (isAdded() && path[2] === 'id') added = bump(read(), added)
    },
    literal: enter,
  }
  return { visitor, kind: () => kind, largest: () => largest, largestAdded: () => added }
}
