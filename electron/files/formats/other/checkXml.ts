import type { ByteSource } from '../byteSource.ts'
import type { Findings } from '../findings.ts'

const mostBytes = 8 << 20

/** The text of an XML file, up to 8 MiB, and whether that was all. */
export const xmlText = async (source: ByteSource): Promise<{ readonly text: string; readonly isWhole: boolean }> => {
  const bytes = await source.read(0, Math.min(mostBytes, source.sizeBytes))
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return { text, isWhole: source.sizeBytes <= mostBytes }
}

/** An XML parser that follows entities reads files and addresses of the writer's choice. No model needs one. */
export const checkEntities = (text: string, isWhole: boolean, safety: Findings): void => {
  // UTF-16 would hide every word from a search for ASCII
  if (/^(\xff\xfe|\xfe\xff|<\0|\0<)/.test(text))
    safety.add(
      'dangerous',
      'xml-hidden',
      'The text is in UTF-16, which hides what is in it from many checks. Model formats use UTF-8.',
    )
  const found = ['<!DOCTYPE', '<!ENTITY'].find((word) => text.toUpperCase().includes(word))
  if (found !== undefined)
    safety.add(
      'dangerous',
      'xml-entities',
      `The text has ${found}: an XML reader that follows it opens files or addresses of the writer’s choice.`,
      { offset: text.toUpperCase().indexOf(found), text: found },
    )
  else if (!isWhole) safety.add('unknown', 'partial-check', 'Only the first 8 MiB of the text were looked at.')
  else safety.passed('xml-entities', 'The text has no entities: it leads nowhere else.')
}
