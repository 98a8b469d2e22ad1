import type { Check } from '../../../../shared/contract/checks.ts'
import { createFindings } from '../findings.ts'
import type { ChatTemplate, Inspection, ModelFileSummary, TensorRow } from '../modelFile.ts'
import { count } from '../words.ts'
import { describeMetadata } from './describeMetadata.ts'
import { ggufFacts } from './ggufFacts.ts'
import type { GgufFile } from './ggufFile.ts'

export interface GgufPart {
  /** null: the model is this one file */
  readonly fileName: string | null
  readonly file: GgufFile
}

/**
 * Everything of one model, from its first part's metadata and all parts' tensors.
 * @param summary of all parts together
 */
export const inspectGguf = (summary: ModelFileSummary, parts: readonly [GgufPart, ...GgufPart[]]): Inspection => {
  const [{ file: first }] = parts
  const metadata = describeMetadata(first)
  return {
    summary: { ...summary, checks: [...passedChecks(summary, parts), ...summary.checks] },
    facts: ggufFacts(summary, metadata),
    metadata,
    tensors: parts.flatMap(tensorRows),
    templates: templatesOf(first),
  }
}

/** What the readers and `checkMeaning` went through without a finding of its own: a file that gets here has passed it. */
const passedChecks = (summary: ModelFileSummary, parts: readonly GgufPart[]): readonly Check[] => {
  const structure = createFindings('structure')
  const keys = parts.reduce((sum, { file }) => sum + file.metadata.size, 0)
  structure.passed(
    'header',
    `GGUF ${summary.formatVersion}, ${count(keys, 'key')}, none twice and all of a known type.`,
  )
  if (parts.length > 1) structure.passed('shards', `All ${parts.length} parts are there and belong together.`)
  if (summary.tensorCount > 0)
    structure.passed(
      'tensors',
      `${count(summary.tensorCount, 'tensor')}, one behind the other and all inside the file.`,
    )
  const meaning = createFindings('meaning')
  if (summary.architecture !== null && summary.loadable)
    meaning.passed(
      'architecture',
      `Architecture ${summary.architecture.slice(0, 100)}: nothing that llama.cpp refuses was found.`,
    )
  return [...structure.list, ...meaning.list]
}

const tensorRows = ({ fileName, file }: GgufPart): TensorRow[] =>
  file.tensors.map(({ name, type, dimensions, elements, sizeBytes, offset }) => ({
    name,
    type: type.name,
    shape: dimensions.toReversed(),
    elements,
    bytes: sizeBytes,
    offset: file.dataOffset + offset,
    file: fileName,
  }))

/** One by default, others by a name behind it; `tokenizer.chat_templates` only lists those names. */
const templateKey = /^tokenizer\.chat_template(?:\.(.+))?$/

const templatesOf = ({ metadata }: GgufFile): ChatTemplate[] =>
  [...metadata.values()].flatMap(({ key, value }) => {
    const match = templateKey.exec(key)
    return match && typeof value === 'string' ? [{ name: match[1] ?? 'default', text: value, source: key }] : []
  })
