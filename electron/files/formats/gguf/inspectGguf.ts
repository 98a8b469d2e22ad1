import type { ChatTemplate, Inspection, ModelFileSummary, TensorRow } from '../modelFile.ts'
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
    summary,
    facts: ggufFacts(summary, metadata),
    metadata,
    tensors: parts.flatMap(tensorRows),
    templates: templatesOf(first),
  }
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
